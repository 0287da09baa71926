import assert from "node:assert/strict";

import { redisAddress } from "../../../components/redis/redisInstance";
import { exporterSelector } from "../../../components/redis/redisSpecs";
import {
    customResources,
    find,
    KubernetesObject,
    label,
    ofKind,
    valueAt,
} from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { everyModeRun, previewOf } from "../../../lab/program/runs";
import { operatorServices, OperatorService, operatorWorkloads } from "../../../lab/redisServices";
import { INSTANCES, MODES } from "../../support/exampleConfig";
import { selects, Selector } from "../../support/selectors";

const KINDS = ["Redis", "RedisReplication", "RedisSentinel", "RedisCluster"];
const isRedis = ({ kind }: KubernetesObject) => KINDS.includes(kind);

/** The Services that the operator would make in the namespace of all instances. */
function services(run: ProgramRun): OperatorService[] {
    return customResources(run)
        .filter(isRedis)
        .flatMap(({ kind, name, labels }) => operatorServices(kind, name, labels));
}

describe("RedisInstance", () => {
    let run: ProgramRun;
    before(async () => {
        run = await everyModeRun();
    });

    it("has its exporters scraped once, by its own ServiceMonitor, in every mode", () => {
        const monitors = ofKind(run, "ServiceMonitor").filter((m) => m.namespace === "orders");
        assert.equal(monitors.length, 5);
        const scraped = monitors.flatMap(({ name, manifest }) => {
            const selector = valueAt(manifest, "spec", "selector") as Selector;
            return services(run)
                .filter(({ labels }) => selects(selector, labels))
                .map((service) => `${name} scrapes ${service.app} by ${service.name}`);
        });
        assert.deepEqual(scraped.sort(), [
            "pair scrapes pair by pair-metrics",
            "pair-b scrapes pair-b by pair-b-metrics",
            "shards scrapes shards-follower by shards-follower-metrics",
            "shards scrapes shards-leader by shards-leader-metrics",
            "single scrapes single by single-metrics",
            "watched scrapes watched by watched-metrics",
            "watched scrapes watched-sentinel by watched-sentinel-metrics",
        ]);
    });

    it("selects every workload that the operator makes of it", () => {
        for (const object of customResources(run).filter(isRedis)) {
            const monitor = find(run, "ServiceMonitor", object.name);
            const selector = valueAt(monitor.manifest, "spec", "selector") as Selector;
            for (const app of operatorWorkloads(object.kind, object.name)) {
                const found = services(run).filter(
                    (service) => service.app === app && selects(selector, service.labels),
                );
                assert.equal(found.length, 1, `${label(object)}: ${app}`);
            }
        }
    });

    it("labels series with the workload and the mode, which alerts select by", () => {
        for (const monitor of ofKind(run, "ServiceMonitor").filter(
            ({ namespace }) => namespace === "orders",
        )) {
            assert.deepEqual(valueAt(monitor.manifest, "spec", "targetLabels"), [
                "app",
                "redis_setup_type",
            ]);
        }
    });

    it("makes the Sentinels after the replication that they watch", () => {
        const { dependencies } = find(run, "RedisSentinel", "watched").registration;
        const { urn } = find(run, "RedisReplication", "watched").registration;
        assert.ok(dependencies.includes(urn));
    });

    it("makes the password's Secret before the resource that names it", () => {
        for (const object of customResources(run).filter(isRedis)) {
            const { urn } = find(run, "Secret", `${object.name}-auth`).registration;
            assert.ok(object.registration.dependencies.includes(urn), label(object));
        }
    });

    it("carries constant labels only: they reach the pods, and a changed one restarts Redis", () => {
        for (const object of customResources(run).filter(isRedis)) {
            assert.deepEqual(object.labels, { "app.kubernetes.io/part-of": "observability" });
        }
    });

    it("has its StatefulSet made anew around its pods when its volumes grow, so that later pods have the size", () => {
        const all = customResources(run).filter(isRedis);
        assert.ok(all.length >= 5);
        for (const { manifest } of all) {
            const annotations = valueAt(manifest, "metadata", "annotations");
            assert.equal(valueAt(annotations, "redis.opstreelabs.in/recreate-statefulset"), "true");
            assert.equal(
                valueAt(annotations, "redis.opstreelabs.in/recreate-statefulset-strategy"),
                "orphan",
            );
        }
    });

    it("ignores every annotation that Pulumi reads, so that it does not restart Redis", () => {
        for (const { manifest } of customResources(run).filter(isRedis)) {
            const ignored = valueAt(manifest, "spec", "kubernetesConfig", "ignoreAnnotations");
            const annotations = valueAt(manifest, "metadata", "annotations") ?? {};
            for (const key of Object.keys(annotations)) {
                assert.ok((ignored as string[]).includes(key), key);
            }
        }
    });

    it("names a Service of the operator's as its address, in every mode", () => {
        for (const [mode, instance] of Object.entries({
            standalone: "single",
            replication: "pair",
            sentinel: "watched",
            cluster: "shards",
        } as const)) {
            const address = redisAddress(
                instance,
                "orders",
                INSTANCES[mode as keyof typeof INSTANCES],
            );
            const names = services(run).map(({ name }) => name);
            assert.ok(names.includes(address.service), `${mode}: ${address.service}`);
            assert.equal(address.host, `${address.service}.orders.svc`);
        }
    });

    it("sends clients to the master, or to Sentinel, which knows the master", () => {
        const { service, port, sentinelMaster } = redisAddress("a", "orders", INSTANCES.sentinel);
        assert.deepEqual(
            { service, port, sentinelMaster },
            {
                service: "a-sentinel",
                port: 26379,
                sentinelMaster: "mymaster",
            },
        );
        assert.equal(redisAddress("a", "orders", INSTANCES.replication).service, "a-master");
    });
});

describe("Redis instances of several namespaces", () => {
    it("have a URN each, whatever their names: the engine refuses two of one URN midway", async () => {
        const settings = { mode: "standalone", memory: "256Mi", storageSize: "1Gi" };
        const run = await previewOf("staging", {
            redis: {
                a: { instances: { "b-c": settings } },
                "a-b": { instances: { c: settings } },
            },
        });
        const urns = run.registrations.map(({ urn }) => urn);
        assert.deepEqual(
            urns.filter((urn, i) => urns.indexOf(urn) !== i),
            [],
        );
    });
});

describe("Selector of exporters", () => {
    for (const mode of MODES) {
        it(`selects no Service of an instance with a longer name in mode ${mode}`, () => {
            const selector = exporterSelector("a", INSTANCES[mode]) as Selector;
            for (const kind of KINDS) {
                const taken = operatorServices(kind, "a-b", {}).filter(({ labels }) =>
                    selects(selector, labels),
                );
                assert.deepEqual(taken, [], kind);
            }
        });
    }
});
