import assert from "node:assert/strict";

import { redisNamespace, RedisInstanceSettings } from "../../../components/redis/instanceSettings";
import { exposeProblems, redisExpose } from "../../../components/redis/redisExpose";
import { redisProblems } from "../../../components/redis/redisProblems";
import { find, valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";
import { INSTANCES } from "../../support/exampleConfig";

const SIZE = { memory: "256Mi", storageSize: "1Gi" };
const FROM = ["10.20.0.0/16", "fd00::/48"];

describe("A Redis for clients outside of the cluster", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("staging", {
            redis: {
                orders: {
                    instances: {
                        carts: {
                            mode: "replication",
                            replicas: 2,
                            tls: { certManager: { issuer: "company" } },
                            expose: {
                                type: "LoadBalancer",
                                from: FROM,
                                hosts: ["carts.example.com"],
                                annotations: { "example.com/internal": "true" },
                            },
                            ...SIZE,
                        },
                        jobs: {
                            mode: "standalone",
                            tls: {},
                            expose: { type: "NodePort", from: ["10.0.0.0/8"], nodePort: 30379 },
                            ...SIZE,
                        },
                        plain: { mode: "standalone", ...SIZE },
                    },
                },
            },
        });
    });

    it("has a LoadBalancer that leads to the master, for its ranges alone", () => {
        const { manifest } = find(run, "Service", "carts-external");
        assert.deepEqual(valueAt(manifest, "spec"), {
            type: "LoadBalancer",
            selector: { app: "carts", redis_setup_type: "replication", "redis-role": "master" },
            ports: [{ name: "redis", port: 6379, targetPort: 6379 }],
            externalTrafficPolicy: "Local",
            loadBalancerSourceRanges: FROM,
        });
        assert.equal(valueAt(manifest, "metadata", "annotations", "example.com/internal"), "true");
    });

    it("has a port of every node that leads to the one pod", () => {
        const { manifest } = find(run, "Service", "jobs-external");
        assert.deepEqual(valueAt(manifest, "spec"), {
            type: "NodePort",
            selector: { app: "jobs", redis_setup_type: "standalone" },
            ports: [{ name: "redis", port: 6379, targetPort: 6379, nodePort: 30379 }],
            externalTrafficPolicy: "Local",
        });
    });

    it("lets those ranges in, at its port and no other", () => {
        const { manifest } = find(run, "NetworkPolicy", "redis-orders.carts-external");
        assert.deepEqual(valueAt(manifest, "spec"), {
            podSelector: { matchLabels: { app: "carts" } },
            policyTypes: ["Ingress"],
            ingress: [
                {
                    from: FROM.map((cidr) => ({ ipBlock: { cidr } })),
                    ports: [{ port: 6379, protocol: "TCP" }],
                },
            ],
        });
    });

    it("has the names that clients call in its certificate", () => {
        const { manifest } = find(run, "Certificate", "carts-tls");
        const names = valueAt(manifest, "spec", "dnsNames") as string[];
        assert.ok(names.includes("carts.example.com"));
    });

    it("is nowhere for an instance that is not exposed", () => {
        assert.throws(() => find(run, "Service", "plain-external"));
    });

    const expose = redisExpose.parse({ type: "LoadBalancer", from: FROM });
    const refusals: readonly (readonly [string, RedisInstanceSettings, RegExp])[] = [
        [
            "Sentinel, which tells addresses of pods",
            { ...INSTANCES.sentinel, tls: {}, expose },
            /^it\.expose: got "LoadBalancer"; nothing with mode sentinel: Sentinel tells clients the address/,
        ],
        [
            "a cluster, which does too",
            { ...INSTANCES.cluster, tls: {}, expose },
            /^it\.expose: got "LoadBalancer"; nothing with mode cluster: a cluster sends clients from pod to pod/,
        ],
        [
            "no TLS",
            { ...INSTANCES.standalone, expose },
            /^it\.expose: got "LoadBalancer"; nothing without tls: passwords/,
        ],
        [
            "names for a certificate that is not made here",
            {
                ...INSTANCES.standalone,
                tls: { secret: "given" },
                expose: { ...expose, hosts: ["a.example.com"] },
            },
            /^it\.expose\.hosts: .*nothing with tls\.secret/,
        ],
        [
            "a port of nodes for a load balancer",
            { ...INSTANCES.standalone, tls: {}, expose: { ...expose, nodePort: 30000 } },
            /^it\.expose\.nodePort: got 30000; nothing with LoadBalancer/,
        ],
        [
            "annotations that nobody reads",
            {
                ...INSTANCES.standalone,
                tls: {},
                expose: { ...expose, type: "NodePort", annotations: { "a.example/b": "c" } },
            },
            /^it\.expose\.annotations: .*nothing with NodePort/,
        ],
    ];
    for (const [what, settings, says] of refusals) {
        it(`is refused with ${what}`, () => {
            const problems = exposeProblems("it", settings).map(
                ({ path, got, allowed }) => `${path}: got ${got}; ${allowed}`,
            );
            assert.equal(problems.length, 1, problems.join("\n"));
            assert.match(problems[0] ?? "", says);
        });
    }

    it("is refused beside an instance whose Service has its name", () => {
        const orders = redisNamespace.parse({
            instances: {
                a: { mode: "standalone", tls: {}, expose, ...SIZE },
                "a-external": { mode: "standalone", ...SIZE },
            },
        });
        const [problem] = redisProblems({ orders }, { repository: undefined }, "30d", true);
        assert.equal(problem?.path, "redis.orders.instances.a-external");
        assert.match(problem?.allowed ?? "", /already makes a Service "a-external"/);
    });

    for (const [what, settings] of [
        ["nobody to let in", { type: "NodePort", from: [] }],
        ["an address that is no range", { type: "NodePort", from: ["10.0.0.1"] }],
        ["a kind that is inside", { type: "ClusterIP", from: FROM }],
        ["a port that no node opens", { type: "NodePort", from: FROM, nodePort: 6379 }],
        ["a URL for a name", { type: "NodePort", from: FROM, hosts: ["https://a.example"] }],
    ] as const) {
        it(`is refused with ${what}`, () => {
            assert.equal(redisExpose.safeParse(settings).success, false);
        });
    }
});
