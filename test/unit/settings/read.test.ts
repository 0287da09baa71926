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

describe("Values that leave nothing of what they are for", () => {
    const refused = (change: Settings, path: string, says: RegExp): void => {
        const [line = "", ...others] = problems(change);
        assert.deepEqual(others, []);
        assert.ok(line.startsWith(`${path}: got `), line);
        assert.match(line, says);
    };
    const muted = (...periods: object[]): Settings => {
        const alerting = prod.alerting as Settings;
        return part("alerting", {
            muteTimes: { quiet: { timeZone: "UTC", periods } },
            routes: {
                ...(alerting.routes as Settings),
                messages: { severities: ["warning"], receivers: ["chat"], muteTimes: ["quiet"] },
            },
        });
    };

    it("are refused: a mute time of the whole week", () => {
        const says = /allowed: some weekdays, or a part of the day/;
        const week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        const path = "alerting.muteTimes.quiet.periods.0";
        refused(muted({}), path, /allowed: a map with weekdays, from, to$/);
        refused(muted({ from: "00:00", to: "24:00" }), path, says);
        refused(muted({ weekdays: week }), path, says);
        assert.deepEqual(problems(muted({ weekdays: week, from: "01:00" })), []);
        assert.deepEqual(problems(muted({ weekdays: ["sunday"] })), []);
    });

    it("are refused: a pattern that keeps no metric", () => {
        const keep = (pattern: string): Settings =>
            part("prometheus", {
                remoteWrite: { far: { url: "https://a.example.com", keep: pattern } },
            });
        for (const pattern of ["", " ", "redis_.* ", "redis_.*\n", "redis_(?!up).*", "("]) {
            refused(
                keep(pattern),
                "prometheus.remoteWrite.far.keep",
                /allowed: a regular expression/,
            );
        }
        assert.deepEqual(problems(keep("redis_.*|app_.*")), []);
    });

    it("are refused: a size whose unit was forgotten", () => {
        const es = "elasticsearch.dailyLogVolume";
        refused(
            part("elasticsearch", { dailyLogVolume: "500" }),
            es,
            /allowed: 1Mi or more: a size without/,
        );
        const streams = { operator: { hourlyVolume: "2" }, instance: { hourlyVolume: "16Mi" } };
        refused(
            part("fluentBit", { streams }),
            "fluentBit.streams.operator.hourlyVolume",
            /1Mi or more/,
        );
    });

    it("are refused: an entry twice, in any list", () => {
        const twice = /; allowed: each entry once$/;
        const routes = { all: { severities: ["critical", "critical"], receivers: ["pager"] } };
        assert.match(problems(part("alerting", { routes }))[0] ?? "", twice);
        refused(
            part("ingress", { sourceRanges: ["10.0.0.0/8", "10.0.0.0/8"] }),
            "ingress.sourceRanges",
            twice,
        );
        refused(
            { redis: { orders: { clientNamespaces: ["a", "b", "a"], instances: {} } } },
            "redis.orders.clientNamespaces",
            twice,
        );
        const users = { app: { namespaces: ["shop", "shop"] } };
        refused(
            {
                redis: {
                    orders: { clientNamespaces: ["shop"], instances: { a: instance({ users }) } },
                },
            },
            "redis.orders.instances.a.users.app.namespaces",
            twice,
        );
    });

    it("are refused: pods of Redis that wait for ever, or ask for more than they may", () => {
        const pods = (change: Settings): Settings => ({
            redis: { orders: { instances: { a: instance({ pods: change, cpu: "500m" }) } } },
        });
        const path = "redis.orders.instances.a.pods";
        refused(
            pods({ terminationGracePeriodSeconds: 1e9 }),
            `${path}.terminationGracePeriodSeconds`,
            /from 1 to 86400/,
        );
        refused(pods({ minReadySeconds: 1e9 }), `${path}.minReadySeconds`, /from 0 to 86400/);
        refused(
            pods({ cpuLimit: "100m" }),
            `${path}.cpuLimit`,
            /; cpu \(500m\) or more: Kubernetes/,
        );
        assert.deepEqual(problems(pods({ cpuLimit: "0.5" })), []);
    });

    it("are refused: folders of Grafana outside of its own", () => {
        for (const folder of ["..", ".", "a/b", "a\nb", " ", ""]) {
            refused(
                { dashboards: { home: { folder } } },
                "dashboards.home.folder",
                /allowed: the name of/,
            );
        }
    });
});

