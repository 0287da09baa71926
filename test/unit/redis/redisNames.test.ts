import assert from "node:assert/strict";

import { redisManifests } from "../../../components/redis/redisSpecs";
import { crossFieldProblems } from "../../../components/stack/config";
import { operatorServices } from "../../../lab/redisServices";
import { exampleSettings, INSTANCES, MODES } from "../../support/exampleConfig";

type Mode = (typeof MODES)[number];

/** Every suffix that the operator gives a name. */
const SUFFIXES = [
    "-headless",
    "-additional",
    "-metrics",
    "-master",
    "-replica",
    "-sentinel",
    "-sentinel-metrics",
    "-leader",
    "-follower",
    "-leader-headless",
    "-b",
];

/** Names of the Services that the operator makes of an instance; its StatefulSets have the names of some. */
function services(name: string, mode: Mode): string[] {
    const args = { name, settings: INSTANCES[mode], passwordSecret: "", storageClass: "" };
    return redisManifests(args).flatMap(({ kind }) =>
        operatorServices(kind, name, {}).map((service) => service.name),
    );
}

describe("Names of two instances", () => {
    for (const mode of MODES) {
        it(`are refused with one in mode ${mode} exactly when the operator would make an object twice`, () => {
            for (const suffix of SUFFIXES) {
                for (const other of MODES) {
                    const instances = { a: INSTANCES[mode], [`a${suffix}`]: INSTANCES[other] };
                    const problems = crossFieldProblems(
                        exampleSettings({
                            redis: {
                                orders: {
                                    create: true,
                                    podSecurity: "restricted",
                                    isolate: "redis",
                                    clientNamespaces: [],
                                    instances,
                                },
                            },
                        }),
                    );
                    const taken = services("a", mode);
                    const collide = services(`a${suffix}`, other).some((each) =>
                        taken.includes(each),
                    );
                    assert.equal(problems.length > 0, collide, `a${suffix} in mode ${other}`);
                }
            }
        });
    }
});
