import assert from "node:assert/strict";

import { checkedSettings } from "../../../components/stack/config";
import { readStackFile, Settings } from "../../../lab/program/stackFile";

const prod = readStackFile("prod");

/** `path: got value; allowed` of every problem of prod with some keys replaced. */
function problems(change: Settings): string[] {
    return checkedSettings({ ...prod, ...change }).problems.map(
        ({ path, got, allowed }) => `${path}: got ${got}; ${allowed}`,
    );
}
const paths = (change: Settings): string[] =>
    checkedSettings({ ...prod, ...change }).problems.map(({ path }) => path);
const part = (key: string, change: Settings): Settings => ({
    [key]: { ...(prod[key] as Settings), ...change },
});
const instance = (change: Settings): Settings => ({
    mode: "standalone",
    memory: "256Mi",
    storageSize: "1Gi",
    ...change,
});

describe("Reading the configuration", () => {
    it("tells rules between keys beside wrong values of other keys, once for each cause", () => {
        const found = paths({
            kibana: "two",
            ...part("alerting", { team: 5 }),
            redis: {
                orders: {
                    instances: {
                        a: instance({ memory: "5" }),
                        b: instance({ storageSize: "128Mi" }),
                        c: instance({ mode: "sentinal" }),
                    },
                },
            },
            ...part("elasticsearch", { nodes: 2, storageSize: "500Gi" }),
        });
        assert.deepEqual(found.sort(), [
            "alerting.team",
            "elasticsearch.nodes",
            "kibana",
            "redis.orders.instances.a.memory",
            "redis.orders.instances.b.storageSize",
            "redis.orders.instances.c.mode",
        ]);
    });

    it("tells what is below a wrong name", () => {
        const found = paths({
            redis: { Orders: { instances: { B: instance({ memory: "x", colour: "blue" }) } } },
        });
        assert.deepEqual(found.sort(), [
            "redis.Orders",
            "redis.Orders.instances.B",
            "redis.Orders.instances.B.colour",
            "redis.Orders.instances.B.memory",
        ]);
    });

    it("says of every wrong type what belongs there", () => {
        for (const wrong of [null, 5, true, "text", [], {}]) {
            for (const key of ["cluster", "redis", "retention", "alerting", "ingress"]) {
                for (const line of problems({ [key]: wrong })) {
                    assert.match(line, /; (.*allowed: |a |the |remove|nothing)/, line);
                    assert.doesNotMatch(
                        line,
                        /Invalid input|no keys|expected|undefined|1 or more$/,
                    );
                }
            }
        }
        assert.deepEqual(problems(part("prometheus", { dropRedisMetrics: "redis_hz" })), [
            `prometheus.dropRedisMetrics: got "redis_hz"; allowed: a list, such as [a, b]`,
        ]);
        assert.deepEqual(problems(part("dataProtection", { protect: "yes" })), [
            `dataProtection.protect: got "yes"; allowed: true or false, without quotes`,
        ]);
    });

    it("refuses names that every object has, wherever they stand", () => {
        const json = (text: string) => JSON.parse(text) as Settings;
        for (const key of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]) {
            const named = json(`{"${key}": {"instances": {}}}`);
            const at = (path: string) => [`${path}.${key}`];
            assert.deepEqual(
                paths({ redis: { ...(prod.redis as Settings), ...named } }),
                at("redis"),
            );
            assert.deepEqual(
                paths({ redis: json(`{"${key}": {"instances": {}}, "prod": {"instances": {}}}`) }),
                at("redis"),
            );
            assert.deepEqual(
                paths({ receiverSecrets: json(`{"${key}": "x"}`) }),
                at("receiverSecrets"),
            );
            assert.deepEqual(
                paths({
                    jaeger: {
                        ...(prod.jaeger as Settings),
                        sampling: { services: json(`{"${key}": 1}`) },
                    },
                }),
                at("jaeger.sampling.services"),
            );
            assert.deepEqual(
                paths(part("ingress", { annotations: { grafana: json(`{"${key}": "x"}`) } })),
                at("ingress.annotations.grafana"),
            );
        }
        assert.deepEqual(paths(part("alerting", { defaultReceiver: "constructor" })), [
            "alerting.defaultReceiver",
        ]);
        assert.deepEqual(paths({ environment: "constructor" }), ["environment"]);
    });

    it("has one rule for namespaces of the platform and of Kubernetes, in every place", () => {
        for (const namespace of [
            "monitoring",
            "logging",
            "tracing",
            "default",
            "kube-system",
            "kube-x",
        ]) {
            const found = [
                ...paths({ redis: { [namespace]: { instances: {} } } }),
                ...paths({
                    ...part("cluster", { tenantNamespaces: { [namespace]: "prod" } }),
                }),
                ...paths({ redisOperator: { replicas: 1, watchNamespaces: [namespace, "prod"] } }),
            ];
            assert.deepEqual(found, [
                `redis.${namespace}`,
                `cluster.tenantNamespaces.${namespace}`,
                "redisOperator.watchNamespaces",
            ]);
        }
    });
});

