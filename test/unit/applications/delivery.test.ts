import assert from "node:assert/strict";

import {
    find,
    kubernetesObjects,
    label,
    leaves,
    listAt,
    ofKind,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf, stackRun } from "../../../lab/program/runs";
import { refuses } from "../../support/refusalTable";

const SETTINGS = {
    applications: {
        shop: {
            front: {
                port: 9090,
                canary: true,
                slo: {
                    availability: { objective: 99, window: "14d" },
                    latency: { objective: 99, window: "14d", within: 1 },
                },
            },
            meshed: { port: 8080, mesh: true, selector: { tier: "meshed" } },
        },
    },
    scrape: { annotated: { enabled: true, namespaces: ["shop"] } },
    redis: { shop: { isolate: "redis", instances: {} } },
    delivery: {
        flux: { controllers: ["source-controller", "helm-controller"], reconcileWithin: "2h" },
        argocd: {},
        flagger: { namespace: "flagger" },
    },
    mesh: {
        istio: { gateways: { ingress: { namespace: "gateways", selector: { istio: "ingress" } } } },
    },
    clients: { prometheus: { kiali: { namespace: "istio-system", podLabels: { app: "kiali" } } } },
};

function alertsOf(run: ProgramRun): string[] {
    return ofKind(run, "PrometheusRule").flatMap(({ manifest }) =>
        leaves(manifest.spec)
            .filter(([at]) => at.at(-1) === "alert")
            .map(([, value]) => String(value)),
    );
}
const of = (run: ProgramRun, rule: string): unknown[] =>
    listAt(find(run, "PrometheusRule", rule).manifest, "spec", "groups")
        .flatMap((group) => listAt(group, "rules"))
        .map((each) => valueAt(each, "alert"));

const TOOLS = /^(Flagger|Istio|Argocd|FluxReconcileOverdue)/;

