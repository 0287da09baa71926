import assert from "node:assert/strict";

import type * as pulumi from "@pulumi/pulumi";

import { describeEffect, effects } from "../../../components/stack/effects";
import { redisManifests } from "../../../components/redis/redisSpecs";
import type { RecordedResources } from "../../../lab/program/answers";
import { isolatedRun, stackRun } from "../../../lab/program/runs";
import { readStackFile } from "../../../lab/program/stackFile";
import { changed } from "../../support/refusalTable";

type Properties = Record<string, unknown>;
interface Resource {
    readonly type: string;
    readonly name: string;
    readonly props: Properties;
}

/** The custom resources of the Redis instance `cache`, as the program declares them. */
function redis(change: Properties): Resource[] {
    const settings = {
        ...{ mode: "replication", replicas: 3, version: "8.8.2", memory: "512Mi", cpu: "100m" },
        ...{ storageSize: "2Gi", sentinels: 3, quorum: 2, shards: 3, ...change },
    };
    const { users } = change;
    const args = { name: "cache", settings, users, passwordSecret: "cache", storageClass: "" };
    return redisManifests(args as unknown as Parameters<typeof redisManifests>[0]).map(
        ({ kind, spec }) => ({
            type: `kubernetes:redis.redis.opstreelabs.in/v1beta2:${kind}`,
            name: `redis-a.cache-${kind.toLowerCase()}`,
            props: { metadata: { name: "cache" }, spec },
        }),
    );
}

/** The instance with users: its custom resource, and the Secret with what they may. */
function withUsers(rights: string, updates = "RollingUpdate"): Resource[] {
    const users = { secret: "cache-acl", version: "1", exporterSecret: "cache-exporter" };
    const annotations = { "observability/rights": rights };
    return [
        ...redis({ users, pods: { updates } }),
        {
            type: "kubernetes:core/v1:Secret",
            name: "redis-a.cache-users-acl",
            props: { metadata: { name: "cache-acl", annotations } },
        },
    ];
}

const podTemplate = (spec: Properties) => [
    ...elasticsearch("9.5.1", 1, "2Gi", "20Gi").map((each) => {
        const [nodeSet] = (each.props.spec as { nodeSets: object[] }).nodeSets;
        return { ...each, props: { spec: { nodeSets: [{ ...nodeSet, podTemplate: { spec } }] } } };
    }),
    {
        type: "kubernetes:kibana.k8s.elastic.co/v1:Kibana",
        name: "kibana",
        props: { spec: { count: 1, podTemplate: { spec } } },
    },
];

function elasticsearch(
    version: string,
    nodes: number,
    memory: string,
    storage: string,
): Resource[] {
    const container = { resources: { limits: { memory } } };
    const nodeSet = {
        count: nodes,
        podTemplate: { spec: { containers: [container] } },
        volumeClaimTemplates: [{ spec: { resources: { requests: { storage } } } }],
    };
    return [
        {
            type: "kubernetes:elasticsearch.k8s.elastic.co/v1:Elasticsearch",
            name: "elasticsearch",
            props: { spec: { version, nodeSets: [nodeSet] } },
        },
    ];
}

function monitoring(prometheusSpec: Properties, grafana: Properties = {}): Resource[] {
    return [
        {
            type: "kubernetes:helm.sh/v3:Release",
            name: "kube-prometheus-stack",
            props: { values: { prometheus: { prometheusSpec }, grafana } },
        },
    ];
}

function alertmanager(alertmanagerSpec: Properties): Resource[] {
    const [release] = monitoring({});
    return [
        { ...(release as Resource), props: { values: { alertmanager: { alertmanagerSpec } } } },
    ];
}

const claim = (storage: string) => [
    {
        type: "kubernetes:core/v1:PersistentVolumeClaim",
        name: "store-volume",
        props: { spec: { resources: { requests: { storage } } } },
    },
];
const storage = (size: string) => ({
    storageSpec: { volumeClaimTemplate: { spec: { resources: { requests: { storage: size } } } } },
});

function told(before: readonly Resource[], after: readonly Resource[]): string[] {
    const recorded = before.map(({ type, name, props }) => ({
        ...{ urn: "", type, name },
        // What the API server made of it is beside it, and does not count.
        outputs: { spec: {}, __inputs: props },
    }));
    const resource = {} as pulumi.Resource;
    return effects(
        recorded,
        after.map((each) => ({ ...each, resource })),
    ).map((each) => `${each.refused ? "refused: " : ""}${describeEffect(each)}`);
}

