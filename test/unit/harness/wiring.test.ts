import assert from "node:assert/strict";

import type { Edge } from "../../cluster/edges";
import { LiveObjects } from "../../cluster/wiring/liveObjects";
import { brokenMonitors } from "../../cluster/wiring/monitors";
import { networkDifferences } from "../../cluster/wiring/reachability";
import { brokenReferences } from "../../cluster/wiring/secrets";
import { brokenSelectors } from "../../cluster/wiring/selectors";
import type { Change } from "./changes";
import { HOPS } from "./hops";
import { WIRED_WORLD } from "./wiredWorld";

const EDGES: readonly Edge[] = [
    {
        why: "Prometheus scrapes Redis",
        from: /^monitoring\/prometheus-0$/,
        to: /^prod\/cache-0$/,
        ports: [9121],
    },
    { why: "a backup reads it", from: /^prod\/backup-0$/, to: /^prod\/cache-0$/, ports: [9121] },
];

function problems(objects: LiveObjects): string[] {
    return [
        ...brokenMonitors(objects),
        ...brokenReferences(objects),
        ...brokenSelectors(objects),
        ...networkDifferences(objects, EDGES).filter((line) => !line.includes("-> monitoring/")),
    ];
}

/** The world with one object replaced, or taken away. */
function broken(kind: string, name: string, change: Change): LiveObjects {
    const changed = WIRED_WORLD.flatMap((each) =>
        each.kind === kind && each.metadata.name === name ? (change(each) ?? []) : [each],
    );
    return new LiveObjects(changed);
}

describe("The wiring proof", () => {
    it("finds nothing where everything is right", () => {
        assert.deepEqual(problems(new LiveObjects(WIRED_WORLD)), []);
    });

    for (const [what, kind, name, change, message] of HOPS) {
        it(`names the hop that breaks: ${what}`, () => {
            const found = problems(broken(kind, name, change));
            assert.ok(
                found.some((line) => message.test(line)),
                `none of these is ${message}:\n${found.join("\n")}`,
            );
        });
    }
});
