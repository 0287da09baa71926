import assert from "node:assert/strict";

import { crossFieldProblems, Settings } from "../../../components/stack/config";
import { previewOf } from "../../../lab/program/runs";
import { exampleSettings } from "../../support/exampleConfig";
import { changed, instances, refuses } from "../../support/refusalTable";

const SENTINEL = { mode: "sentinel", replicas: 3 };
const PAIR = { mode: "replication", replicas: 2 };
/** Large enough for every retention of these tests. */
const ELASTICSEARCH = {
    nodes: 3,
    storageSize: "500Gi",
    memory: "4Gi",
    dailyLogVolume: "500Mi",
    dailyTraceVolume: "1Gi",
    snapshots: { type: "none" as const },
};

describe("Rules of Redis instances", () => {
    refuses({
        "Sentinel with two Redis pods": {
            change: instances({ cache: { mode: "sentinel", replicas: 2 } }),
            says: "redis.orders.instances.cache.replicas: got 2; allowed: 3 or more, because Sentinel must find a replica again after a failover",
        },
        "replication without a replica": {
            change: instances({ cache: { mode: "replication", replicas: 1 } }),
            says: "redis.orders.instances.cache.replicas: got 1; allowed: 2 or more, because replication needs a master and a replica",
        },
        "Redis Cluster of two shards": {
            change: instances({ cache: { mode: "cluster", shards: 2 } }),
            says: "redis.orders.instances.cache.shards: got 2; allowed: 3 or more, because Redis Cluster needs a majority of leaders",
        },
        "an even number of Sentinels": {
            change: instances({ cache: { ...SENTINEL, sentinels: 4, quorum: 3 } }),
            says: "redis.orders.instances.cache.sentinels: got 4; an odd number, such as 5: an even one tolerates no more failures than one fewer",
        },
        "a quorum that is no majority": {
            change: instances({ cache: { ...SENTINEL, sentinels: 5, quorum: 2 } }),
            says: "redis.orders.instances.cache.quorum: got 2; a majority of 5 Sentinels: 3 to 5",
        },
        "a quorum of more Sentinels than there are": {
            change: instances({ cache: { ...SENTINEL, sentinels: 3, quorum: 4 } }),
            says: "redis.orders.instances.cache.quorum: got 4; a majority of 3 Sentinels: 2 to 3",
        },
        "a scrape timeout above the interval, which Prometheus refuses": {
            change: instances({ cache: { ...PAIR, scrapeInterval: "15s", scrapeTimeout: "20s" } }),
            says: `redis.orders.instances.cache.scrapeTimeout: got "20s"; at most scrapeInterval (15s): Prometheus refuses a longer timeout`,
        },
        "a version of Redis with a known way to run code": {
            change: instances({ cache: { mode: "standalone", version: "7.0.15" } }),
            says: `redis.orders.instances.cache.version: got "7.0.15"; allowed: 7.2.16, 7.4.11, 8.2.9, 8.4.6, 8.6.6, 8.8.2, 8.10.1 or later of the same line, since it has CVE-2026-81934 (a connection by TLS may run code), CVE-2026-25243 (RESTORE may run code), CVE-2025-49844 (a Lua script may run code); without it, the instance has 8.8.2`,
        },
        "a password of an instance that is not there": {
            change: {
                ...instances({ cache: { mode: "standalone" } }),
                redisPasswords: { orders: { cash: "a1b2c3d4e5f6a7b8" } },
            },
            says: `redisPasswords.orders.cash: got the password of an instance that is not there; one of orders.cache`,
        },
        "more instances than one PrometheusRule can declare": {
            change: instances(
                Object.fromEntries(Array.from({ length: 1600 }, (_, i) => [`redis-${i}`, PAIR])),
            ),
            says: [
                "redis.orders.instances: got 1600 instances; at most 467 such ones in a namespace: every pod gets the addresses of all its Services as variables, and Linux starts no program with more than 2 MiB of them. Put the others into more namespaces",
                "redis.orders.instances: got 1600 instances, whose PrometheusRule has 594648 bytes; at most 524288 bytes, above which the Prometheus Operator drops it with all of its rules: about 1410 instances in a namespace; move some to another one",
            ],
        },
        "two instances with one StatefulSet": {
            change: instances({ a: SENTINEL, "a-sentinel": { mode: "standalone" } }),
            says: `redis.orders.instances.a-sentinel: got "a-sentinel"; another name: instance "a" of namespace "orders" already makes a StatefulSet "a-sentinel"`,
        },
        "two instances with one StatefulSet, whichever comes first": {
            change: instances({ "a-leader": PAIR, a: { mode: "cluster", shards: 3 } }),
            says: `redis.orders.instances.a: got "a"; another name: instance "a-leader" of namespace "orders" already makes a StatefulSet "a-leader"`,
        },
        "two instances with one Service": {
            change: instances({ a: PAIR, "a-master": { mode: "standalone" } }),
            says: `redis.orders.instances.a-master: got "a-master"; another name: instance "a" of namespace "orders" already makes a Service "a-master"`,
        },
        "a namespace of the platform": {
            change: instances({}, "logging"),
            says: `redis.logging: got "logging"; a namespace that is neither one of ours nor of Kubernetes (monitoring, node-exporter, redis-operator-system, elastic-system, logging, tracing, autoscaling, default, kube-system, kube-public, kube-node-lease, or any that begins with kube-)`,
        },
        "an instance that the operator does not watch": {
            change: {
                ...instances({}),
                redisOperator: { replicas: 1, watchNamespaces: ["payments"] },
            },
            says: `redisOperator.watchNamespaces: got ["payments"]; add "orders", whose Redis instances would never be reconciled, or leave it empty to watch all`,
        },
    });

    it("takes the same instance name in two namespaces", async () => {
        const [orders, payments] = [instances({ a: PAIR }), instances({ a: PAIR }, "payments")];
        const run = await previewOf("staging", { redis: { ...orders.redis, ...payments.redis } });
        const names = run.registrations
            .filter(({ inputs }) => inputs.kind === "RedisReplication")
            .map(({ inputs }) => (inputs.metadata as { namespace: string }).namespace);
        assert.deepEqual(names.sort(), ["orders", "payments"]);
    });
});