const REDIS = "redis-a.cache-redisreplication";
const ANEW = "its pods restart one after another and load their data;";
const WITHOUT = `${ANEW} while the master does, nothing can be written`;
const FOLLOWER = "a follower takes over from each leader, and clients connect anew";
const APART =
    "until then pods of both kinds do not understand each other: no replica follows, nothing fails over, and what is written may be lost; a second instance with a restored backup has none of this (docs/components/redis.md, TLS)";

describe("What a changed value does to data, pods and clients", () => {
    const cases: readonly (readonly [string, Resource[], Resource[], string[]])[] = [
        ["nothing changed", redis({}), redis({}), []],
        [
            "a larger volume of Redis",
            redis({}),
            redis({ storageSize: "4Gi" }),
            [
                `${REDIS}: storageSize: 2Gi to 4Gi; the operator grows the claims, pods go on and clients notice nothing`,
            ],
        ],
        [
            "a smaller volume of Redis",
            redis({}),
            redis({ storageSize: "1Gi" }),
            [
                `refused: ${REDIS}: storageSize: 2Gi to 1Gi; a volume cannot shrink: docs/volumes.md has the way to a smaller one`,
            ],
        ],
        [
            "fewer replicas",
            redis({}),
            redis({ replicas: 2 }),
            [
                `${REDIS}: replicas: 3 to 2; the last pods go, and their volumes stay; clients of a pod that goes connect anew`,
            ],
        ],
        [
            "more memory, without Sentinel",
            redis({}),
            redis({ memory: "1Gi" }),
            [`${REDIS}: memory: 512Mi to 1Gi; the data stays; ${WITHOUT}`],
        ],
        [
            "more memory, with Sentinel",
            redis({ mode: "sentinel" }),
            redis({ mode: "sentinel", memory: "1Gi" }),
            [
                `${REDIS}: memory: 512Mi to 1Gi; the data stays; ${ANEW} Sentinel fails over, and clients connect anew`,
            ],
        ],
        [
            "less memory of a single pod",
            redis({ mode: "standalone" }),
            redis({ mode: "standalone", memory: "256Mi" }),
            [
                "redis-a.cache-redis: memory: 512Mi to 256Mi; what no longer fits is evicted, or writes are refused, as the eviction policy says; its pod restarts and loads its data; clients are without Redis meanwhile",
            ],
        ],
        [
            "another version",
            redis({}),
            redis({ version: "8.10.1" }),
            [
                `${REDIS}: image: quay.io/opstree/redis:v8.8.2 to quay.io/opstree/redis:v8.10.1; the data stays; ${WITHOUT}`,
            ],
        ],
        [
            "an older version",
            redis({ version: "8.10.1" }),
            redis({}),
            [
                `${REDIS}: image: quay.io/opstree/redis:v8.10.1 to quay.io/opstree/redis:v8.8.2; an older Redis may not read the data of a newer one; ${WITHOUT}`,
            ],
        ],
        [
            "TLS of a single pod",
            redis({ mode: "standalone" }),
            redis({ mode: "standalone", tls: {} }),
            [
                "redis-a.cache-redis: certificate for TLS: none to cache-tls; clients must speak TLS as soon as the pod that they talk to has restarted; its pod restarts and loads its data; clients are without Redis meanwhile",
            ],
        ],
        [
            "TLS of a replication",
            redis({}),
            redis({ tls: {} }),
            [
                `${REDIS}: certificate for TLS: none to cache-tls; clients must speak TLS as soon as the pod that they talk to has restarted; ${APART}; ${WITHOUT}`,
            ],
        ],
        [
            "no TLS any more, with Sentinel",
            redis({ mode: "sentinel", tls: {} }),
            redis({ mode: "sentinel" }),
            [
                `${REDIS}: certificate for TLS: cache-tls to none; clients must speak without TLS as soon as the pod that they talk to has restarted; ${APART}; ${ANEW} Sentinel fails over, and clients connect anew`,
                "redis-a.cache-redissentinel: TLS, env, redisSentinelConfig.additionalSentinelConfig changed; Sentinels restart one after another; Redis goes on, and fails over as long as the quorum is there",
            ],
        ],
        [
            "TLS of a cluster, whose configuration gets a file for it",
            redis({ mode: "cluster" }),
            redis({ mode: "cluster", tls: {} }),
            [
                `redis-a.cache-rediscluster: certificate for TLS: none to cache-tls; clients must speak TLS as soon as the pod that they talk to has restarted; ${APART}; ${ANEW} ${FOLLOWER}`,
                `redis-a.cache-rediscluster: file of its config: none to cache-config; the data stays; ${ANEW} ${FOLLOWER}`,
            ],
        ],
        [
            "the certificate of somebody else",
            redis({ tls: {} }),
            redis({ tls: { secret: "company" } }),
            [
                `${REDIS}: certificate for TLS: cache-tls to company; where its authority is another one, clients must trust both until the last pod has restarted; ${APART}; ${WITHOUT}`,
            ],
        ],
        [
            "a key that Redis takes while it runs",
            redis({ config: { "maxmemory-policy": "noeviction" } }),
            redis({ config: { "maxmemory-policy": "allkeys-lru" } }),
            [],
        ],
        [
            "a key that only a start reads",
            redis({ config: { "maxmemory-policy": "noeviction", databases: 4 } }),
            redis({ config: { "maxmemory-policy": "noeviction", databases: 8 } }),
            [
                `${REDIS}: config that only a start reads: databases 4 to databases 8; the data stays; ${WITHOUT}`,
            ],
        ],
        [
            "the first key of all",
            redis({}),
            redis({ config: { "maxmemory-policy": "noeviction" } }),
            [`${REDIS}: file of its config: none to cache-config; the data stays; ${WITHOUT}`],
        ],
        [
            "more processor time",
            redis({}),
            redis({ cpu: "200m" }),
            [`${REDIS}: kubernetesConfig.resources changed; the data stays; ${WITHOUT}`],
        ],
        [
            "other nodes, and a key that its exporter tells the length of",
            redis({ mode: "standalone" }),
            redis({
                mode: "standalone",
                pods: { nodeSelector: { disk: "fast" } },
                exporter: {
                    ...{ checkSingleKeys: { jobs: { db: 0 } }, checkKeys: {}, countKeys: {} },
                    ...{ checkStreams: {}, values: false, env: {} },
                },
            }),
            [
                "redis-a.cache-redis: nodeSelector.disk, redisExporter.env changed; the data stays; its pod restarts and loads its data; clients are without Redis meanwhile",
            ],
        ],
        [
            "more pods that maintenance may take, and another way of updates",
            redis({}),
            redis({ pods: { maxUnavailable: 2, updates: "OnDelete", minReadySeconds: 5 } }),
            [],
        ],
        [
            "more processor time, of pods that wait for somebody",
            redis({ pods: { updates: "OnDelete" } }),
            redis({ pods: { updates: "OnDelete" }, cpu: "200m" }),
            [
                `${REDIS}: kubernetesConfig.resources changed; the data stays; each pod takes it when somebody deletes it`,
            ],
        ],
        [
            "the first users",
            redis({ pods: { updates: "RollingUpdate" } }),
            withUsers("app (1)"),
            [`${REDIS}: acl, env, redisExporter.env changed; the data stays; ${WITHOUT}`],
        ],
        [
            "another user",
            withUsers("app (1)"),
            withUsers("app, worker (2)"),
            [
                `redis-a.cache-users-acl: users: app (1) to app, worker (2); the data stays; ${WITHOUT}`,
            ],
        ],
        [
            "nodes of Elasticsearch and Kibana that are others",
            podTemplate({ nodeSelector: { disk: "slow" } }),
            podTemplate({ nodeSelector: { disk: "fast" } }),
            [
                "elasticsearch: nodeSets.podTemplate changed; the data stays; its node restarts: meanwhile logs wait on the nodes' disks, and spans are lost",
                "kibana: podTemplate.spec changed; Kibana restarts; what it saves is in Elasticsearch and stays",
            ],
        ],
        [
            "more shards",
            redis({ mode: "cluster" }),
            redis({ mode: "cluster", shards: 5 }),
            [
                "redis-a.cache-rediscluster: shards: 3 to 5; the new shards begin without slots, and the operator moves slots and their keys to them while clients go on; a pod that dies meanwhile leaves a slot open, and somebody must close it (docs/components/redis.md, Pods)",
            ],
        ],
        [
            "a newer Elasticsearch of one node",
            elasticsearch("9.5.1", 1, "2Gi", "20Gi"),
            elasticsearch("9.10.0", 1, "2Gi", "20Gi"),
            [
                "elasticsearch: version: 9.5.1 to 9.10.0; the data stays, and cannot be read by 9.5.1 again; its node restarts: meanwhile logs wait on the nodes' disks, and spans are lost",
            ],
        ],
        [
            "an older Elasticsearch",
            elasticsearch("9.10.0", 3, "2Gi", "20Gi"),
            elasticsearch("9.5.1", 3, "2Gi", "20Gi"),
            [
                "refused: elasticsearch: version: 9.10.0 to 9.5.1; ECK refuses an older version, since the data was written by a newer one; restore a snapshot into a new cluster instead",
            ],
        ],
        [
            "fewer nodes and more memory",
            elasticsearch("9.5.1", 3, "2Gi", "20Gi"),
            elasticsearch("9.5.1", 2, "4Gi", "20Gi"),
            [
                "elasticsearch: nodes: 3 to 2; ECK moves the data of the last nodes to the others, then deletes those nodes with their volumes; it waits for ever where the rest has no room",
                "elasticsearch: memory: 2Gi to 4Gi; the data stays; ECK restarts node after node, and clients go on",
            ],
        ],
        [
            "a smaller claim",
            claim("10Gi"),
            claim("5Gi"),
            [
                "refused: store-volume: storage: 10Gi to 5Gi; a volume cannot shrink: docs/volumes.md has the way to a smaller one",
            ],
        ],
        [
            "a larger volume of Prometheus",
            monitoring(storage("20Gi")),
            monitoring(storage("90Gi")),
            [
                "kube-prometheus-stack: prometheus.storageSize: 20Gi to 90Gi; grow the claims before, as docs/volumes.md says: Prometheus's operator changes none, and its retention by size follows at once, so the disk fills",
            ],
        ],
        [
            "a shorter retention",
            monitoring({ retention: "2w" }),
            monitoring({ retention: "7d" }),
            [
                "kube-prometheus-stack: retention.metrics: 2w to 7d; samples older than 7d are deleted for good; Prometheus restarts, and with one replica nothing is scraped and no alert fires meanwhile",
            ],
        ],
        [
            "other nodes and features of Prometheus",
            monitoring({ nodeSelector: { disk: "slow" }, enableFeatures: ["exemplar-storage"] }),
            monitoring({ nodeSelector: { disk: "fast" }, enableFeatures: [] }),
            [
                "kube-prometheus-stack: enableFeatures, nodeSelector.disk changed; the data stays; Prometheus restarts, and with one replica nothing is scraped and no alert fires meanwhile",
            ],
        ],
        [
            "what Prometheus reads again while it runs",
            monitoring({ scrapeInterval: "30s", evaluationInterval: "30s", ruleSelector: {} }),
            monitoring({
                scrapeInterval: "1m",
                evaluationInterval: "1m",
                ruleSelector: { a: "b" },
            }),
            [],
        ],
        [
            "other nodes of Alertmanager",
            alertmanager({ nodeSelector: { disk: "slow" } }),
            alertmanager({ nodeSelector: { disk: "fast" } }),
            [
                "kube-prometheus-stack: nodeSelector.disk changed; Alertmanager restarts, and with one replica what fires meanwhile is delivered when it is back",
            ],
        ],
        [
            "a smaller volume of Grafana",
            monitoring({}, { persistence: { size: "10Gi" } }),
            monitoring({}, { persistence: { size: "5Gi" } }),
            [
                "refused: kube-prometheus-stack: grafana.storageSize: 10Gi to 5Gi; a volume cannot shrink: docs/volumes.md has the way to a smaller one",
            ],
        ],
    ];
    for (const [what, before, after, lines] of cases) {
        it(`is said of ${what}`, () => assert.deepEqual(told(before, after), lines));
    }

    it("is said in a preview of the whole program", async function () {
        this.timeout(300_000);
        const { registrations } = await stackRun("staging");
        const recorded: RecordedResources = Object.fromEntries(
            registrations.map(({ type, name, inputs }) => [
                `urn:pulumi:staging::observability::${type}::${name}`,
                { type, outputs: { ...inputs, __inputs: inputs } },
            ]),
        );
        const { log } = await isolatedRun({
            stack: "staging",
            settings: {
                ...readStackFile("staging"),
                ...changed("staging", "cluster", { name: "east" }),
                ...changed("staging", "prometheus", { storageSize: "90Gi" }),
                ...changed("staging", "elasticsearch", {
                    nodes: 3,
                    memory: "3Gi",
                    storageSize: "30Gi",
                }),
            },
            recorded,
        });
        const lines = log.flatMap((each) => each.split("\n")).join("\n");
        assert.match(lines, /cluster\.name: staging to east; what is stored keeps "staging"/);
        assert.match(lines, /prometheus\.storageSize: 20Gi to 90Gi; grow the claims before/);
        assert.match(lines, /elasticsearch: nodes: 1 to 3; ECK adds nodes/);
        assert.match(lines, /elasticsearch: memory: 2Gi to 3Gi; the data stays; ECK restarts/);
        assert.match(lines, /elasticsearch: storageSize: 20Gi to 30Gi; ECK grows the claims/);
        assert.doesNotMatch(lines, /redis/);
    });
});