describe("Sizes and their relations", () => {
    it("of an alert's times end where nobody would hear of it", () => {
        const alerting = prod.alerting as Settings;
        const route = (change: Settings): string =>
            problems(
                part("alerting", {
                    routes: {
                        ...(alerting.routes as Settings),
                        messages: { severities: ["warning"], receivers: ["chat"], ...change },
                    },
                }),
            ).join("\n");
        const rule = (change: Settings): string =>
            problems(part("alerting", { rules: { RedisInstanceDown: change } })).join("\n");
        const heartbeat = (interval: string): string =>
            problems(
                part("alerting", {
                    receivers: {
                        ...(alerting.receivers as Settings),
                        heartbeat: { type: "heartbeat", interval },
                    },
                }),
            ).join("\n");
        assert.match(
            route({ groupWait: "2h" }),
            /groupWait: got "2h"; allowed: a duration from 1s to 1h/,
        );
        assert.match(
            route({ repeatInterval: "6d" }),
            /allowed: a duration from 1m to 5d: for so long/,
        );
        assert.match(route({ repeatInterval: "1s" }), /allowed: a duration from 1m to 5d/);
        assert.match(rule({ for: "31d" }), /for: got "31d"; allowed: a duration from 1s to 30d/);
        assert.match(
            rule({ keepFiringFor: "31d" }),
            /keepFiringFor: got "31d"; allowed: a duration/,
        );
        assert.match(heartbeat("1s"), /interval: got "1s"; allowed: a duration from 10s to 1h/);
        assert.match(heartbeat("2h"), /interval: got "2h"; allowed: a duration from 10s to 1h/);
        assert.equal(route({ groupWait: "1h", repeatInterval: "5d" }) + rule({ for: "30d" }), "");
        assert.equal(heartbeat("1h") + heartbeat("10s"), "");
    });

    it("of an objective are told once: a window in which nothing can be counted", () => {
        const found = problems({
            slos: { "redis-availability": { objective: 99.9, window: "1s" } },
        });
        assert.equal(found.length, 1, found.join("\n"));
        assert.match(found[0] ?? "", /window: got "1s"; longer than 3d/);
    });

    it("of ports are free on a node, for a program that is not root", () => {
        for (const [port, says] of [
            [22, /from 1024 to 65535/],
            [10250, /allowed: another port than 2379, /],
        ] as const) {
            const [line = "", ...others] = problems(part("cluster", { nodeExporterPort: port }));
            assert.deepEqual(others, []);
            assert.match(line, says);
        }
        assert.deepEqual(problems(part("cluster", { nodeExporterPort: 9101 })), []);
    });

    it("of a replication backlog fit beside maxmemory", () => {
        const backlog = (size: string): string[] =>
            one({ config: { "repl-backlog-size": size, hz: 20 } });
        assert.deepEqual(backlog("64mb"), []);
        // 256Mi, of which 75 % are maxmemory.
        assert.match(
            backlog("65mb")[0] ?? "",
            /^config\.repl-backlog-size: got "65mb"; at most 64Mi, what memory \(256Mi\) leaves/,
        );
    });

    it("of Redis' own keys are told beside others that are right", () => {
        const found = one({ config: { hz: 20, "active-expire-effort": 11, save: 5 }, cpu: "x" });
        assert.deepEqual(
            found.map((line) => line.split(": got ")[0]),
            ["config.save", "cpu"],
        );
        assert.match(
            one({ config: { hz: 20, "active-expire-effort": 11 } })[0] ?? "",
            /^config\.active-expire-effort: got 11; a whole number from 1 to 10/,
        );
    });

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

    it("is refused before: more pods than nodes take", () => {
        const pods = (maxPods: number): string[] =>
            problems({
                ...part("cluster", { maxPods }),
                redis: {
                    orders: {
                        instances: {
                            a: instance({}),
                            b: instance({ mode: "replication", replicas: 3 }),
                            c: instance({ mode: "sentinel", replicas: 3, sentinels: 5, quorum: 3 }),
                            d: instance({ mode: "cluster", shards: 4 }),
                        },
                    },
                },
            });
        // 1 + 3 + (3 + 5) + 2 x 4.
        assert.deepEqual(pods(20), []);
        assert.deepEqual(pods(19), [
            "redis: got 20 pods of Redis and Sentinel; at most cluster.maxPods (19): fewer instances or replicas, or more nodes and a larger cluster.maxPods",
        ]);
        const large = Object.fromEntries(
            Array.from({ length: 31 }, (_, i) => [
                `r-${i}`,
                instance({ mode: "replication", replicas: 5000 }),
            ]),
        );
        assert.match(
            problems({ redis: { orders: { instances: large } } })[0] ?? "",
            /^redis: got 155000 pods of Redis and Sentinel; at most cluster\.maxPods \(150000\)/,
        );
    });

    it("is refused before: more bytes than a variable or a Secret of an instance takes", () => {
        const keys = Object.fromEntries(
            Array.from({ length: 3000 }, (_, i) => [`a-long-name-of-a-key-${i}`, {}]),
        );
        const found = problems({
            redis: {
                orders: { instances: { a: instance({ exporter: { checkSingleKeys: keys } }) } },
            },
        });
        assert.equal(found.length, 1);
        assert.match(
            found[0] ?? "",
            /^redis\.orders\.instances\.a\.exporter: got \d+ bytes; at most 40960: it becomes a variable/,
        );
        const many = Array.from({ length: 30_000 }, (_, i) => `a-prefix-${i}:*`);
        assert.deepEqual(
            paths({
                redis: {
                    orders: { instances: { a: instance({ users: { app: { keys: many } } }) } },
                },
            }),
            ["redis.orders.instances.a"],
        );
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
    it("are known by the names of values, in values of charts too", () => {
        const values = (grafana: Settings): string[] =>
            problems({ helmValues: { "kube-prometheus-stack": { grafana } } });
        for (const secret of [
            { "grafana.ini": { smtp: { password: "TOPSECRET" } } },
            { "grafana.ini": { "auth.github": { client_secret: "TOPSECRET" } } },
            { env: { GF_SMTP_PASSWORD: "TOPSECRET" } },
            { extraEnv: [{ name: "API_TOKEN", value: "TOPSECRET" }] },
            { plugin: { apiKey: "TOPSECRET", secret_key: "TOPSECRET" } },
        ]) {
            const lines = values(secret);
            assert.notEqual(lines.length, 0, JSON.stringify(secret));
            assert.doesNotMatch(lines.join("\n"), /TOPSECRET/);
            assert.match(lines[0] ?? "", /in clear \(hidden\); no secret, .*existingSecret/);
        }
        for (const none of [
            { "grafana.ini": { smtp: { password: "$__file{/etc/secrets/smtp}" } } },
            { smtp: { existingSecret: "smtp", passwordKey: "password" } },
            { automountServiceAccountToken: true },
            { env: { GF_SMTP_PASSWORD: "" } },
        ]) {
            assert.deepEqual(values(none), []);
        }
    });

    it("are no hashes of commits in an image's tag", () => {
        const image = `registry.example.com/team/grafana:${"0123456789abcdef".repeat(2)}01234567`;
        assert.deepEqual(
            problems({ images: { overrides: { "docker.io/grafana/grafana": image } } }),
            [],
        );
    });

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
