import assert from "node:assert/strict";

import { LOG_FIELDS, STREAMS } from "../../components/logging/logSchema";
import { eventually } from "../../lab/tools/commands";
import { needsFluentBit, PipelineLab } from "../support/pipeline/pipelineLab";

/** An event as the API server has it. */
function event(uid: string, resourceVersion: number, change: object = {}): object {
    const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    return {
        apiVersion: "v1",
        kind: "Event",
        metadata: {
            name: `cache-0.${uid}`,
            namespace: "qa",
            uid,
            resourceVersion: String(resourceVersion),
            creationTimestamp: at,
        },
        involvedObject: { kind: "Pod", namespace: "qa", name: "cache-0", apiVersion: "v1" },
        reason: "BackOff",
        message: "Back-off restarting failed container",
        source: { component: "kubelet", host: "node-1" },
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
        type: "Warning",
        ...change,
    };
}

describe("Documents from the cluster's events", function () {
    this.timeout(120_000);
    let lab: PipelineLab | undefined;

    before(function () {
        needsFluentBit(this);
    });
    afterEach(async () => {
        await lab?.close();
        lab = undefined;
    });

    async function open(): Promise<PipelineLab> {
        lab = await PipelineLab.open({ pipeline: "events" });
        return lab;
    }

    const written = (count: number, { elasticsearch }: PipelineLab) =>
        eventually(`${count} events`, 60, () => {
            const found = elasticsearch.of(STREAMS.events);
            return Promise.resolve(found.length >= count ? found : undefined);
        });

    it("have object, reason, level and environment, and no field that the schema does not know", async () => {
        const it = await open();
        it.api.happen(event("a", 11));
        const redis = { apiVersion: "redis.redis.opstreelabs.in/v1beta2", kind: "RedisCluster" };
        it.api.happen(
            event("b", 12, {
                involvedObject: { ...redis, namespace: "orders", name: "orders" },
                type: "Normal",
                reason: "Scaled",
            }),
        );
        await it.fluentBit.start();
        const documents = await written(2, it);
        const [backOff] = documents.filter(({ operation }) => operation === "BackOff");
        for (const [key, value] of Object.entries({
            level: "warning",
            logger: "kubelet",
            msg: "Back-off restarting failed container",
            namespace: "qa",
            pod: "cache-0",
            node: "node-1",
            cluster: "east",
            environment: "staging",
            id: "a-11",
        })) {
            assert.equal(backOff?.[key], value, key);
        }
        const [scaled] = documents.filter(({ operation }) => operation === "Scaled");
        assert.deepEqual(
            [scaled?.instance, scaled?.environment, scaled?.level, scaled?.pod],
            ["orders", "prod", "info", undefined],
        );
        for (const document of documents) {
            assert.deepEqual(
                Object.keys(document).filter((key) => !(key in LOG_FIELDS)),
                [],
            );
        }
    });

    it("come as they happen, each repetition too", async () => {
        const it = await open();
        it.api.happen(event("a", 11));
        await it.fluentBit.start();
        await written(1, it);
        it.api.happen(event("a", 20, { count: 2 }));
        it.api.happen(event("c", 21));
        const ids = (await written(3, it)).map(({ id }) => id);
        assert.deepEqual(ids.sort(), ["a-11", "a-20", "c-21"]);
    });

    it("are not doubled by a restart, which reads the last hour again", async () => {
        const it = await open();
        it.api.happen(event("a", 11));
        it.api.happen(event("b", 12));
        await it.fluentBit.start();
        await written(2, it);
        await it.fluentBit.stop();
        it.api.happen(event("d", 30));
        await it.fluentBit.start();
        const documents = await written(3, it);
        assert.deepEqual(documents.map(({ id }) => id).sort(), ["a-11", "b-12", "d-30"]);
        await eventually("the known ones were recognized", 20, () =>
            Promise.resolve(it.elasticsearch.conflicts === 2 ? true : undefined),
        );
    });
});
