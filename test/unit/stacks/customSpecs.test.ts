import assert from "node:assert/strict";

import { find, listAt, valueAt } from "../../../lab/program/objects";
import { previewOf } from "../../../lab/program/runs";
import type { Settings } from "../../../lab/program/stackFile";
import { crdSchema, violations } from "../../support/crdSchemas";
import { changed, instances, refuses } from "../../support/refusalTable";

const TZ = { name: "TZ", value: "Europe/Berlin" };
const SIDECAR = { name: "proxy", image: "registry.example.com/proxy:1.2" };
const replication = (spec: Settings) => ({ mode: "replication", replicas: 3, spec });

describe("Fields of custom resources that no key has", () => {
    it("are over ours, and nothing of ours is lost", async () => {
        const run = await previewOf("prod", {
            ...changed("prod", "elasticsearch", {
                spec: {
                    http: { service: { spec: { type: "LoadBalancer" } } },
                    nodeSets: [
                        {
                            name: "default",
                            config: { "indices.query.bool.max_clause_count": 4096 },
                            podTemplate: {
                                spec: { containers: [{ name: "elasticsearch", env: [TZ] }] },
                            },
                        },
                    ],
                },
            }),
            ...changed("prod", "kibana", { spec: { config: { "server.defaultRoute": "/app" } } }),
            ...instances({
                orders: replication({
                    kubernetesConfig: { service: { annotations: { "example.com/zone": "a" } } },
                    sidecars: [SIDECAR],
                }),
                shards: {
                    mode: "cluster",
                    shards: 3,
                    spec: { redisLeader: { livenessProbe: { timeoutSeconds: 9 } } },
                },
                watched: {
                    mode: "sentinel",
                    replicas: 3,
                    spec: { sidecars: [SIDECAR] },
                    sentinelSpec: { redisSentinelConfig: { downAfterMilliseconds: "5000" } },
                },
            }),
            slos: {},
            storageClass: "fast",
        });
        const elastic = find(run, "Elasticsearch", "elasticsearch").manifest.spec;
        assert.equal(valueAt(elastic, "http", "service", "spec", "type"), "LoadBalancer");
        assert.ok(valueAt(elastic, "http", "tls", "certificate", "secretName"));
        const [nodes, ...others] = listAt(elastic, "nodeSets");
        assert.deepEqual(others, []);
        assert.equal(valueAt(nodes, "config", "indices.query.bool.max_clause_count"), 4096);
        assert.equal(valueAt(nodes, "config", "node.store.allow_mmap"), false);
        assert.equal(listAt(nodes, "volumeClaimTemplates").length, 1);
        const [container] = listAt(nodes, "podTemplate", "spec", "containers");
        assert.ok(listAt(container, "env").some((each) => valueAt(each, "name") === "TZ"));
        assert.ok(valueAt(container, "resources", "limits", "memory"));

        const kibana = find(run, "Kibana", "kibana").manifest.spec;
        assert.equal(valueAt(kibana, "config", "server.defaultRoute"), "/app");

        const orders = find(run, "RedisReplication", "orders").manifest.spec;
        const service = valueAt(orders, "kubernetesConfig", "service", "annotations");
        assert.deepEqual(service, { "example.com/zone": "a" });
        assert.deepEqual(valueAt(orders, "sidecars"), [SIDECAR]);
        assert.equal(
            valueAt(orders, "kubernetesConfig", "redisSecret", "name"),
            "orders-auth",
            "the password stays",
        );
        const leader = valueAt(find(run, "RedisCluster", "shards").manifest.spec, "redisLeader");
        assert.equal(valueAt(leader, "livenessProbe", "timeoutSeconds"), 9);
        assert.ok(Object.keys(valueAt(leader, "livenessProbe") as object).length > 1, "ours stays");
        // A Sentinel holds no data.
        const sentinel = find(run, "RedisSentinel", "watched").manifest.spec;
        assert.equal(valueAt(sentinel, "sidecars"), undefined);
        const watching = valueAt(sentinel, "redisSentinelConfig");
        assert.equal(valueAt(watching, "downAfterMilliseconds"), "5000");
        assert.equal(valueAt(watching, "quorum"), "2", "ours stays");
        assert.deepEqual(
            valueAt(find(run, "RedisReplication", "watched").manifest.spec, "sidecars"),
            [SIDECAR],
        );

        for (const [kind, name, version] of [
            ["Elasticsearch", "elasticsearch", "elasticsearch.k8s.elastic.co/v1"],
            ["Kibana", "kibana", "kibana.k8s.elastic.co/v1"],
            ["RedisReplication", "orders", "redis.redis.opstreelabs.in/v1beta2"],
            ["RedisCluster", "shards", "redis.redis.opstreelabs.in/v1beta2"],
            ["RedisSentinel", "watched", "redis.redis.opstreelabs.in/v1beta2"],
        ] as const) {
            const schema = crdSchema(version, kind)?.properties?.spec;
            const { spec } = find(run, kind, name).manifest;
            assert.deepEqual(schema ? violations(spec, schema, "spec") : [], [], name);
        }
    });

    const redis = (spec: Settings) => ({ ...instances({ orders: replication(spec) }), slos: {} });
    const at = "redis.orders.instances.orders.spec";
    refuses({
        "what a Redis' own keys say": {
            change: redis({ clusterSize: 5, kubernetesConfig: { resources: { limits: {} } } }),
            says: [
                `${at}.clusterSize: got 5; set replicas or shards of the instance`,
                `${at}.kubernetesConfig.resources.limits: got {}; set memory and cpu of the instance, or pods.cpuLimit`,
            ],
        },
        "what the keys of an instance with Sentinels say": {
            change: {
                ...instances({
                    orders: {
                        mode: "sentinel",
                        replicas: 3,
                        sentinelSpec: {
                            clusterSize: 5,
                            redisSentinelConfig: { quorum: "1", downAfter: "5000" },
                        },
                    },
                }),
                slos: {},
            },
            says: [
                "redis.orders.instances.orders.sentinelSpec.clusterSize: got 5; set sentinels of the instance",
                `redis.orders.instances.orders.sentinelSpec.redisSentinelConfig.quorum: got "1"; set quorum of the instance`,
                "redis.orders.instances.orders.sentinelSpec.redisSentinelConfig.downAfter: got a key that RedisSentinel does not have; allowed: additionalSentinelConfig, announceHostnames, downAfterMilliseconds, failoverTimeout, masterGroupName, parallelSyncs, quorum, redisPort, redisReplicationName, redisReplicationPassword, resolveHostnames",
            ],
        },
        "another way to keep a Redis' volume": {
            change: redis({ storage: { keepAfterDelete: false } }),
            says: `${at}.storage.keepAfterDelete: got false; nothing: volumes outlive their Redis`,
        },
        "a security context": {
            change: redis({ podSecurityContext: { runAsUser: 0 } }),
            says: `${at}.podSecurityContext.runAsUser: got 0; nothing: the Pod Security level of the namespace rests on it`,
        },
        "a key that the kind does not have": {
            change: redis({ sidecar: [SIDECAR] }),
            says: `${at}.sidecar: got a key that RedisReplication does not have; did you mean "sidecars"? allowed: TLS, acl, affinity, clusterSize, env, hostPort, initContainer, kubernetesConfig, livenessProbe, nodeSelector, pdb, podManagementPolicy, podSecurityContext, priorityClassName, readinessProbe, redisConfig, redisExporter, securityContext, sentinel, serviceAccountName, sidecars, storage, terminationGracePeriodSeconds, tolerations, topologySpreadConstraints`,
        },
        "an item without the name that it is merged by": {
            change: redis({ sidecars: [{ image: "registry.example.com/proxy:1.2" }] }),
            says: `${at}.sidecars: got [{"image":"registry.example.com/proxy:1.2"}]; a list of items with a name each, by which they are merged`,
        },
        "a type that the kind does not take": {
            change: changed("prod", "kibana", { spec: { revisionHistoryLimit: "5" } }),
            says: `kibana.spec.revisionHistoryLimit: got "5"; what Kibana takes there: integer`,
        },
        "Elasticsearch's accounts, TLS and another set of nodes": {
            change: changed("prod", "elasticsearch", {
                spec: {
                    auth: { roles: [] },
                    http: { tls: { selfSignedCertificate: { disabled: true } } },
                    nodeSets: [{ name: "warm", config: { "node.roles": ["data_warm"] } }],
                },
            }),
            says: [
                "elasticsearch.spec.auth.roles: got []; nothing: accounts and roles are made for the stack",
                "elasticsearch.spec.http.tls.selfSignedCertificate.disabled: got true; nothing: clients trust its certificate and its names",
                "elasticsearch.spec.nodeSets.warm: got another set of nodes; name: default, the set of this stack; elasticsearch.nodes says how many it has",
            ],
        },
        "Kibana's public address": {
            change: changed("prod", "kibana", {
                spec: { config: { "server.publicBaseUrl": "https://kibana.example.com" } },
            }),
            says: `kibana.spec.config.server.publicBaseUrl: got "https://kibana.example.com"; set ingress.hosts.kibana`,
        },
        "an image from outside of the registry": {
            change: {
                ...redis({ sidecars: [{ name: "proxy", image: "docker.io/library/proxy:1.2" }] }),
                images: { registry: "registry.example.com/mirror" },
            },
            says: `${at}.sidecars.proxy.image: got "docker.io/library/proxy:1.2"; an image below images.registry (registry.example.com/mirror), or no images.registry: nodes may pull from nowhere else`,
        },
    });
});
