import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import {
    find,
    kubernetesObjects,
    label,
    listAt,
    ofKind,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { isolatedRun, OWNER, previewOf, stackRun } from "../../../lab/program/runs";
import { readStackFile, ROOT, Settings } from "../../../lab/program/stackFile";
import { refusal } from "../../support/refusal";
import { Refused, refuses } from "../../support/refusalTable";

const INSTANCE = { mode: "standalone", memory: "256Mi", storageSize: "1Gi" };
const CLOSED = { isolate: "namespace", instances: { queue: INSTANCE } };
const slo = {
    availability: { objective: 99.9, window: "14d" },
    latency: { objective: 99, window: "14d", within: 0.3 },
};

/** The applications of 002 in a namespace that lets nobody in, and others of every kind. */
const SETTINGS = {
    redis: { ode: CLOSED, open: { instances: { cart: INSTANCE } } },
    applications: {
        ode: {
            "ode-worker": { port: 9090 },
            "ode-api": { port: 9090 },
            byname: { port: "metrics" },
        },
        open: { web: { port: 9090 } },
        shop: {
            plain: { port: "metrics" },
            special: {
                selector: { "app.kubernetes.io/name": "web", tier: "front" },
                port: 8081,
                path: "/actuator/prometheus",
                interval: "5s",
                team: "shop-team",
            },
            behind: { service: true, port: "metrics" },
            numbered: { service: true, port: 9090 },
            measured: { port: 9090, slo },
            otherwise: {
                port: 9090,
                slo: {
                    availability: {
                        ...slo.availability,
                        requests: "flask_requests_total",
                        status: "status",
                    },
                    latency: { ...slo.latency, durations: "flask_request_seconds", within: 2 },
                },
            },
        },
    },
    scrape: { annotated: { enabled: true } },
};

const named = (job: string) => [
    { action: "replace", targetLabel: "job", replacement: job },
    { action: "replace", targetLabel: "app", replacement: job },
    { action: "replace", targetLabel: "environment", replacement: "staging" },
];

function rulesOf(run: ProgramRun, name: string): unknown[] {
    const { manifest } = find(run, "PrometheusRule", name);
    return listAt(manifest, "spec", "groups").flatMap((group) => listAt(group, "rules"));
}

const alertsOf = (run: ProgramRun, name: string): unknown[] =>
    rulesOf(run, name)
        .map((rule) => valueAt(rule, "alert"))
        .filter((alert) => alert !== undefined);

/** What the kinds that we know of have below a name. */
const objectsOf = (run: ProgramRun, name: string): string[] =>
    kubernetesObjects(run)
        .filter((each) => each.name.endsWith(name))
        .map(label)
        .sort();

describe("Applications beside Redis", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("staging", SETTINGS);
    });
    const endpoint = (kind: "PodMonitor" | "ServiceMonitor", name: string): unknown =>
        valueAt(
            find(run, kind, name).manifest,
            "spec",
            kind === "PodMonitor" ? "podMetricsEndpoints" : "endpoints",
            "0",
        );

    it("have their pods scraped on 9090, whatever else selects them", () => {
        const { manifest, namespace } = find(run, "PodMonitor", "ode.ode-worker");
        assert.equal(namespace, "ode");
        assert.deepEqual(valueAt(manifest, "spec"), {
            namespaceSelector: { matchNames: ["ode"] },
            selector: { matchLabels: { app: "ode-worker" } },
            sampleLimit: 5000,
            labelLimit: 40,
            podMetricsEndpoints: [
                {
                    portNumber: 9090,
                    path: "/metrics",
                    interval: "30s",
                    scrapeTimeout: "10s",
                    relabelings: named("ode-worker"),
                },
            ],
        });
    });

    it("let Prometheus in, and nobody else, where their namespace is closed", () => {
        const { manifest } = find(run, "NetworkPolicy", "prometheus-to-ode.ode-api");
        assert.deepEqual(valueAt(manifest, "spec"), {
            podSelector: { matchLabels: { app: "ode-api" } },
            policyTypes: ["Ingress"],
            ingress: [
                {
                    from: [
                        {
                            namespaceSelector: {
                                matchLabels: { "kubernetes.io/metadata.name": "monitoring" },
                            },
                            podSelector: {
                                matchLabels: {
                                    "app.kubernetes.io/name": "prometheus",
                                    "operator.prometheus.io/name":
                                        "kube-prometheus-stack-prometheus",
                                },
                            },
                        },
                    ],
                    ports: [{ port: 9090, protocol: "TCP" }],
                },
            ],
        });
        const other = find(run, "NetworkPolicy", "prometheus-to-ode.byname").manifest;
        assert.deepEqual(valueAt(other, "spec", "ingress", "0", "ports"), [
            { port: "metrics", protocol: "TCP" },
        ]);
    });

    it("are missed when no pod is scraped, and told of when they expose too much", () => {
        assert.deepEqual(alertsOf(run, "ode.ode-worker"), [
            "TargetMissing",
            "ApplicationTooManySamples",
        ]);
        assert.deepEqual(
            rulesOf(run, "ode.ode-worker").map((rule) => valueAt(rule, "expr")),
            [
                'absent(up{namespace="ode", job="ode-worker"} == 1)',
                'max by (namespace, job) (scrape_samples_post_metric_relabeling{namespace="ode", job="ode-worker"}) > 4500',
            ],
        );
    });

    it("of a namespace that is not ours have their objects beside Prometheus, and no edge", () => {
        assert.deepEqual(objectsOf(run, "shop.plain"), [
            "PodMonitor monitoring/shop.plain",
            "PrometheusRule monitoring/shop.plain",
        ]);
    });

    it("of an open Redis namespace have no edge: the first one would close their pods", () => {
        assert.deepEqual(objectsOf(run, "open.web"), [
            "PodMonitor open/open.web",
            "PrometheusRule open/open.web",
        ]);
    });

    it("may have labels, a path, an interval and an owner of their own", () => {
        const { manifest } = find(run, "PodMonitor", "shop.special");
        assert.deepEqual(valueAt(manifest, "spec", "selector", "matchLabels"), {
            "app.kubernetes.io/name": "web",
            tier: "front",
        });
        assert.deepEqual(endpoint("PodMonitor", "shop.special"), {
            portNumber: 8081,
            path: "/actuator/prometheus",
            interval: "5s",
            // Prometheus refuses a timeout above the interval.
            scrapeTimeout: "5s",
            relabelings: named("special"),
        });
        const teams = (name: string) =>
            rulesOf(run, name).map((rule) => valueAt(rule, "labels", "team"));
        assert.deepEqual(teams("shop.special"), ["shop-team", "shop-team"]);
        assert.deepEqual(teams("shop.plain"), ["platform", "platform"]);
    });

    it("are scraped behind their Service when asked", () => {
        assert.equal(valueAt(endpoint("ServiceMonitor", "shop.behind"), "port"), "metrics");
        assert.equal(valueAt(endpoint("ServiceMonitor", "shop.numbered"), "targetPort"), 9090);
        assert.deepEqual(objectsOf(run, "shop.behind"), [
            "PrometheusRule monitoring/shop.behind",
            "ServiceMonitor monitoring/shop.behind",
        ]);
    });

    it("may promise that requests do not fail, and are fast", () => {
        const expressions = (name: string, record: string): unknown[] =>
            rulesOf(run, `shop.${name}`)
                .filter((rule) => valueAt(rule, "record") === record)
                .map((rule) => valueAt(rule, "expr"));
        const rate = (job: string, series: string, matcher = "") =>
            `sum(rate(${series}{namespace="shop", job="${job}"${matcher}}[2m]))`;
        const usual = (series: string, matcher?: string) => rate("measured", series, matcher);
        assert.deepEqual(expressions("measured", "slo:sli_errors:rate"), [
            `${usual("http_requests_total", ', code=~"5.."')} or 0 * ${usual("http_requests_total")}`,
            `${usual("http_request_duration_seconds_count")} - ${usual("http_request_duration_seconds_bucket", ', le="0.3"')}`,
        ]);
        assert.deepEqual(expressions("measured", "slo:sli_events:rate"), [
            usual("http_requests_total"),
            usual("http_request_duration_seconds_count"),
        ]);
        // Other metrics, and whole seconds as Prometheus stores them.
        const other = (series: string, matcher?: string) => rate("otherwise", series, matcher);
        assert.deepEqual(expressions("otherwise", "slo:sli_errors:rate"), [
            `${other("flask_requests_total", ', status=~"5.."')} or 0 * ${other("flask_requests_total")}`,
            `${other("flask_request_seconds_count")} - ${other("flask_request_seconds_bucket", ', le="2.0"')}`,
        ]);
    });

    it("leave the pods without a monitor to annotations", () => {
        const { manifest, namespace } = find(run, "ScrapeConfig", "annotated-pods");
        assert.equal(namespace, "monitoring");
        const relabelings = listAt(manifest, "spec", "relabelings");
        const by = (action: string) =>
            relabelings
                .filter((each) => valueAt(each, "action") === action)
                .map(
                    (each) =>
                        `${String(valueAt(each, "sourceLabels"))} ${String(valueAt(each, "regex"))}`,
                );
        const app = "__meta_kubernetes_namespace,__meta_kubernetes_pod_label_app";
        assert.deepEqual(by("keep"), [
            "__meta_kubernetes_pod_annotation_prometheus_io_scrape true",
        ]);
        assert.deepEqual(by("drop"), [
            "__meta_kubernetes_pod_phase (Succeeded|Failed)",
            "__meta_kubernetes_namespace kube-.*|monitoring|node-exporter|redis-operator-system|elastic-system|logging|tracing|autoscaling|ode",
            "__meta_kubernetes_pod_labelpresent_redis_setup_type true",
            `${app} ode;ode-worker`,
            `${app} ode;ode-api`,
            `${app} ode;byname`,
            `${app} open;web`,
            `${app} shop;plain`,
            "__meta_kubernetes_namespace,__meta_kubernetes_pod_label_app_kubernetes_io_name,__meta_kubernetes_pod_label_tier shop;web;front",
            ...["behind", "numbered", "measured", "otherwise"].map((each) => `${app} shop;${each}`),
        ]);
        assert.deepEqual(valueAt(manifest, "spec", "kubernetesSDConfigs"), [{ role: "Pod" }]);
        assert.equal(valueAt(manifest, "spec", "sampleLimit"), 5000);
        assert.equal(valueAt(manifest, "spec", "labelLimit"), 40);
        assert.deepEqual(alertsOf(run, "annotated-pods"), ["ApplicationTooManySamples"]);
    });

    it("are in no object of a stack that declares none", async () => {
        const kinds = ["PodMonitor", "ScrapeConfig", "ServiceMonitor", "PrometheusRule"];
        const monitors = ofKind(await stackRun("staging"), ...kinds);
        assert.deepEqual(monitors.filter(({ name }) => /annotated|\./.test(name)).map(label), []);
    });
});

