import assert from "node:assert/strict";

import { REDIS_CRDS, withoutDescriptions } from "../../../components/redis/redisOperatorCrds";
import { valueAt } from "../../../lab/program/objects";
import { stackRun } from "../../../lab/program/runs";

describe("CRDs of the Redis operator", () => {
    it("are declared without texts, and with every property, also one that is called description", () => {
        const schema = {
            description: "A Redis",
            properties: {
                description: { type: "string", description: "A text" },
                spec: { default: { description: "kept" }, items: [{ description: "gone" }] },
            },
        };
        assert.deepEqual(withoutDescriptions(schema), {
            properties: {
                description: { type: "string" },
                spec: { default: { description: "kept" }, items: [{}] },
            },
        });
    });

    it("are taken over from whoever applied them before: a destroyed stack leaves them", async () => {
        const { registrations } = await stackRun("staging");
        const crds = registrations.filter(({ type }) => type.endsWith(":CustomResourceDefinition"));
        assert.deepEqual(crds.map(({ name }) => name).sort(), [...REDIS_CRDS].sort());
        for (const { inputs, name } of crds) {
            const forced = valueAt(inputs, "metadata", "annotations", "pulumi.com/patchForce");
            assert.equal(forced, "true", name);
        }
    });
});
