import assert from "node:assert/strict";

import { ControlPlane } from "../../lab/cluster/controlPlane";
import { startPrometheusOperator, warningEvents } from "../../lab/cluster/operators";
import { admits } from "../support/selectors";
import { DiscoveredTarget, GeneratedConfig } from "./prometheus";
import type { Stack } from "./stack";
import { podOf } from "./wiring/monitors";
import { CaseStacks } from "./world";

const MONITORS = "monitoring.coreos.com/v1";

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
            front: { port: 9090, canary: true },
            meshed: { port: 9090, mesh: true },
            web: { port: "metrics", path: "/stats", interval: "15s" },
            behind: { service: true, port: "http" },
            numbered: { service: true, port: 8080 },
        },
    },
    scrape: { annotated: { enabled: true } },
    delivery: { flux: { controllers: ["source-controller"] }, argocd: {}, flagger: {} },
    mesh: {
        istio: { gateways: { ingress: { namespace: "gateways", selector: { istio: "ingress" } } } },
    },
    probes: { shop: { url: "https://shop.example.com/healthz" } },
    clients: { prometheus: { kiali: { namespace: "istio-system" } } },
};

/** Pods of a namespace: their labels, ports by name, and whether they ask to be scraped, at which port. */
interface Pod {
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ports: Readonly<Record<string, number>>;
    /** Ports of a sidecar that Kubernetes knows as one: an init container that goes on. */
    readonly native?: Readonly<Record<string, number>>;
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
    // Delivered by Flagger, with sidecars: the canary is there while there is a new version.
    ...["front", "front-primary"].map((app) => ({
        namespace: "shop",
        name: `${app}-0`,
        labels: { app },
        ports: { metrics: 9090, "http-envoy-prom": 15090 },
        annotations: asked(15020, { "sidecar.istio.io/status": "{}" }),
    })),
    {
        namespace: "shop",
        name: "meshed-0",
        labels: { app: "meshed" },
        ports: { metrics: 9090 },
        native: { "http-envoy-prom": 15090 },
        annotations: asked(15020, { "sidecar.istio.io/status": "{}" }),
    },
    {
        namespace: "shop",
        name: "injected",
        labels: { app: "injected" },
        ports: { web: 8080, "http-envoy-prom": 15090 },
        annotations: asked(15020, { "sidecar.istio.io/status": "{}" }),
    },
    // Tools, as their manifests and charts have them.
    {
        namespace: "flux-system",
        name: "source-controller-0",
        labels: { app: "source-controller" },
        ports: { http: 9090, "http-prom": 8080, healthz: 9440 },
        annotations: asked(8080),
    },
    ...Object.entries<Pod["ports"]>({
        "argocd-application-controller": { metrics: 8082 },
        "argocd-server": { server: 8080, metrics: 8083 },
        "argocd-repo-server": { server: 8081, metrics: 8084 },
        "argocd-applicationset-controller": { webhook: 7000, metrics: 8080 },
    }).map(([component, ports]) => ({
        namespace: "argocd",
        name: `${component}-0`,
        labels: { "app.kubernetes.io/name": component },
        ports,
    })),
    {
        namespace: "flagger-system",
        name: "flagger-0",
        labels: { "app.kubernetes.io/name": "flagger" },
        ports: { http: 8080 },
        annotations: asked(8080),
    },
    {
        namespace: "istio-system",
        name: "istiod-0",
        labels: { app: "istiod" },
        ports: { "http-debug": 8080, "grpc-xds": 15010, monitoring: 15014 },
        annotations: asked(15014),
    },
    {
        namespace: "gateways",
        name: "ingress-0",
        labels: { istio: "ingress" },
        ports: { web: 8080, "http-envoy-prom": 15090 },
        annotations: asked(15020),
    },
    { namespace: "kube-system", name: "cni", ports: { web: 9962 }, annotations: asked(9962) },
    { namespace: "tracing", name: "collector", ports: { web: 8888 }, annotations: asked(8888) },
];