describe("docs/metrics.md", () => {
    const page = fs.readFileSync(path.join(ROOT, "docs/metrics.md"), "utf8");
    const blocks = (language: string): string[] =>
        [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
            ([, text = ""]) => text,
        );

    it("declares the applications of 002 on 9090, as a stack file takes them", async () => {
        const [example = ""] = blocks("yaml");
        const change = parse(example.replaceAll("observability:", "")) as Settings;
        const run = await previewOf("prod", change);
        const ports = ["ode.ode-worker", "ode.ode-api"].map((name) =>
            valueAt(find(run, "PodMonitor", name).manifest, "spec", "podMetricsEndpoints", "0"),
        );
        assert.deepEqual(
            ports.map((each) => valueAt(each, "portNumber")),
            [9090, 9090],
        );
    });

    for (const language of ["rust", "go", "js", "python", "java"]) {
        it(`has an example in ${language} with both metrics on that port`, () => {
            const [code = ""] = blocks(language);
            assert.match(code, /"worker_queue_depth"/);
            assert.match(code, /"worker_processed_jobs_total"/);
            assert.match(code, /\b9090\b/);
        });
    }
});

/** Names of the groups of rules that all objectives share, as often as they are there. */
function sharedGroups(run: ProgramRun): unknown[] {
    return ofKind(run, "PrometheusRule")
        .flatMap(({ manifest }) => listAt(manifest, "spec", "groups"))
        .map((group) => valueAt(group, "name"))
        .filter((name) => /^slo-(averages|error-ratios)/.test(String(name)));
}

