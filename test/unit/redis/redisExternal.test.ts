import assert from "node:assert/strict";

import { externalProblems, redisExternal } from "../../../components/redis/redisExternal";
import { redisProblems } from "../../../components/redis/redisProblems";
import { redisNamespace } from "../../../components/redis/instanceSettings";
import { find, ofKind, valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";
import { privateAuthority } from "../../support/authority";

const SIZE = { memory: "256Mi", storageSize: "1Gi" };

describe("A Redis outside of the operator", () => {
    let run: ProgramRun;
    before(async () => {
        const { ca } = await privateAuthority("a company");
        run = await previewOf("staging", {
            redis: {
                orders: {
                    instances: { inside: { mode: "standalone", ...SIZE } },
                    external: {
                        sessions: {
                            address: "sessions.example.com:6380",
                            secret: "sessions-redis",
                            ca,
                            tls: { clientCertificate: "sessions-client" },
                            exporter: { checkSingleKeys: { "queue:jobs": {} } },
                            alerts: { RedisHighMemoryUsage: { share: 0.5 } },
                        },
                        open: { address: "10.0.0.5:6379" },
                    },
                },
            },
        });
    });

    function pod(name: string): unknown {
        return valueAt(find(run, "Deployment", name).manifest, "spec", "template");
    }

    it("is asked by an exporter of its own, with its address, its user and what it trusts", () => {
        const [container] = valueAt(pod("sessions-exporter"), "spec", "containers") as object[];
        const secretKeyRef = { name: "sessions-redis" };
        assert.deepEqual(valueAt(container, "env"), [
            { name: "REDIS_ADDR", value: "rediss://sessions.example.com:6380" },
            { name: "REDIS_EXPORTER_WEB_LISTEN_ADDRESS", value: ":9121" },
            { name: "REDIS_EXPORTER_INCL_SYSTEM_METRICS", value: "true" },
            {
                name: "REDIS_USER",
                valueFrom: { secretKeyRef: { ...secretKeyRef, key: "username", optional: true } },
            },
            {
                name: "REDIS_PASSWORD",
                valueFrom: { secretKeyRef: { ...secretKeyRef, key: "password" } },
            },
            { name: "REDIS_EXPORTER_TLS_CA_CERT_FILE", value: "/trust/ca.crt" },
            { name: "REDIS_EXPORTER_TLS_CLIENT_CERT_FILE", value: "/client/tls.crt" },
            { name: "REDIS_EXPORTER_TLS_CLIENT_KEY_FILE", value: "/client/tls.key" },
            { name: "REDIS_EXPORTER_CHECK_SINGLE_KEYS", value: "db0=queue%3Ajobs" },
            { name: "REDIS_EXPORTER_DISABLE_EXPORTING_KEY_VALUES", value: "true" },
        ]);
        const [plain] = valueAt(pod("open-exporter"), "spec", "containers") as object[];
        assert.equal((valueAt(plain, "env") as object[]).length, 3);
    });

    it("has the labels of a single Redis on its series, by which alerts and dashboards know it", () => {
        const monitor = find(run, "ServiceMonitor", "sessions-exporter").manifest;
        assert.deepEqual(valueAt(monitor, "spec", "targetLabels"), ["app", "redis_setup_type"]);
        const service = find(run, "Service", "sessions-exporter").manifest;
        const labels = valueAt(service, "metadata", "labels") as Record<string, string>;
        assert.equal(labels.app, "sessions");
        assert.equal(labels.redis_setup_type, "standalone");
        const selected = valueAt(monitor, "spec", "selector", "matchLabels") as object;
        assert.ok(Object.entries(selected).every(([key, value]) => labels[key] === value));
        const podLabels = valueAt(pod("sessions-exporter"), "metadata", "labels") as object;
        const behind = valueAt(service, "spec", "selector") as object;
        assert.deepEqual({ ...podLabels, ...behind }, podLabels);
    });

    it("is scraped once: no instance's monitor selects its Service", () => {
        const { spec } = find(run, "ServiceMonitor", "inside").manifest as { spec: unknown };
        assert.deepEqual(valueAt(spec, "selector", "matchLabels"), {
            "app.kubernetes.io/component": "metrics",
        });
        const service = find(run, "Service", "sessions-exporter").manifest;
        assert.equal(
            valueAt(service, "metadata", "labels", "app.kubernetes.io/component"),
            "exporter",
        );
    });

    it("lets Prometheus in by the policy of the namespace's exporters", () => {
        const labels = valueAt(pod("sessions-exporter"), "metadata", "labels") as object;
        const open = ofKind(run, "NetworkPolicy").filter(
            ({ namespace, manifest }) =>
                namespace === "orders" && JSON.stringify(manifest).includes('"port":9121'),
        );
        assert.equal(open.length, 1);
        assert.deepEqual(valueAt(open[0]?.manifest, "spec", "podSelector", "matchExpressions"), [
            { key: "redis_setup_type", operator: "Exists" },
        ]);
        assert.ok("redis_setup_type" in labels);
    });

    it("is declared as one pod with its own thresholds, so that it is missed", () => {
        const rules = find(run, "PrometheusRule", "redis").manifest;
        const [group] = valueAt(rules, "spec", "groups") as {
            rules: { labels: { app: string } }[];
        }[];
        const own = group?.rules.filter(({ labels }) => labels.app === "sessions") as object[];
        assert.deepEqual(
            own.map((rule) => [valueAt(rule, "record"), valueAt(rule, "expr")]),
            [
                ["redis:declared_pods", "vector(1)"],
                ["redis:alert_setting", "vector(0.5)"],
            ],
        );
    });

    it("is refused with an instance's name, a slower scrape than its interval, and a database of none", () => {
        const orders = redisNamespace.parse({
            instances: { sessions: { mode: "standalone", ...SIZE } },
            external: {
                sessions: { address: "a:1", scrapeInterval: "10s", scrapeTimeout: "20s" },
                fine: { address: "a:1" },
            },
        });
        const problems = redisProblems({ orders }, { repository: undefined }, "30d", true);
        assert.deepEqual(
            problems.map(({ path, got, allowed }) => `${path}: got ${got}; ${allowed}`),
            [
                'redis.orders.external.sessions: got "sessions"; another name: instance "sessions" of namespace "orders" has the StatefulSet "sessions"',
                'redis.orders.external.sessions.scrapeTimeout: got "20s"; at most scrapeInterval (10s): Prometheus refuses a longer timeout',
            ],
        );
        const settings = redisExternal.parse({
            address: "a:1",
            exporter: { checkSingleKeys: { jobs: { db: 16 } } },
        });
        assert.match(externalProblems("it", settings)[0]?.allowed ?? "", /0 to 15/);
        const [problem] = externalProblems("it", { ...settings, exporter: undefined, ca: "PEM" });
        assert.deepEqual(problem, {
            path: "it.ca",
            got: "an authority without TLS",
            allowed: "nothing without tls, or tls: {}",
        });
    });

    for (const [what, settings] of [
        ["an address without a port", { address: "example.com" }],
        ["a URL", { address: "redis://example.com:6379" }],
        ["a password in clear", { address: "a:1", password: "secret" }],
        ["an authority that is none", { address: "a:1", tls: {}, ca: "x" }],
        ["a Secret's name that is none", { address: "a:1", secret: "A_b" }],
    ] as const) {
        it(`is refused with ${what}`, () => {
            assert.equal(redisExternal.safeParse(settings).success, false);
        });
    }
});