describe("Sizes and their relations", () => {
    const one = (change: Settings): string[] =>
        problems({ redis: { orders: { instances: { a: instance(change) } } } }).map(
            (line) => line.split("redis.orders.instances.a.")[1] ?? line,
        );

    it("of Redis leave room for data, its file and its backups", () => {
        assert.match(one({ memory: "1" })[0] ?? "", /^memory: got "1"; allowed: 64Mi or more: /);
        assert.match(
            one({ memory: "32Mi" })[0] ?? "",
            /^memory: got "32Mi"; allowed: 64Mi or more/,
        );
        assert.match(
            one({ memory: "1Gi", storageSize: "512Mi" })[0] ?? "",
            /^storageSize: got "512Mi"; as much as memory \(1Gi\) or more/,
        );
        assert.match(
            one({ maxMemoryPercentOfLimit: 1 })[0] ?? "",
            /^maxMemoryPercentOfLimit: got 1; more of memory \(256Mi\): maxmemory would be 2Mi/,
        );
        assert.deepEqual(one({ memory: "64Mi", storageSize: "128Mi" }), []);
    });

    it("of Prometheus hold its series", () => {
        assert.match(problems(part("prometheus", { memory: "1Mi" }))[0] ?? "", /256Mi or more/);
        const found = problems(
            part("prometheus", {
                memory: "512Mi",
                expectedSeries: 6_000_000,
                storageSize: "1500Gi",
            }),
        );
        assert.equal(found.length, 1);
        // 6,000,000 x 3 kB.
        assert.match(found[0] ?? "", /^prometheus\.memory: got "512Mi"; 17167Mi or more/);
    });

    it("of tail sampling fit the collector", () => {
        const tail = (change: Settings): string[] =>
            problems({
                jaeger: {
                    collector: { minReplicas: 1, maxReplicas: 1, memory: "1Gi" },
                    query: { replicas: 1 },
                    sampling: {
                        tail: { keepProbability: 0.1, expectedTracesPerSecond: 100, ...change },
                    },
                },
            });
        assert.deepEqual(tail({ decisionWait: "30s" }), []);
        assert.match(
            tail({ decisionWait: "1h" })[0] ?? "",
            /tail\.decisionWait: got "1h"; less, or/,
        );
        assert.equal(tail({ decisionWait: "1d" }).length, 1);
        assert.match(
            tail({ expectedTracesPerSecond: 100_000 })[0] ?? "",
            /what waits takes 4\.7Gi/,
        );
    });
});