describe("Applications without a platform of their own", () => {
    it("of a tenant have their objects in their own namespace: the owner's are not the tenant's", async () => {
        const owner = await stackRun("prod");
        const run = await isolatedRun({
            stack: "qa",
            settings: {
                ...readStackFile("staging"),
                environment: "qa",
                cluster: {
                    name: "prod",
                    role: "tenant",
                    ownerStack: OWNER,
                    controlPlane: "managed",
                },
                redis: {},
                slos: {},
                applications: { shop: { web: { port: 9090, slo } } },
            },
            stackOutputs: { [OWNER]: owner.outputs },
        });
        assert.deepEqual(kubernetesObjects(run).map(label).sort(), [
            "PodMonitor shop/shop.web",
            "PrometheusRule shop/shop.web",
        ]);
        // The owner records it.
        assert.deepEqual(sharedGroups(run), []);
    });

    it("beside somebody's Prometheus record themselves what objectives share, once", async () => {
        const parts = ["alertmanager", "grafana", "kubeStateMetrics", "nodeExporter"];
        const off = [...parts, "logging", "kibana", "tracing"].map((part) => [part, "off"]);
        const web = { port: 9090, slo };
        const run = await previewOf("staging", {
            components: {
                ...Object.fromEntries(off),
                prometheus: "existing",
                redisOperator: "existing",
            },
            existing: {
                prometheus: {
                    namespace: "prom",
                    podLabels: { app: "prom" },
                    service: "prom",
                    objectLabels: { release: "prom" },
                },
                redisOperator: { namespace: "redis-operator" },
            },
            alerting: { runbookBaseUrl: "", receivers: {} },
            slos: {},
            redis: {},
            ingress: { enabled: false },
            applications: { shop: { web, api: web } },
            scrape: { annotated: { enabled: true, namespaces: ["shop", "default"] } },
        });
        assert.deepEqual(sharedGroups(run), [
            "slo-averages",
            "slo-error-ratios",
            "slo-error-ratios-long",
        ]);
        const { manifest, namespace, labels } = find(run, "ScrapeConfig", "annotated-pods");
        assert.equal(namespace, "prom");
        assert.equal(labels.release, "prom");
        assert.deepEqual(valueAt(manifest, "spec", "kubernetesSDConfigs"), [
            { role: "Pod", namespaces: { names: ["shop", "default"] } },
        ]);
    });
});