describe("Rules of the platform", () => {
    refuses({
        "metrics kept for longer than the volume holds": {
            change: {
                ...changed("prod", "retention", { metrics: "30d" }),
                prometheus: {
                    replicas: 2,
                    storageSize: "30Gi",
                    memory: "4Gi",
                    expectedSeries: 200_000,
                },
            },
            // 30 d x 200000 series / 30 s x 2 B = 34.56 GB; of 30 GiB, 85 % are for blocks.
            says: `retention.metrics: got "30d"; 200000 series for 30d need 32.2Gi and prometheus.storageSize 30Gi leaves 25.5Gi: shorten it, or set storageSize to 38Gi or more; grow claims that are there already first (docs/volumes.md)`,
        },
        "logs and traces kept for longer than the volumes hold": {
            change: {
                ...changed("prod", "retention", { logs: "90d", traces: "7d" }),
                elasticsearch: { ...ELASTICSEARCH, storageSize: "30Gi" },
            },
            // (91 x 500 MiB + 8 x 1 GiB) x 2 copies = 104.9 GiB; of 3 x 30 GiB, 85 % are below the watermark.
            says: `retention.logs: got "90d"; logs for 90d and traces for 7d need 104.9Gi and 3 x elasticsearch.storageSize 30Gi leave 76.5Gi: shorten it, or set storageSize to 42Gi or more`,
        },
        "pages without a login on an Ingress": {
            change: changed("prod", "ingress", {
                enabled: true,
                className: "nginx",
                controllerNamespace: "ingress-nginx",
                hosts: { grafana: "g.example.com", jaeger: "j.example.com" },
            }),
            says: 'ingress.hosts.jaeger: got "j.example.com" for a page that asks nobody for a login; no host, ingress.login, or jaeger in ingress.loginBefore once something before it asks for one, such as oauth2-proxy by an annotation of the controller (docs/adapting.md)',
        },
        "a provider that cannot send people back to Grafana": {
            change: changed("prod", "grafana", {
                signIn: {
                    provider: "github",
                    clientId: "grafana",
                    clientSecret: { name: "grafana-sign-in", key: "secret" },
                    organizations: ["example"],
                },
            }),
            says: 'grafana.signIn: got provider "github" and no address of Grafana; set ingress.enabled and ingress.hosts.grafana: the provider sends people back there',
        },
        "two Elasticsearch nodes": {
            change: { elasticsearch: { ...ELASTICSEARCH, nodes: 2 } },
            says: "elasticsearch.nodes: got 2; 1, or 3 and more: two master nodes have no majority when one is lost",
        },
        "Elasticsearch with too little memory to start": {
            change: changed("prod", "elasticsearch", { memory: "512Mi" }),
            says: `elasticsearch.memory: got "512Mi"; allowed: 1Gi or more: half of it is heap, and Elasticsearch does not start with less`,
        },
        "an Ingress without a class": {
            change: { ingress: { enabled: true, controllerNamespace: "ingress-nginx" } },
            says: "ingress.className: got nothing; the name of an IngressClass of the cluster, such as nginx",
        },
        "an Ingress whose controller no NetworkPolicy would let in": {
            change: { ingress: { enabled: true, className: "nginx" } },
            says: "ingress.controllerNamespace: got nothing; the namespace in which the ingress controller runs, such as ingress-nginx, or ingress.sourceRanges where the callers are no pods",
        },
    });
});

