import assert from "node:assert/strict";

import { withoutDescriptions } from "../../../components/redis/redisOperatorCrds";

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
});
