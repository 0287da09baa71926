import assert from "node:assert/strict";

import { recordedCrds } from "../../../components/stack/recordedCrds";
import { CHARTS } from "../../../components/versions";

const CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
const manifest = (name: string) => ({ metadata: { name }, spec: { group: name } });

function state(version: string, names: readonly string[]) {
    return [
        {
            ...{ urn: "", name: "redis-operator-release", type: "kubernetes:helm.sh/v3:Release" },
            outputs: { version },
        },
        ...names.map((name) => ({
            ...{ urn: "", type: CRD, name },
            // The API server adds a status to what was asked for.
            outputs: { ...manifest(name), status: {}, __inputs: manifest(name) },
        })),
    ];
}

describe("CRDs of the last update", () => {
    const { version } = CHARTS.redisOperator;

    it("are those of the chart while its version is the same", () => {
        assert.deepEqual(recordedCrds(state(version, ["a", "b"]), ["a", "b"]), [
            manifest("a"),
            manifest("b"),
        ]);
    });

    for (const [what, recorded] of [
        ["of another version of the chart", state("0.0.1", ["a", "b"])],
        ["of which one is missing", state(version, ["a"])],
        ["of a new stack", []],
    ] as const) {
        it(`are read from the chart instead of those ${what}`, () => {
            assert.equal(recordedCrds(recorded, ["a", "b"]), undefined);
        });
    }
});
