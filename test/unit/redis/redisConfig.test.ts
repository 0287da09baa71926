import assert from "node:assert/strict";

import type { RedisInstanceSettings } from "../../../components/redis/instanceSettings";
import {
    configFile,
    configProblems,
    dynamicConfig,
    redisConfig,
    startingConfig,
} from "../../../components/redis/redisConfig";
import { redisManifests } from "../../../components/redis/redisSpecs";
import { valueAt } from "../../../lab/program/objects";
import { INSTANCES, MODES } from "../../support/exampleConfig";

/** 75 % of the examples' 1Gi. */
const MAXMEMORY = "maxmemory 805306368";

function instance(change: Partial<RedisInstanceSettings>): RedisInstanceSettings {
    return { ...INSTANCES.replication, ...change } as RedisInstanceSettings;
}

function specs(settings: RedisInstanceSettings): unknown[] {
    return redisManifests({
        name: "cache",
        settings,
        passwordSecret: "cache-auth",
        storageClass: "",
    }).map(({ spec }) => spec);
}

describe("Configuration of Redis", () => {
    it("of a cache evicts what is used least and writes nothing to the disk", () => {
        const cache = instance({ kind: "cache" });
        assert.equal(
            configFile(cache),
            [MAXMEMORY, "appendonly no", "maxmemory-policy allkeys-lru", 'save ""', ""].join("\n"),
        );
        assert.deepEqual(dynamicConfig(cache), [
            MAXMEMORY,
            "appendonly no",
            "maxmemory-policy allkeys-lru",
            // The operator's value is the text behind the first space: none.
            "save ",
        ]);
        assert.equal(startingConfig(cache), undefined);
    });

    it("of a store refuses writes when it is full, and is on the disk every second", () => {
        assert.deepEqual(dynamicConfig(instance({ kind: "store" })), [
            MAXMEMORY,
            "appendfsync everysec",
            "appendonly yes",
            "maxmemory-policy noeviction",
        ]);
    });

    it("goes before what the kind says", () => {
        const cache = instance({
            kind: "cache",
            config: { "maxmemory-policy": "allkeys-lfu", save: "3600 1" },
        });
        assert.equal(
            configFile(cache),
            [
                MAXMEMORY,
                "appendonly no",
                "maxmemory-policy allkeys-lfu",
                // Lines add up, and the image has three of its own.
                'save ""',
                "save 3600 1",
                "",
            ].join("\n"),
        );
    });

    it("tells a running Redis what it takes, and restarts pods for the rest, with the values to read", () => {
        const settings = instance({
            config: { databases: 32, "io-threads": 4, timeout: 60, "a-later-key": true },
        });
        assert.deepEqual(dynamicConfig(settings), [MAXMEMORY, "timeout 60"]);
        for (const spec of specs(settings)) {
            assert.deepEqual(valueAt(spec, "env"), [
                { name: "PODS_RESTART_FOR", value: "a-later-key yes; databases 32; io-threads 4" },
            ]);
        }
    });

    for (const mode of MODES) {
        it(`of mode ${mode} is where the operator reads it`, () => {
            const settings: RedisInstanceSettings = { ...INSTANCES[mode], kind: "cache" };
            const [spec] = specs(settings);
            const file = (value: unknown) => valueAt(value, "redisConfig", "additionalRedisConfig");
            const read =
                mode === "cluster"
                    ? ["redisLeader", "redisFollower"].map((role) => file(valueAt(spec, role)))
                    : [file(spec)];
            assert.deepEqual(
                read,
                read.map(() => "cache-config"),
            );
            assert.deepEqual(
                valueAt(spec, "redisConfig", "dynamicConfig"),
                dynamicConfig(settings),
            );
        });

        it(`that says nothing leaves mode ${mode} as the image has it`, () => {
            const [spec] = specs(INSTANCES[mode]);
            assert.deepEqual(valueAt(spec, "redisConfig"), {
                maxMemoryPercentOfLimit: 75,
                dynamicConfig: [MAXMEMORY],
            });
            assert.equal(valueAt(spec, "env"), undefined);
        });

        it(`of a cache needs no volume in mode ${mode}`, () => {
            const settings: RedisInstanceSettings = {
                ...INSTANCES[mode],
                storageSize: undefined,
                kind: "cache",
            };
            assert.deepEqual(configProblems("cache", settings), []);
            const [spec] = specs(settings);
            assert.equal(valueAt(spec, "storage", "volumeClaimTemplate"), undefined);
            // The nodes' addresses stay on their volume.
            assert.equal(
                valueAt(spec, "storage", "nodeConfVolume"),
                mode === "cluster" ? true : undefined,
            );
            assert.equal(
                valueAt(spec, "persistenceEnabled"),
                mode === "cluster" ? false : undefined,
            );
        });
    }

    const wrong: Readonly<Record<string, readonly [Partial<RedisInstanceSettings>, string]>> = {
        "the memory that `memory` tells": [
            { config: { maxmemory: "1gb" } },
            'config.maxmemory: got "1gb"; no such key here: it is `memory` times `maxMemoryPercentOfLimit`',
        ],
        "a password": [
            { config: { requirepass: "secret" } },
            'config.requirepass: got "secret"; no such key here: the operator sets it; `redisPasswords` has the password',
        ],
        "addresses that the operator announces": [
            { config: { "cluster-announce-ip": "10.0.0.1" } },
            'config.cluster-announce-ip: got "10.0.0.1"; no such key here: the operator tells clients the pods\' addresses',
        ],
        "a folder": [
            { config: { dir: "/tmp" } },
            'config.dir: got "/tmp"; no such key here: the operator and backups know where the files are',
        ],
        TLS: [
            { config: { "tls-port": 6380 } },
            "config.tls-port: got 6380; no such key here: `tls` has it",
        ],
        "a key by its old name": [
            { config: { "min-slaves-to-write": 1 } },
            "config.min-slaves-to-write: got 1; the key by its name of today, min-replicas-to-write",
        ],
        "a slip": [
            { config: { "maxmemory-polcy": "allkeys-lru" } },
            'config.maxmemory-polcy: got "allkeys-lru"; did you mean "maxmemory-policy"? Redis does not start with a key that it does not know',
        ],
        "more replicas for a write than there are": [
            { config: { "min-replicas-to-write": 3 } },
            "config.min-replicas-to-write: got 3; at most 2, the replicas of a master here: every write would be refused",
        ],
        "databases of a cluster": [
            { ...INSTANCES.cluster, config: { databases: 2 } },
            "config.databases: got 2; no databases in mode cluster, which has the database 0 alone",
        ],
        "data without a volume": [
            { storageSize: undefined },
            "storageSize: got nothing; allowed: a size such as 10Gi; only what writes nothing to the disk, such as `kind: cache`, has no volume",
        ],
        "a cache with snapshots and no volume": [
            { storageSize: undefined, kind: "cache", config: { save: "60 1" } },
            "storageSize: got nothing; allowed: a size such as 10Gi; only what writes nothing to the disk, such as `kind: cache`, has no volume",
        ],
    };
    for (const [what, [change, says]] of Object.entries(wrong)) {
        it(`refuses ${what}`, () => {
            const problems = configProblems("it", instance(change));
            assert.deepEqual(
                problems.map(({ path, got, allowed }) => `${path}: got ${got}; ${allowed}`),
                [`it.${says}`],
            );
        });
    }

    const types: Readonly<Record<string, readonly [unknown, string]>> = {
        "maxmemory-policy": ["lru", "Invalid option"],
        appendonly: ["on", "allowed: yes, no"],
        save: ["3600", "allowed: pairs of seconds and changes"],
        "repl-backlog-size": ["256Mi", "allowed: bytes of Redis, such as 256mb or 1gb"],
        maxclients: ["many", "allowed: a whole number of 1 or more"],
        databases: [5000, "allowed: a whole number from 1 to 1024"],
        "any-other": [["a"], "allowed: a whole number, yes or no, or a text in one line"],
        loglevel: ["notice\nrequirepass x", "allowed: a value of up to 1024 characters"],
    };
    for (const [key, [value, says]] of Object.entries(types)) {
        it(`refuses ${key} ${JSON.stringify(value)}`, () => {
            const { error } = redisConfig.safeParse({ [key]: value });
            assert.equal(error?.issues.length, 1);
            assert.ok(error?.issues[0]?.message.startsWith(says), error?.issues[0]?.message);
        });
    }

    // By hand, of src/config.c: Redis 7.0 to 8 starts with the first, and with none of the second.
    const VALUES: Readonly<Record<string, readonly [right: unknown[], wrong: unknown[]]>> = {
        rdbcompression: [
            [true, false, "yes", "NO"],
            ["on", 1, "true", ""],
        ],
        loglevel: [
            ["debug", "notice", "WARNING"],
            ["loud", "info", 3, true],
        ],
        hz: [
            [10, "100", 0],
            [-1, "fast", 2 ** 31, "10hz", true],
        ],
        "active-expire-effort": [
            [1, 10],
            [0, 11],
        ],
        "list-max-listpack-size": [[-2, 128], ["8kb"]],
        "hash-max-listpack-value": [
            [64, "64", "1kb"],
            [-1, "64Ki", "lots"],
        ],
        "client-query-buffer-limit": [
            ["1gb", 1_048_576],
            ["1kb", 1_048_575],
        ],
        "client-output-buffer-limit": [
            ["normal 0 0 0", "normal 0 0 0 replica 256mb 64mb 60 pubsub 32mb 8mb 60"],
            ["normal", "normal 0 0", "normal 0 0 0 replica", "all 0 0 0", "normal 1Gi 0 0", 5],
        ],
        "latency-tracking-info-percentiles": [
            ["50 99 99.9", "", 50],
            ["101", "p99", "-1"],
        ],
        "shutdown-on-sigterm": [
            ["default", "save now", "nosave force"],
            ["save nosave", "never", true],
        ],
        "oom-score-adj-values": [["0 200 800"], ["0 200", "0 200 3000"]],
        "a-later-key": [["anything", 5, true], [""]],
    };
    for (const [key, [right, wrong]] of Object.entries(VALUES)) {
        it(`takes of ${key} what Redis takes`, () => {
            const refused = (value: unknown): boolean =>
                configProblems("it", instance({ config: { [key]: value as string } })).length > 0;
            assert.deepEqual(right.filter(refused), []);
            assert.deepEqual(
                wrong.filter((value) => !refused(value)),
                [],
            );
        });
    }
});