describe("Tools that are there already", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("staging", SETTINGS);
    });

    it("have their monitors beside Prometheus, each in the tool's namespace", () => {
        const monitors = ofKind(run, "PodMonitor", "ServiceMonitor")
            .filter(({ manifest }) => valueAt(manifest, "spec", "namespaceSelector") !== undefined)
            .map((each) => {
                const names = listAt(each.manifest, "spec", "namespaceSelector", "matchNames");
                return `${label(each)} of ${names.join()}`;
            });
        assert.deepEqual(monitors.sort(), [
            "PodMonitor monitoring/argocd-application-controller of argocd",
            "PodMonitor monitoring/argocd-applicationset-controller of argocd",
            "PodMonitor monitoring/argocd-repo-server of argocd",
            "PodMonitor monitoring/argocd-server of argocd",
            "PodMonitor monitoring/flagger of flagger",
            "PodMonitor monitoring/helm-controller of flux-system",
            "PodMonitor monitoring/source-controller of flux-system",
            "PodMonitor shop/shop.front of shop",
            "PodMonitor shop/shop.front-canary of shop",
            "PodMonitor shop/shop.front-primary of shop",
            "PodMonitor shop/shop.meshed of shop",
            "PodMonitor shop/shop.meshed-mesh of shop",
            "ServiceMonitor monitoring/istio-ingress of gateways",
            "ServiceMonitor monitoring/istiod of istio-system",
        ]);
    });

    it("have their alerts with them", () => {
        assert.deepEqual(of(run, "flagger"), [
            "TargetMissing",
            "FlaggerCanaryFailed",
            "FlaggerCanaryStuck",
        ]);
        assert.deepEqual(of(run, "istio"), [
            "TargetMissing",
            "TargetMissing",
            "IstioHighErrorRate",
            "IstioConfigRejected",
        ]);
        assert.deepEqual(of(run, "flux"), [
            "TargetMissing",
            "TargetMissing",
            "FluxReconcileOverdue",
        ]);
        assert.deepEqual(of(run, "argocd").slice(4), [
            "ArgocdApplicationOutOfSync",
            "ArgocdApplicationDegraded",
        ]);
    });

    it("have none of them in a stack that does not name the tool", async () => {
        const others = alertsOf(await stackRun("staging")).filter((each) => TOOLS.test(each));
        assert.deepEqual(others, []);
    });

    it("keep Flagger's own labels, and store a part of what proxies expose", () => {
        const flagger = find(run, "PodMonitor", "flagger").manifest;
        const endpoint = valueAt(flagger, "spec", "podMetricsEndpoints", "0");
        assert.equal(valueAt(endpoint, "honorLabels"), true);
        assert.equal(valueAt(endpoint, "port"), "http");
        const gateway = find(run, "ServiceMonitor", "istio-ingress").manifest;
        const kept = new RegExp(
            `^(${String(valueAt(gateway, "spec", "endpoints", "0", "metricRelabelings", "0", "regex"))})$`,
        );
        for (const name of ["istio_requests_total", "istio_request_duration_milliseconds_bucket"]) {
            assert.match(name, kept);
        }
        for (const name of ["istio_request_bytes_bucket", "envoy_cluster_upstream_rq_total"]) {
            assert.doesNotMatch(name, kept);
        }
    });

    it("lead a gateway's monitor to its proxies by a Service", () => {
        const { manifest, namespace, labels } = find(run, "Service", "istio-ingress-metrics");
        assert.equal(namespace, "gateways");
        assert.deepEqual(valueAt(manifest, "spec"), {
            clusterIP: "None",
            selector: { istio: "ingress" },
            ports: [{ name: "http-envoy-prom", port: 15090, targetPort: 15090 }],
        });
        const monitor = find(run, "ServiceMonitor", "istio-ingress").manifest;
        assert.deepEqual(valueAt(monitor, "spec", "selector", "matchLabels"), labels);
    });

    it("may ask Prometheus where they must: Flagger, and who is named", () => {
        const sources = (policy: string): unknown =>
            valueAt(find(run, "NetworkPolicy", policy).manifest, "spec", "ingress", "0");
        const from = (namespace: string, matchLabels: object) => [
            {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
                podSelector: { matchLabels },
            },
        ];
        assert.deepEqual(sources("flagger-to-prometheus"), {
            from: from("flagger", { "app.kubernetes.io/name": "flagger" }),
            ports: [{ port: 9090, protocol: "TCP" }],
        });
        assert.deepEqual(sources("client-kiali-to-prometheus"), {
            from: from("istio-system", { app: "kiali" }),
            ports: [{ port: 9090, protocol: "TCP" }],
        });
    });

    it("tell canary and primary apart, and have the application's own metrics of both", () => {
        const spec = (name: string) =>
            valueAt(find(run, "PodMonitor", name).manifest, "spec", "selector");
        assert.deepEqual(spec("shop.front-canary"), { matchLabels: { app: "front" } });
        assert.deepEqual(spec("shop.front-primary"), { matchLabels: { app: "front-primary" } });
        assert.deepEqual(spec("shop.front"), {
            matchExpressions: [{ key: "app", operator: "In", values: ["front", "front-primary"] }],
        });
        const missed = listAt(find(run, "PrometheusRule", "shop.front").manifest, "spec", "groups")
            .flatMap((group) => listAt(group, "rules"))
            .filter((rule) => valueAt(rule, "alert") === "TargetMissing")
            .map((rule) => valueAt(rule, "labels", "job"));
        // A canary has no pod while there is no new version.
        assert.deepEqual(missed, ["front", "front-primary"]);
    });

    it("have the sidecars of what the mesh serves without a canary, beside its own metrics", () => {
        const { manifest } = find(run, "PodMonitor", "shop.meshed-mesh");
        assert.deepEqual(valueAt(manifest, "spec", "selector"), {
            matchLabels: { tier: "meshed" },
        });
        const endpoint = valueAt(manifest, "spec", "podMetricsEndpoints", "0");
        assert.equal(valueAt(endpoint, "port"), "http-envoy-prom");
        assert.equal(valueAt(endpoint, "path"), "/stats/prometheus");
        const labels = listAt(endpoint, "relabelings").map(
            (each) => `${textAt(each, "targetLabel")}=${textAt(each, "replacement")}`,
        );
        assert.deepEqual(labels, ["job=meshed-mesh", "app=meshed", "environment=staging"]);
        const missed = listAt(find(run, "PrometheusRule", "shop.meshed").manifest, "spec", "groups")
            .flatMap((group) => listAt(group, "rules"))
            .filter((rule) => valueAt(rule, "alert") === "TargetMissing")
            .map((rule) => valueAt(rule, "labels", "job"));
        assert.deepEqual(missed, ["meshed", "meshed-mesh"]);
    });

    it("may be reached at their sidecars where nobody else may", async () => {
        const closed = await previewOf("staging", {
            redis: { shop: { isolate: "namespace", instances: {} } },
            applications: { shop: { web: { port: 9090, mesh: true }, api: { port: 9090 } } },
            mesh: { istio: {} },
        });
        const ports = (application: string) =>
            listAt(
                find(closed, "NetworkPolicy", `prometheus-to-shop.${application}`).manifest,
                ...["spec", "ingress"],
            ).flatMap((each) => listAt(each, "ports").map((port) => valueAt(port, "port")));
        assert.deepEqual([ports("web"), ports("api")], [[9090, 15090], [9090]]);
    });

    it("let Flagger's analysis count what the objectives count, of the canary's pods", () => {
        const query = (name: string): unknown => {
            const { manifest, namespace } = find(run, "MetricTemplate", name);
            assert.equal(namespace, "flagger");
            assert.deepEqual(valueAt(manifest, "spec", "provider"), {
                type: "prometheus",
                address: "http://kube-prometheus-stack-prometheus.monitoring.svc:9090",
            });
            return valueAt(manifest, "spec", "query");
        };
        const pods = `namespace="{{ namespace }}", pod=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"`;
        const rate = (series: string, more = "") =>
            `sum(rate(${series}{${pods}${more}}[{{ interval }}]))`;
        const all = rate("http_requests_total");
        assert.equal(
            query("shop.front-availability"),
            `100 * (${rate("http_requests_total", ', code!~"5.."')} or 0 * ${all}) / (${all} > 0)`,
        );
        assert.equal(
            query("shop.front-latency"),
            `100 * ${rate("http_request_duration_seconds_bucket", ', le="1.0"')} / (${rate("http_request_duration_seconds_count")} > 0)`,
        );
    });

    it("are left out of annotated scraping, as are pods with a sidecar", () => {
        const { manifest } = find(run, "ScrapeConfig", "annotated-pods");
        const drops = listAt(manifest, "spec", "relabelings")
            .filter((each) => valueAt(each, "action") === "drop")
            .map(
                (each) =>
                    `${listAt(each, "sourceLabels").join()} ${String(valueAt(each, "regex"))}`,
            );
        for (const expected of [
            "__meta_kubernetes_pod_annotationpresent_sidecar_istio_io_status true",
            "__meta_kubernetes_namespace,__meta_kubernetes_pod_label_app shop;front-primary",
            "__meta_kubernetes_namespace,__meta_kubernetes_pod_label_app flux-system;source-controller",
            "__meta_kubernetes_namespace,__meta_kubernetes_pod_label_app istio-system;istiod",
            "__meta_kubernetes_namespace,__meta_kubernetes_pod_label_istio gateways;ingress",
        ]) {
            assert.ok(drops.includes(expected), expected);
        }
    });

    it("have what waypoints report counted in ambient mode", async () => {
        const selector = { "gateway.networking.k8s.io/gateway-name": "waypoint" };
        const istio = { mode: "ambient", gateways: { waypoint: { namespace: "shop", selector } } };
        const ambient = await previewOf("staging", { mesh: { istio } });
        const service = find(ambient, "Service", "istio-waypoint-metrics");
        assert.deepEqual(
            [service.namespace, valueAt(service.manifest, "spec", "selector")],
            ["shop", selector],
        );
        const { manifest } = find(ambient, "ServiceMonitor", "istio-waypoint");
        assert.deepEqual(valueAt(manifest, "spec", "selector", "matchLabels"), service.labels);
        const [expr] = listAt(find(ambient, "PrometheusRule", "istio").manifest, "spec", "groups")
            .flatMap((group) => listAt(group, "rules"))
            .filter((rule) => valueAt(rule, "alert") === "IstioHighErrorRate")
            .map((rule) => String(valueAt(rule, "expr")));
        assert.match(expr ?? "", /reporter="waypoint"/);
        const objects = kubernetesObjects(ambient).filter(({ name }) =>
            /flagger|argocd/.test(name),
        );
        assert.deepEqual(objects.map(label), []);
    });
});

