import assert from "node:assert/strict";

import { ControlPlane } from "../../lab/cluster/controlPlane";
import { startPrometheusOperator, warningEvents } from "../../lab/cluster/operators";
import { DiscoveredTarget, GeneratedConfig } from "./prometheus";
import type { Stack } from "./stack";
import { CaseStacks } from "./world";

/** The applications of 002 in a closed namespace, others elsewhere, and pods that only have annotations. */
const SETTINGS = {
    redis: {
        ode: {
            isolate: "namespace",
            instances: { queue: { mode: "standalone", memory: "256Mi", storageSize: "1Gi" } },
        },
    },
    applications: {
        ode: { "ode-worker": { port: 9090 }, "ode-api": { port: 9090 } },
        shop: {
            web: { port: "metrics", path: "/stats", interval: "15s" },
            behind: { service: true, port: "http" },
            numbered: { service: true, port: 8080 },
        },
    },
    scrape: { annotated: { enabled: true } },
};

/** Pods of a namespace: their labels, ports by name, and whether they ask to be scraped, at which port. */
interface Pod {
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ports: Readonly<Record<string, number>>;
    readonly annotations?: Readonly<Record<string, string>>;
}

const asked = (port?: number, more: Readonly<Record<string, string>> = {}) => ({
    "prometheus.io/scrape": "true",
    ...(port ? { "prometheus.io/port": String(port) } : {}),
    ...more,
});

/** Each asks for it by annotations too, but for the one that nothing scrapes. */
const PODS: readonly Pod[] = [
    ...["ode-worker", "ode-api"].map((app) => ({
        namespace: "ode",
        name: `${app}-0`,
        labels: { app },
        // As beside a sidecar.
        ports: { metrics: 9090, web: 8080 },
        annotations: asked(9090),
    })),
    { namespace: "ode", name: "stranger", ports: { web: 9090 }, annotations: asked(9090) },
    {
        namespace: "ode",
        name: "redis-like",
        labels: { app: "queue", redis_setup_type: "standalone" },
        ports: { "redis-exporter": 9121 },
        annotations: asked(9121),
    },
    {
        namespace: "shop",
        name: "web-0",
        labels: { app: "web" },
        ports: { metrics: 9100, web: 80 },
        annotations: asked(9100),
    },
    ...["behind", "numbered"].map((app) => ({
        namespace: "shop",
        name: `${app}-0`,
        labels: { app },
        ports: { web: 8080 },
        annotations: asked(8080),
    })),
    {
        namespace: "shop",
        name: "many-ports",
        labels: { app: "many" },
        ports: { web: 80, admin: 81, metrics: 8081 },
        annotations: asked(8081, {
            "prometheus.io/path": "/stats/prometheus",
            "prometheus.io/scheme": "https",
        }),
    },
    {
        namespace: "shop",
        name: "redis-0",
        labels: { app: "cart", redis_setup_type: "standalone" },
        ports: { "redis-exporter": 9121 },
        annotations: asked(9121),
    },
    { namespace: "shop", name: "silent", ports: { metrics: 9090 } },
    { namespace: "default", name: "one-port", ports: { web: 9090 }, annotations: asked() },
    { namespace: "kube-system", name: "cni", ports: { web: 9962 }, annotations: asked(9962) },
    { namespace: "tracing", name: "collector", ports: { web: 8888 }, annotations: asked(8888) },
];

/** By hand: each target once, by the job that has it. */
const EXPECTED = [
    "podMonitor/monitoring/shop.web/0: web http web-0:9100/stats",
    "podMonitor/ode/ode.ode-api/0: ode-api http ode-api-0:9090/metrics",
    "podMonitor/ode/ode.ode-worker/0: ode-worker http ode-worker-0:9090/metrics",
    "scrapeConfig/monitoring/annotated-pods: annotated-pods http one-port:9090/metrics",
    "scrapeConfig/monitoring/annotated-pods: annotated-pods https many-ports:8081/stats/prometheus",
    "serviceMonitor/monitoring/shop.behind/0: behind http behind-0:8080/metrics",
    "serviceMonitor/monitoring/shop.numbered/0: numbered http numbered-0:8080/metrics",
];