describe("Size of a volume that a refusal names", () => {
    const sizes = Array.from({ length: 40 }, (_, i) => i + 1);
    /** The size that the refusal of a volume of 1Gi names. */
    const named = (change: Partial<Settings>): string => {
        const [problem] = crossFieldProblems(exampleSettings(change));
        return /set storageSize to (\S+) or more/.exec(problem?.allowed ?? "")?.[1] ?? "nothing";
    };

    it("is enough for the logs and traces", () => {
        for (const each of sizes) {
            const dailyLogVolume = `${200 + each * 20}Mi`;
            const small = { ...ELASTICSEARCH, storageSize: "1Gi", dailyLogVolume };
            const elasticsearch = { ...small, storageSize: named({ elasticsearch: small }) };
            assert.deepEqual(crossFieldProblems(exampleSettings({ elasticsearch })), []);
        }
    });

    it("is enough for the metrics", () => {
        for (const each of sizes) {
            const { prometheus: base } = exampleSettings();
            const small = { ...base, storageSize: "1Gi", expectedSeries: each * 7_000 };
            const prometheus = { ...small, storageSize: named({ prometheus: small }) };
            assert.deepEqual(crossFieldProblems(exampleSettings({ prometheus })), []);
        }
    });
});

describe("Rules of owners and tenants", () => {
    const tenant = { role: "tenant", ownerStack: "" };
    refuses({
        "a tenant that does not name its owner": {
            change: changed("prod", "cluster", tenant),
            says: `cluster.ownerStack: got nothing; a tenant names the stack that owns its cluster: ORGANIZATION/PROJECT/STACK, on a self-managed backend "organization/observability/prod"`,
        },
        "an owner with an owner": {
            change: changed("prod", "cluster", { role: "owner", ownerStack: "o/p/s" }),
            says: `cluster.ownerStack: got "o/p/s"; an owner has no owner: remove it, or set cluster.role to "tenant"`,
        },
        "a namespace that a tenant and this stack would both make": {
            change: {
                ...instances({}),
                ...changed("prod", "cluster", { tenantNamespaces: { orders: "qa" } }),
                ...changed("prod", "alerting", { unroutedEnvironments: ["qa"] }),
            },
            says: "cluster.tenantNamespaces.orders: got a namespace of this stack; the namespaces of tenant stacks only: this one is declared in redis here",
        },
    });
});

describe("Rules of Jaeger", () => {
    const collector = { minReplicas: 1, maxReplicas: 1, memory: "1Gi" };
    const tail = { keepProbability: 0.1, expectedTracesPerSecond: 100 };
    refuses({
        "sampling at the tail in more than one collector": {
            change: changed("prod", "jaeger", {
                sampling: { defaultProbability: 1, services: {}, tail },
            }),
            says: "jaeger.sampling.tail: got jaeger.collector.maxReplicas 5; one collector, since it decides on the spans of a trace that it has seen itself: set jaeger.collector.minReplicas and maxReplicas to 1, or remove tail and set jaeger.sampling.defaultProbability",
        },
        "a probability in percent": {
            change: changed("prod", "jaeger", { sampling: { defaultProbability: 50 } }),
            says: "jaeger.sampling.defaultProbability: got 50; allowed: 0 (none) to 1 (all)",
        },
        "a collector without room for its queue": {
            change: changed("prod", "jaeger", { collector: { ...collector, memory: "128Mi" } }),
            says: `jaeger.collector.memory: got "128Mi"; allowed: 256Mi or more: a fifth of it is the queue of spans that Elasticsearch has not taken yet`,
        },
        "a service graph in less memory than Spark needs": {
            change: changed("prod", "jaeger", { serviceGraph: { memory: "512Mi" } }),
            says: `jaeger.serviceGraph.memory: got "512Mi"; allowed: 1Gi or more: the job is a Spark program`,
        },
    });

    it("take sampling at the tail in one collector", async () => {
        const sampling = { tail };
        await previewOf("prod", changed("prod", "jaeger", { collector, sampling }));
    });
});