/** By hand: each target once, by the job that has it. */
const EXPECTED = [
    ...["canary front-0", "primary front-primary-0"].map((each) => {
        const [set = "", pod = ""] = each.split(" ");
        return `podMonitor/monitoring/shop.front-${set}/0: front-${set} http ${pod}:15090/stats/prometheus`;
    }),
    "podMonitor/monitoring/shop.front/0: front http front-0:9090/metrics",
    "podMonitor/monitoring/shop.meshed-mesh/0: meshed-mesh http meshed-0:15090/stats/prometheus",
    "podMonitor/monitoring/shop.meshed/0: meshed http meshed-0:9090/metrics",
    "podMonitor/monitoring/shop.front/0: front http front-primary-0:9090/metrics",
    ...[
        "application-controller 8082",
        "applicationset-controller 8080",
        "repo-server 8084",
        "server 8083",
    ].map((each) => {
        const [component = "", port = ""] = each.split(" ");
        const job = `argocd-${component}`;
        return `podMonitor/monitoring/${job}/0: ${job} http ${job}-0:${port}/metrics`;
    }),
    "probe/monitoring/shop: probes http blackbox-exporter.monitoring.svc:9115/probe",
    "podMonitor/monitoring/flagger/0: flagger http flagger-0:8080/metrics",
    "podMonitor/monitoring/source-controller/0: source-controller http source-controller-0:8080/metrics",
    "serviceMonitor/monitoring/istio-ingress/0: istio-ingress http ingress-0:15090/stats/prometheus",
    "serviceMonitor/monitoring/istiod/0: istiod http istiod-0:15014/metrics",
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

function podObject({ namespace, name, labels = {}, ports, native, annotations = {} }: Pod): object {
    const container = (containerName: string, its: Pod["ports"]): object => ({
        name: containerName,
        image: "example.org/app:1",
        securityContext: RESTRICTED,
        ports: Object.entries(its).map(([portName, containerPort]) => ({
            name: portName,
            containerPort,
        })),
    });
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { namespace, name, labels, annotations },
        spec: {
            containers: [container("main", ports)],
            ...(native
                ? {
                      initContainers: [
                          { ...container("istio-proxy", native), restartPolicy: "Always" },
                      ],
                  }
                : {}),
        },
    };
}

const service = (
    app: string,
    namespace = "shop",
    port: object = { name: "http", port: 80, targetPort: 8080 },
): object => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name: app, labels: { app } },
    spec: { selector: { app }, ports: [port] },
});
const ISTIOD = service("istiod", "istio-system", { name: "http-monitoring", port: 15014 });

const FOREIGN = ["shop", "flux-system", "argocd", "flagger-system", "istio-system", "gateways"];

/** Monitors, each broken in another place, and the only line of the expected ones that is missing then. */
const BREAKS: Readonly<Record<string, readonly [monitor: readonly string[], change: object]>> = {
    selector: [
        ["PodMonitor", "flagger"],
        { selector: { matchLabels: { "app.kubernetes.io/name": "flager" } } },
    ],
    port: [["ServiceMonitor", "istiod"], { endpoints: [{ port: "monitoring" }] }],
    path: [["PodMonitor", "shop.web"], { podMetricsEndpoints: [{ port: "metrics", path: "/" }] }],
    namespace: [
        ["PodMonitor", "source-controller"],
        { namespaceSelector: { matchNames: ["flux"] } },
    ],
};