describe("What Kubernetes would refuse, or cannot run", () => {
    it("is refused before: instances whose Services fill the variables of a pod", () => {
        const many = (count: number): Settings => ({
            redis: {
                orders: {
                    instances: Object.fromEntries(
                        Array.from({ length: count }, (_, i) => [`cache-${i}`, instance({})]),
                    ),
                },
            },
        });
        assert.deepEqual(problems(many(300)), []);
        const [line = "", ...others] = problems(many(1000));
        assert.deepEqual(others, []);
        assert.match(
            line,
            /^redis\.orders\.instances: got 1000 instances; at most \d{3} such ones/,
        );
    });

    it("is refused before: more bytes than an object takes", () => {
        const long = Object.fromEntries(
            Array.from({ length: 20_000 }, (_, i) => [`service-${i}`, 0.5]),
        );
        assert.match(
            problems({
                jaeger: { ...(prod.jaeger as Settings), sampling: { services: long } },
            })[0] ?? "",
            /^jaeger: got \d+ bytes; at most 262144/,
        );
        const ranges = Array.from({ length: 20_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
        assert.deepEqual(paths(part("ingress", { sourceRanges: ranges })), ["ingress"]);
        const clients = Array.from({ length: 20_000 }, (_, i) => `namespace-${i}`);
        assert.deepEqual(paths({ redis: { prod: { clientNamespaces: clients, instances: {} } } }), [
            "redis.prod.clientNamespaces",
        ]);
    });

    it("is refused before: one host for two pages, and a class twice", () => {
        const ingress = (change: Settings): string[] =>
            paths({
                ingress: { enabled: true, className: "nginx", controllerNamespace: "x", ...change },
            });
        const host = "web.example.com";
        assert.deepEqual(ingress({ hosts: { grafana: host, kibana: host } }), [
            "ingress.hosts.kibana",
        ]);
        assert.deepEqual(
            ingress({ annotations: { grafana: { "kubernetes.io/ingress.class": "nginx" } } }),
            ["ingress.annotations.grafana.kubernetes.io/ingress.class"],
        );
    });
});

describe("Secrets in the configuration", () => {
    const SECRETS = [
        "https://hooks.slack.com/services/T000/B000/TOPSECRET",
        "https://user:TOPSECRET@s3.example.com",
        "https://TOPSECRET@s3.example.com",
        "https://example.com/x?token=TOPSECRET",
        "https://oapi.dingtalk.com/robot/send?access_token=TOPSECRET",
        "AKIATOPSECRETTOPSECR",
        "xoxb-TOPSECRET-1234567",
        "ghp_TOPSECRETTOPSECRET12345",
        "-----BEGIN RSA PRIVATE KEY-----TOPSECRET",
        "password=TOPSECRET",
        "Basic TOPSECRETTOPSECRET",
    ];
    const PLACES: Readonly<Record<string, (secret: unknown) => Settings>> = {
        channel: (secret) =>
            part("alerting", {
                receivers: { chat: { type: "slack", channel: secret } },
                routes: {},
            }),
        "a receiver": (secret) => part("alerting", { receivers: { chat: secret } }),
        endpoint: (secret) => ({
            backup: { repository: { type: "s3", endpoint: secret, bucket: "bucket" } },
        }),
        bucket: (secret) => ({
            backup: {
                repository: { type: "s3", endpoint: "https://s3.example.com", bucket: secret },
            },
        }),
        runbooks: (secret) => part("alerting", { runbookBaseUrl: secret }),
        charts: (secret) => ({ charts: { source: secret } }),
        "an annotation": (secret) => part("ingress", { annotations: { grafana: { a: secret } } }),
        "a service": (secret) => ({
            jaeger: {
                ...(prod.jaeger as Settings),
                sampling: { services: { [String(secret)]: 2 } },
            },
        }),
        "a host": (secret) => part("ingress", { hosts: { grafana: secret } }),
        context: (secret) => ({ kubeContext: secret }),
        "the name of a receiver": (secret) => ({ receiverSecrets: { [String(secret)]: "x" } }),
        "a whole key": (secret) => ({ receiverSecrets: secret }),
        "a map where a text belongs": (secret) => ({ receiverSecrets: { pager: { a: secret } } }),
        "a list of credentials": (secret) => ({ backupCredentials: [secret] }),
        "an unknown credential": (secret) => ({ snapshotCredentials: { password: secret } }),
        "a Redis password": (secret) => ({
            redisPasswords: { prod: { "redis-replication": secret } },
        }),
    };
    for (const [place, change] of Object.entries(PLACES)) {
        it(`is refused and never shown: ${place}`, () => {
            for (const secret of SECRETS) {
                const lines = problems(change(secret));
                // One of the secrets is a good password.
                assert.ok(lines.length > 0 || place === "a Redis password", `${secret} was taken`);
                assert.doesNotMatch(lines.join("\n"), /TOPSECRET/);
            }
        });
    }
});