const CANARY = { applications: { shop: { front: { port: 9090, canary: true } } } };
const SMALL = {
    components: {
        ...{ prometheus: "existing", redisOperator: "existing", alertmanager: "off" },
        ...{ grafana: "off", kubeStateMetrics: "off", nodeExporter: "off", logging: "off" },
        ...{ kibana: "off", tracing: "off" },
    },
    existing: {
        prometheus: { namespace: "prom", podLabels: { app: "prom" }, service: "prom" },
        redisOperator: { namespace: "redis-operator" },
    },
    alerting: { runbookBaseUrl: "", receivers: {} },
    slos: {},
    ingress: { enabled: false },
};

describe("Tools that cannot be as they are declared", () => {
    refuses({
        "a canary without a mesh": {
            change: CANARY,
            says: "applications.shop.front.canary: got true; false, or mesh.istio: its sidecars count the requests of a canary",
        },
        "a canary whose pods have no sidecar": {
            change: { ...CANARY, mesh: { istio: { mode: "ambient" } } },
            says: "applications.shop.front.canary: got true; false with mesh.istio.mode ambient, where pods have no sidecar: the waypoint counts, and is a gateway of mesh.istio.gateways",
        },
        "a canary with labels of its own": {
            change: {
                applications: {
                    shop: { front: { port: 9090, canary: true, selector: { tier: "front" } } },
                },
                mesh: { istio: {} },
            },
            says: `applications.shop.front.selector: got {"tier":"front"}; nothing with canary: Flagger tells the two sets of pods apart by app: front and app: front-primary`,
        },
        "an application in a mesh that is not there": {
            change: { applications: { shop: { web: { port: 9090, mesh: true } } } },
            says: "applications.shop.web.mesh: got true; false, or mesh.istio: without a mesh its pods have no sidecar",
        },
        "a sidecar in ambient mode": {
            change: {
                applications: { shop: { web: { port: 9090, mesh: true } } },
                mesh: { istio: { mode: "ambient" } },
            },
            says: "applications.shop.web.mesh: got true; false with mesh.istio.mode ambient, where pods have no sidecar: the waypoint counts, and is a gateway of mesh.istio.gateways",
        },
        "a canary that is not in the mesh": {
            change: {
                applications: { shop: { front: { port: 9090, canary: true, mesh: false } } },
                mesh: { istio: {} },
            },
            says: "applications.shop.front.mesh: got false; true or nothing with canary: the sidecars count the requests of both",
        },
        "the name of the sidecars of another application": {
            change: {
                applications: {
                    shop: {
                        front: { port: 9090, canary: true },
                        "front-primary": { port: 9090, selector: { app: "other" } },
                    },
                },
                mesh: { istio: {} },
            },
            says: `applications.shop.front-primary: got "front-primary"; another name: front-primary is the job of the sidecars of front`,
        },
        "two gateways with one selector": {
            change: {
                mesh: {
                    istio: {
                        gateways: {
                            a: { namespace: "gateways", selector: { istio: "ingress" } },
                            b: { namespace: "gateways", selector: { istio: "ingress" } },
                        },
                    },
                },
            },
            says: `mesh.istio.gateways.b.selector: got {"istio":"ingress"}; labels that only its pods have: a selects the same, which would be scraped twice`,
        },
        "a gateway of every pod": {
            change: {
                mesh: { istio: { gateways: { a: { namespace: "gateways", selector: {} } } } },
            },
            says: "mesh.istio.gateways.a.selector: got {}; one label of its pods or more",
        },
        "a client of somebody's Prometheus": {
            change: {
                ...SMALL,
                redis: {},
                clients: { prometheus: { kiali: { namespace: "istio-system" } } },
            },
            says: "clients.prometheus.kiali: got a client of somebody's Prometheus; nothing, or components.prometheus: on: whoever owns it lets its clients in",
        },
        "a controller that Flux does not have": {
            change: { delivery: { flux: { controllers: ["source-controler"] } } },
            says: `delivery.flux.controllers.0: got "source-controler"; did you mean "source-controller"? allowed: source-controller, kustomize-controller, helm-controller, notification-controller, image-reflector-controller, image-automation-controller`,
        },
        "a tool of a tenant": {
            change: {
                cluster: {
                    ...{ name: "prod", role: "tenant", controlPlane: "managed" },
                    ownerStack: "organization/observability/prod",
                },
                delivery: { flagger: {} },
            },
            says: "delivery.flagger: got what a cluster has once; nothing in a tenant: set it in the owner's stack",
        },
    });
});
