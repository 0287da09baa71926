import assert from "node:assert/strict";

import type { Generated } from "../../../../commands/drill/generated";
import { podHost, redisObjects } from "../../../../commands/drill/node/redisObjects";
import { PodSpec, podSpecs } from "../../../../commands/drill/podSpecs";
import { ofKind, textAt, valueAt } from "../../../../lab/program/objects";
import { everyModeRun } from "../../../../lab/program/runs";

/** The pods of the sentinel instance `watched`: three Redis and three Sentinels. */
async function watched(): Promise<PodSpec[]> {
    const run = await everyModeRun();
    const redis = ofKind(run, "RedisReplication", "RedisSentinel").filter(
        ({ name }) => name === "watched",
    );
    const generated: Pick<Generated, "redis" | "password"> = { redis, password: () => "secret" };
    return podSpecs(generated, 10, (pod, app, { kind }) => ({
        host: podHost(pod, app),
        port: kind === "RedisSentinel" ? 26379 : 6379,
    }));
}

const MASTER = "watched-0.watched-headless.prod.svc.cluster.local 6379";

describe("the Redis pods of a fire drill", () => {
    it("are as many as the custom resources ask for, and follow the first one", async () => {
        const pods = await watched();
        const following = pods.map(({ name, config }) => [
            name,
            config.filter((line) => line.startsWith("replicaof")),
        ]);
        assert.deepEqual(following.slice(0, 3), [
            ["watched-0", []],
            ["watched-1", [`replicaof ${MASTER}`]],
            ["watched-2", [`replicaof ${MASTER}`]],
        ]);
        assert.equal(pods.length, 6);
    });

    it("have the maxmemory that the program generates", async () => {
        const [master] = await watched();
        // 75 % of 256Mi.
        assert.ok(master?.config.includes(`maxmemory ${192 * 2 ** 20}`));
    });

    it("have Sentinels with the program's quorum and a tenth of the operator's times", async () => {
        const sentinel = (await watched()).find(({ name }) => name === "watched-sentinel-0");
        assert.ok(sentinel?.config.includes(`sentinel monitor mymaster ${MASTER} 2`));
        assert.ok(sentinel?.config.includes("sentinel down-after-milliseconds mymaster 3000"));
    });

    it("are behind the operator's Services, whose selectors they have", async () => {
        const pods = (await watched()).filter(({ app }) => app === "watched");
        const objects = redisObjects(pods) as { kind: string; metadata: { name: string } }[];
        const workload = objects.find(({ kind }) => kind === "StatefulSet");
        const labels = valueAt(workload, "spec", "template", "metadata", "labels");
        const services = objects.filter(({ kind }) => kind === "Service");
        assert.deepEqual(services.map(({ metadata }) => metadata.name).sort(), [
            "watched",
            "watched-additional",
            "watched-headless",
            "watched-master",
            "watched-metrics",
            "watched-replica",
        ]);
        for (const service of services) {
            assert.equal(textAt(service, "spec", "selector", "app"), textAt(labels, "app"));
        }
    });

    it("offer the exporter's port by the name that the ServiceMonitor asks for", async () => {
        const run = await everyModeRun();
        const monitor = ofKind(run, "ServiceMonitor").find(({ name }) => name === "watched");
        const wanted = textAt(monitor?.manifest, "spec", "endpoints", "0", "port");
        const pods = (await watched()).filter(({ app }) => app === "watched");
        const metrics = (redisObjects(pods) as { kind: string; metadata: { name: string } }[]).find(
            ({ metadata }) => metadata.name === "watched-metrics",
        );
        assert.deepEqual(valueAt(metrics, "spec", "ports"), [
            { name: wanted, port: 9121, targetPort: 9121 },
        ]);
    });
});
