import assert from "node:assert/strict";

import {
    operatorDefect,
    operatorProblems,
    redisDefect,
    versionProblems,
} from "../../../components/redis/redisVersions";
import { CHARTS, IMAGES } from "../../../components/versions";

describe("Versions of Redis", () => {
    const refused: readonly (readonly [string, RegExp])[] = [
        ["7.0.15", /CVE-2025-49844/],
        ["7.2.10", /CVE-2025-49844/],
        ["7.2.13", /CVE-2026-25243/],
        ["7.2.15", /^it has CVE-2026-81934 \([^,]*\)$/],
        ["7.4.5", /CVE-2025-49844/],
        ["8.0.3", /CVE-2025-49844/],
        // No later advisory was mended in that line.
        ["8.0.4", /CVE-2026-25243/],
        ["8.2.1", /CVE-2025-49844/],
        ["8.2.5", /CVE-2026-25243/],
        ["8.4.0", /CVE-2026-25243/],
        ["8.6.2", /CVE-2026-25243/],
        ["8.8.1", /CVE-2026-81934/],
        ["6.2.24", /CVE-2025-49844/],
    ];
    for (const [version, why] of refused) {
        it(`refuse ${version}`, () => assert.match(redisDefect(version) ?? "", why));
    }

    for (const version of [
        "7.2.16",
        "7.4.11",
        "8.2.9",
        "8.4.6",
        "8.6.6",
        "8.8.2",
        "8.10.1",
        "9.0.0",
    ]) {
        it(`allow ${version}`, () => assert.equal(redisDefect(version), undefined));
    }

    it("have one pin for both images, in which nothing is known", () => {
        const [redis, sentinel] = [IMAGES.redis, IMAGES.redisSentinel].map(
            (image) => image.split(":v")[1] ?? "",
        );
        assert.equal(redis, sentinel);
        assert.equal(redisDefect(redis ?? ""), undefined);
    });

    it("say what is wrong, where, and what to do", () => {
        assert.deepEqual(versionProblems("redis.shop.instances.cache", "8.2.5"), [
            {
                path: "redis.shop.instances.cache.version",
                got: '"8.2.5"',
                allowed:
                    "allowed: 7.2.16, 7.4.11, 8.2.9, 8.4.6, 8.6.6, 8.8.2, 8.10.1 or later of the same line, since it has " +
                    "CVE-2026-81934 (a connection by TLS may run code), CVE-2026-25243 (RESTORE may run code); " +
                    "without it, the instance has 8.8.2",
            },
        ]);
    });
});

describe("Versions of the Redis operator", () => {
    it("refuse 0.24, which finds no master after its own restart", () => {
        assert.match(operatorDefect("0.24.0") ?? "", /#1719/);
        assert.equal(operatorProblems("0.24.2")[0]?.path, "redisOperator");
    });

    it("refuse one that empties a cluster", () => {
        assert.match(operatorDefect("0.22.0") ?? "", /#1505/);
    });

    it("allow the pinned one, and what is between two defects", () => {
        assert.equal(operatorDefect(CHARTS.redisOperator.version), undefined);
        assert.equal(operatorDefect("0.23.0"), undefined);
        assert.equal(operatorDefect("0.25.0"), undefined);
        assert.deepEqual(operatorProblems(), []);
    });
});