describe("Cluster: applications, delivery tools, a mesh, probes, and pods that ask to be scraped", function () {
    this.timeout(180_000);
    let plane: ControlPlane;
    let stack: Stack;
    let config: GeneratedConfig;
    let targets: DiscoveredTarget[];

    before(async function () {
        // Its tools may have to be built.
        this.timeout(0);
        plane = await ControlPlane.start();
        const foreign = FOREIGN.map((name) => ({
            apiVersion: "v1",
            kind: "Namespace",
            metadata: { name },
        }));
        for (const each of foreign) {
            await plane.client.apply(each, "test");
        }
        const stacks = new CaseStacks(plane, "staging");
        await stacks.up({ change: SETTINGS });
        const [again] = await stacks.up({ change: SETTINGS });
        assert.ok(again);
        stack = again.stack;
        const services = [service("behind"), service("numbered"), ISTIOD];
        for (const each of [...PODS.map(podObject), ...services]) {
            await plane.client.apply(each, "test");
        }
        await startPrometheusOperator(plane);
        const jobs = EXPECTED.map((line) => line.split(": ")[0] ?? "");
        config = await GeneratedConfig.withJobs(plane, jobs);
        targets = (await config.targets(EXPECTED.length, isExpected)).filter(isExpected);
    });
    after(() => plane.stop());

    /** Whether a target is of a job of EXPECTED. */
    function isExpected({ scrapePool }: DiscoveredTarget): boolean {
        return EXPECTED.some((line) => line.startsWith(`${scrapePool}: `));
    }

    /** Each target by the job that has it, and by its pod. */
    async function lines(found: readonly DiscoveredTarget[]): Promise<string[]> {
        const pods = await plane.client.list("v1", "Pod");
        const nameOf = new Map(
            pods.map(({ metadata, status }) => [
                (status as { podIP?: string }).podIP ?? "",
                metadata.name,
            ]),
        );
        return found.map(({ scrapePool, scrapeUrl, labels }) => {
            const { protocol, hostname, port, pathname } = new URL(scrapeUrl);
            const pod = nameOf.get(hostname);
            return `${scrapePool}: ${labels.job} ${protocol.slice(0, -1)} ${pod ?? hostname}:${port}${pathname}`;
        });
    }

    it("are accepted, with no unknown field, and change nothing when applied again", () => {
        assert.deepEqual([stack.refused, stack.changedAgain, stack.warnings], [[], [], []]);
    });

    it("are each discovered once by Prometheus, and none that a monitor has by its annotations", async () => {
        assert.deepEqual((await lines(targets)).sort(), [...EXPECTED].sort());
    });

    it("give their series the environment, the namespace, the pod and the application", () => {
        const missing = targets.filter(
            ({ labels }) =>
                !labels.environment || !labels.namespace || !(labels.pod ?? labels.probe),
        );
        assert.deepEqual(missing, []);
        const annotated = targets.find(({ labels }) => labels.pod === "many-ports");
        assert.equal(annotated?.labels.app, "many");
    });

    it("have their limits in the configuration, which promtool takes", async () => {
        const output = await config.check();
        assert.match(output, /SUCCESS: .*prometheus.yml is valid prometheus config file syntax/);
        assert.doesNotMatch(output, /WARNING|FAILED/);
        const limits = (job: string) => {
            const { sample_limit, label_limit } = config.job(job);
            return [sample_limit, label_limit];
        };
        assert.deepEqual(limits("podMonitor/ode/ode.ode-api/0"), [5000, 40]);
        assert.deepEqual(limits("scrapeConfig/monitoring/annotated-pods"), [5000, 40]);
        assert.deepEqual(limits("serviceMonitor/monitoring/istio-ingress/0"), [50_000, 60]);
    });

    it("are refused by no operator", async () => {
        const kinds = /^(ServiceMonitor|PodMonitor|ScrapeConfig|Probe|PrometheusRule|Prometheus) /;
        const events = (await warningEvents(plane)).filter((line) => kinds.test(line));
        assert.deepEqual(events, []);
    });

    it("are reached by Prometheus where nobody else may, and named when the edge is gone", async () => {
        const { client } = plane;
        const [prometheus] = (await client.list("v1", "Pod", "monitoring")).filter(
            (each) => podOf(each).labels["app.kubernetes.io/name"] === "prometheus",
        );
        assert.ok(prometheus, "there is no Prometheus pod");
        const policies = (await client.list("networking.k8s.io/v1", "NetworkPolicy")).map(
            (manifest) => ({ namespace: manifest.metadata.namespace ?? "", manifest }),
        );
        const pods = await client.list("v1", "Pod", "ode");
        const closed = (left: typeof policies): string[] =>
            ["ode-api-0", "ode-worker-0"].filter((name) => {
                const pod = pods.find(({ metadata }) => metadata.name === name);
                return !pod || !admits(left, podOf(prometheus), podOf(pod), 9090);
            });
        assert.deepEqual(closed(policies), []);
        for (const application of ["ode-api", "ode-worker"]) {
            const edge = `prometheus-to-ode.${application}`;
            assert.deepEqual(
                closed(policies.filter(({ manifest }) => manifest.metadata.name !== edge)),
                [`${application}-0`],
            );
        }
    });

    it(`are missed by name when a monitor is broken in its ${Object.keys(BREAKS).join(", ")}`, async () => {
        const broken = Object.values(BREAKS);
        for (const [[kind = "", name = ""], change] of broken) {
            const found = await plane.client.get(MONITORS, kind, "monitoring", name);
            await plane.client.patch(found, { spec: change });
        }
        const kept = EXPECTED.length - broken.length;
        const missing = await plane.eventually("the configuration follows", 90, async () => {
            const generated = await GeneratedConfig.read(plane);
            const left = await generated.targets(kept, isExpected);
            const there = await lines(left.filter(isExpected));
            const gone = EXPECTED.filter((line) => !there.includes(line));
            assert.ok(gone.length >= broken.length, `only missing: ${gone.join("; ")}`);
            return gone;
        });
        assert.deepEqual(
            missing.map((line) => line.split("/").slice(1, 3).join("/")).sort(),
            broken.map(([[, name]]) => `monitoring/${name}`).sort(),
        );
    });
});