const RESTRICTED = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: "RuntimeDefault" },
};

function podObject({ namespace, name, labels = {}, ports, annotations = {} }: Pod): object {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { namespace, name, labels, annotations },
        spec: {
            containers: [
                {
                    name: "main",
                    image: "example.org/app:1",
                    securityContext: RESTRICTED,
                    ports: Object.entries(ports).map(([portName, containerPort]) => ({
                        name: portName,
                        containerPort,
                    })),
                },
            ],
        },
    };
}

const service = (app: string): object => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: "shop", name: app, labels: { app } },
    spec: { selector: { app }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
});

describe("Cluster: applications, and pods that ask to be scraped", function () {
    this.timeout(180_000);
    let plane: ControlPlane;
    let stack: Stack;
    let config: GeneratedConfig;
    let targets: DiscoveredTarget[];

    before(async function () {
        // Its tools may have to be built.
        this.timeout(0);
        plane = await ControlPlane.start();
        const stacks = new CaseStacks(plane, "staging");
        await stacks.up({ change: SETTINGS });
        const [again] = await stacks.up({ change: SETTINGS });
        assert.ok(again);
        stack = again.stack;
        const shop = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
        for (const each of [shop, ...PODS.map(podObject), service("behind"), service("numbered")]) {
            await plane.client.apply(each, "test");
        }
        await startPrometheusOperator(plane);
        config = await plane.eventually("every monitor has its job", 60, async () => {
            const generated = await GeneratedConfig.read(plane);
            const jobs = EXPECTED.map((line) => line.split(": ")[0] ?? "");
            assert.deepEqual(
                jobs.filter((job) => !generated.jobs.includes(job)),
                [],
            );
            return generated;
        });
        targets = await config.targets(EXPECTED.length, (pool) =>
            EXPECTED.some((line) => line.startsWith(`${pool}: `)),
        );
    });
    after(() => plane.stop());

    it("are accepted, with no unknown field, and change nothing when applied again", () => {
        assert.deepEqual([stack.refused, stack.changedAgain, stack.warnings], [[], [], []]);
    });

    it("are each discovered once by Prometheus, and none that a monitor has by its annotations", async () => {
        const pods = await plane.client.list("v1", "Pod");
        const nameOf = new Map(
            pods.map(({ metadata, status }) => [
                (status as { podIP?: string }).podIP ?? "",
                metadata.name,
            ]),
        );
        const found = targets.map(({ scrapePool, scrapeUrl, labels }) => {
            const { protocol, hostname, port, pathname } = new URL(scrapeUrl);
            const pod = nameOf.get(hostname);
            return `${scrapePool}: ${labels.job} ${protocol.slice(0, -1)} ${pod}:${port}${pathname}`;
        });
        assert.deepEqual(found.sort(), EXPECTED);
    });

    it("give their series the environment, the namespace, the pod and the application", () => {
        const missing = targets.filter(
            ({ labels }) => !labels.environment || !labels.namespace || !labels.pod,
        );
        assert.deepEqual(missing, []);
        const annotated = targets.find(({ labels }) => labels.pod === "many-ports");
        assert.equal(annotated?.labels.app, "many");
    });

    it("have their limits in the configuration, which promtool takes", async () => {
        const output = await config.check();
        assert.match(output, /SUCCESS: .*prometheus.yml is valid prometheus config file syntax/);
        assert.doesNotMatch(output, /WARNING|FAILED/);
        const limits = EXPECTED.map((line) => config.job(line.split(": ")[0] ?? "")).map(
            ({ sample_limit, label_limit }) => [sample_limit, label_limit],
        );
        assert.deepEqual(
            limits,
            EXPECTED.map(() => [5000, 40]),
        );
    });

    it("are refused by no operator", async () => {
        const kinds = /^(ServiceMonitor|PodMonitor|ScrapeConfig|PrometheusRule|Prometheus) /;
        const events = (await warningEvents(plane)).filter((line) => kinds.test(line));
        assert.deepEqual(events, []);
    });
});