const refused = (application: object, says: string): Refused => ({
    change: { applications: { shop: { web: { port: 9090, ...application } } } },
    says: `applications.shop.web.${says}`,
});

describe("Applications that cannot be scraped as they are declared", () => {
    refuses({
        "an application without a port": {
            change: { applications: { shop: { web: { path: "/" } } } },
            says: "applications.shop.web.port: got nothing; allowed: the number or the name of a port, such as 9090 or metrics",
        },
        "a port that is none": refused(
            { port: 70000 },
            "port: got 70000; allowed: the number or the name of a port, such as 9090 or metrics",
        ),
        "a path with a query": refused(
            { path: "/metrics?all=1" },
            `path: got "/metrics?all=1"; allowed: a path such as /metrics, without anything after ? or #`,
        ),
        "no label at all": refused(
            { selector: {} },
            "selector: got {}; one label or more, or nothing for app: web",
        ),
        "two applications with one selector": {
            change: {
                applications: {
                    shop: { web: { port: 9090 }, api: { port: 80, selector: { app: "web" } } },
                },
            },
            says: `applications.shop.api.selector: got {"app":"web"}; labels that only its pods have: web selects some of the same, which would be scraped twice`,
        },
        "an application whose selector holds another one's": {
            change: {
                applications: {
                    shop: {
                        web: { port: 9090 },
                        api: { port: 80, selector: { app: "web", tier: "b" } },
                    },
                },
            },
            says: `applications.shop.api.selector: got {"app":"web","tier":"b"}; labels that only its pods have: web selects some of the same, which would be scraped twice`,
        },
        "the pods of a Redis": {
            change: { applications: { prod: { "redis-replication": { port: 9121 } } } },
            says: `applications.prod.redis-replication.selector: got {"app":"redis-replication"}; labels of its own pods: those are of the Redis instance redis-replication, which has a monitor`,
        },
        "an application among ours": {
            change: { applications: { monitoring: { web: { port: 9090 } } } },
            says: `applications.monitoring: got "monitoring"; a namespace of applications: in those of the platform and of Kubernetes, everything that is scraped has a monitor`,
        },
        "the name of a Service's port in a closed namespace": {
            change: {
                redis: { shop: { isolate: "namespace", instances: { cart: INSTANCE } } },
                applications: { shop: { web: { port: "metrics", service: true } } },
            },
            says: `applications.shop.web.port: got "metrics"; the number of the pods' port: redis.shop.isolate closes every other, and the name is the Service's`,
        },
        "an objective over more than is kept": refused(
            { slo: { availability: { objective: 99.9, window: "60d" } } },
            `slo.availability.window: got "60d"; at most retention.metrics (30d): what Prometheus has deleted cannot be counted`,
        ),
        "a latency without a bound": refused(
            { slo: { latency: { objective: 99 } } },
            "slo.latency.within: got nothing; allowed: seconds above 0, such as 0.3: a bound of the histogram's buckets",
        ),
        "a metric that cannot have its name": refused(
            { slo: { availability: { objective: 99.9, requests: "http-requests" } } },
            `slo.availability.requests: got "http-requests"; allowed: the name of a metric such as http_requests_total`,
        ),
        "annotated pods of our namespaces": {
            change: { scrape: { annotated: { enabled: true, namespaces: ["shop", "logging"] } } },
            says: `scrape.annotated.namespaces: got "logging"; a namespace of applications: in those of the platform and of Kubernetes, everything that is scraped has a monitor`,
        },
        "annotated pods of no namespace": {
            change: { scrape: { annotated: { enabled: true, namespaces: [] } } },
            says: "scrape.annotated.namespaces: got []; allowed: a list with one entry or more",
        },
        "annotated pods of a closed namespace": {
            change: {
                redis: { shop: { isolate: "namespace", instances: { cart: INSTANCE } } },
                scrape: { annotated: { enabled: true, namespaces: ["shop"] } },
            },
            says: `scrape.annotated.namespaces: got "shop"; namespaces into which Prometheus may connect: redis.shop.isolate closes it; declare what is in it in applications.shop`,
        },
    });
});

describe("Annotated pods of a tenant", () => {
    it("are the owner's matter, who has Prometheus", async () => {
        const settings = {
            ...readStackFile("staging"),
            cluster: { name: "prod", role: "tenant", ownerStack: OWNER, controlPlane: "managed" },
            scrape: { annotated: { enabled: true } },
        };
        assert.match(
            await refusal({ stack: "qa", settings }),
            /scrape\.annotated\.enabled: got true; false in a tenant, whose owner scrapes them/,
        );
    });
});
