import assert from "node:assert/strict";

import { redisLines } from "../../../commands/preview/redis";
import { find, valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";

const SIZE = { memory: "256Mi", storageSize: "1Gi" };
const REDIS = {
    orders: {
        instances: {
            plain: { mode: "sentinel", replicas: 3, ...SIZE },
            sessions: { mode: "standalone", kind: "cache", memory: "256Mi" },
            carts: {
                mode: "cluster",
                shards: 3,
                config: { timeout: 5, "io-threads": 4 },
                ...SIZE,
            },
            mails: {
                mode: "sentinel",
                replicas: 3,
                exporter: { checkSingleKeys: { "queue:mails": {} }, clientList: { clients: 40 } },
                // Its variables are no configuration of Redis.
                tls: {},
                ...SIZE,
            },
        },
    },
};

describe("Preview of Redis", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("staging", { redis: REDIS });
    });

    it("says what changes while it runs and what restarts pods, and nothing of an instance as it is", () => {
        assert.deepEqual(redisLines(run.registrations, { redis: REDIS }), [
            'orders/sessions: changed while it runs: appendonly no; maxmemory-policy allkeys-lru; save ""',
            "orders/carts: changed while it runs: timeout 5",
            "orders/carts: its pods restart one by one for a change of io-threads 4",
            // A key and 40 connections; Sentinels have neither.
            "orders/mails: its exporters add up to 123 series, 41 for each of 3 pods",
        ]);
    });

    it("has the file that pods read in a ConfigMap, made before the resource that names it", () => {
        const carts = find(run, "ConfigMap", "carts-config");
        assert.deepEqual(valueAt(carts.manifest, "data"), {
            "redis-additional.conf": "maxmemory 201326592\nio-threads 4\ntimeout 5\n",
        });
        const { dependencies } = find(run, "RedisCluster", "carts").registration;
        assert.ok(dependencies.includes(carts.registration.urn));
    });

    it("has no ConfigMap for an instance that says nothing", () => {
        assert.throws(() => find(run, "ConfigMap", "plain-config"));
    });
});
