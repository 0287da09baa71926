import assert from "node:assert/strict";

import { parse } from "yaml";

import {
    find,
    findRelease,
    kubernetesObjects,
    label,
    listAt,
    ofKind,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";
import { chartDefaults, unknownValues } from "../../support/chartValues";
import { changed, refuses } from "../../support/refusalTable";
import { skip } from "../../support/skip";

const GRAFANA = {
    namespace: "dashboards",
    podLabels: { "app.kubernetes.io/name": "grafana" },
    url: "https://grafana.example.com",
    dashboardLabel: { dashboards: "yes" },
    dataSourceLabel: { sources: "yes" },
    folderAnnotation: "folder",
};
const ALERTMANAGER = {
    namespace: "alerts",
    podLabels: { "app.kubernetes.io/name": "alertmanager" },
    service: "alertmanager-operated",
};

/** The data sources that the program gives Grafana. */
function sources(run: ProgramRun): Record<string, unknown>[] {
    const { manifest } = find(run, "Secret", "grafana-data-sources");
    const file = textAt(manifest, "stringData", "secret", "observability.yaml");
    return (parse(file) as { datasources: Record<string, unknown>[] }).datasources;
}

/** Pods that a policy lets in, by their namespace. */
function letIn(run: ProgramRun, policy: string): unknown {
    const { manifest } = find(run, "NetworkPolicy", policy);
    return listAt(manifest, "spec", "ingress").flatMap((rule) =>
        listAt(rule, "from").map((peer) => [
            valueAt(peer, "namespaceSelector", "matchLabels", "kubernetes.io/metadata.name"),
            valueAt(peer, "podSelector", "matchLabels"),
        ]),
    );
}

describe("A Grafana that is there already", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("prod", {
            components: { grafana: "existing" },
            existing: { grafana: GRAFANA },
        });
    });

    it("gets every dashboard where its sidecar looks, by its label and with its annotation", () => {
        const beside = kubernetesObjects(run).filter((each) => each.namespace === "dashboards");
        const dashboards = beside.filter(({ kind }) => kind === "ConfigMap");
        assert.ok(dashboards.length >= 10, String(dashboards.length));
        for (const { labels, manifest, name } of dashboards) {
            assert.equal(labels.dashboards, "yes", name);
            assert.equal(labels.grafana_dashboard, undefined, name);
            assert.match(textAt(manifest, "metadata", "annotations", "folder"), /^[A-Z]/, name);
        }
    });

    it("gets the chart's dashboards too, by keys that the chart has", function () {
        const { values, chart, version } = findRelease(run, "kube-prometheus-stack");
        const grafana = valueAt(values, "grafana");
        assert.deepEqual(grafana, {
            enabled: false,
            forceDeployDashboards: true,
            namespaceOverride: "dashboards",
            sidecar: {
                dashboards: {
                    label: "dashboards",
                    labelValue: "yes",
                    annotations: { folder: "Kubernetes" },
                    multicluster: { global: { enabled: false }, etcd: { enabled: false } },
                },
            },
        });
        const defaults = chartDefaults(chart, version);
        if (!defaults) {
            skip(this, `the values of ${chart} ${version} are not at hand`);
        }
        assert.deepEqual(unknownValues(chart, { grafana }, defaults), []);
    });

    it("gets Prometheus, Alertmanager, Jaeger and Elasticsearch as data sources by the names of dashboards", () => {
        assert.deepEqual(
            sources(run).map(({ uid, url }) => [uid, url]),
            [
                ["prometheus", "http://kube-prometheus-stack-prometheus.monitoring.svc:9090"],
                ["alertmanager", "http://kube-prometheus-stack-alertmanager.monitoring.svc:9093"],
                ["jaeger", "http://jaeger-query.tracing.svc:16686"],
                ["logs", "https://elasticsearch.logging.svc:9200"],
                ["logs-operator", "https://elasticsearch.logging.svc:9200"],
                ["logs-instance", "https://elasticsearch.logging.svc:9200"],
                ["logs-containers", "https://elasticsearch.logging.svc:9200"],
                ["logs-events", "https://elasticsearch.logging.svc:9200"],
            ],
        );
        const { labels, namespace } = find(run, "Secret", "grafana-data-sources");
        assert.equal(namespace, "dashboards");
        assert.equal(labels.sources, "yes");
        assert.equal(
            sources(run).some(({ isDefault }) => isDefault),
            false,
        );
    });

    it("is let in to each of them, and nothing is closed beside it", () => {
        for (const part of ["prometheus", "alertmanager", "jaeger", "elasticsearch"]) {
            assert.deepEqual(letIn(run, `grafana-to-${part}`), [
                ["dashboards", { "app.kubernetes.io/name": "grafana" }],
            ]);
        }
        const policies = ofKind(run, "NetworkPolicy");
        assert.equal(
            policies.some(({ namespace }) => namespace === "dashboards"),
            false,
        );
    });

    it("is where alerts link to, and is neither backed up nor told of in the outputs", () => {
        const rules = JSON.stringify(ofKind(run, "PrometheusRule").map((each) => each.manifest));
        assert.match(rules, /"dashboard_url":"https:\/\/grafana\.example\.com\/d\//);
        const backups = ofKind(run, "CronJob").filter(({ name }) => /grafana/.test(name));
        assert.deepEqual(backups.map(label), []);
        assert.equal("grafana" in (run.outputs.endpoints as object), false);
    });
});

describe("An Alertmanager that is there already", () => {
    const existing = { components: { alertmanager: "existing" } };
    const quiet = { alerting: { runbookBaseUrl: "", receivers: {} } };

    it("is told by Prometheus and shown by Grafana, and routes by itself", async () => {
        const run = await previewOf("prod", {
            ...quiet,
            ...existing,
            existing: { alertmanager: ALERTMANAGER },
        });
        const { values } = findRelease(run, "kube-prometheus-stack");
        assert.deepEqual(valueAt(values, "alertmanager"), { enabled: false });
        assert.deepEqual(valueAt(values, "prometheus", "prometheusSpec", "alertingEndpoints"), [
            { namespace: "alerts", name: "alertmanager-operated", port: 9093 },
        ]);
        assert.deepEqual(valueAt(values, "grafana", "sidecar", "datasources", "alertmanager"), {
            enabled: false,
        });
        const source = sources(run).find(({ uid }) => uid === "alertmanager");
        assert.equal(source?.url, "http://alertmanager-operated.alerts.svc:9093");
        // Whether Prometheus reaches it is this stack's matter, what it does itself is not.
        const disabled = valueAt(values, "defaultRules", "disabled") as object;
        assert.equal("PrometheusNotConnectedToAlertmanagers" in disabled, false);
        assert.equal(valueAt(values, "defaultRules", "rules", "alertmanager"), false);
        const beside = kubernetesObjects(run).filter(({ namespace }) => namespace === "alerts");
        assert.deepEqual(beside.map(label), []);
    });

    it("gets receivers and routes where it takes them, with the relay and its edge", async () => {
        const run = await previewOf("prod", {
            ...existing,
            existing: { alertmanager: { ...ALERTMANAGER, takesRouting: true } },
            alerting: {
                runbookBaseUrl: "",
                receivers: {
                    chat: { type: "slack", channel: "#redis" },
                    robot: { type: "dingtalk" },
                },
                routes: {
                    all: { severities: ["critical", "warning"], receivers: ["chat", "robot"] },
                },
            },
            receiverSecrets: {
                chat: "https://hooks.slack.com/services/T/B/x",
                robot: { url: "https://oapi.dingtalk.com/robot/send?access_token=x" },
            },
        });
        const beside = kubernetesObjects(run).filter(({ namespace }) => namespace === "alerts");
        assert.deepEqual(beside.map(label).sort(), [
            "ConfigMap alerts/notification-relay",
            "Deployment alerts/notification-relay",
            "NetworkPolicy alerts/alertmanager-to-notification-relay",
            "PodDisruptionBudget alerts/notification-relay",
            "Secret alerts/alertmanager-config",
            "Secret alerts/alertmanager-receivers",
            "Secret alerts/notification-relay-receivers",
            "Service alerts/notification-relay",
        ]);
        assert.deepEqual(letIn(run, "alertmanager-to-notification-relay"), [
            ["alerts", { "app.kubernetes.io/name": "alertmanager" }],
        ]);
        const { manifest } = find(run, "Secret", "alertmanager-config");
        const config = textAt(manifest, "stringData", "secret", "alertmanager.yaml");
        assert.match(config, /notification-relay\.alerts\.svc/);
    });
});

describe("Everything but Redis there already", () => {
    it("leaves monitors, rules, dashboards and what Redis needs", async () => {
        const run = await previewOf("staging", {
            alerting: { runbookBaseUrl: "", receivers: {} },
            slos: {},
            components: {
                prometheus: "existing",
                alertmanager: "existing",
                grafana: "existing",
                kubeStateMetrics: "off",
                nodeExporter: "off",
                redisOperator: "existing",
                logging: "off",
                kibana: "off",
                tracing: "off",
            },
            existing: {
                prometheus: {
                    namespace: "monitoring",
                    podLabels: { "app.kubernetes.io/name": "prometheus" },
                    service: "prometheus-operated",
                },
                alertmanager: ALERTMANAGER,
                grafana: { namespace: "dashboards", podLabels: GRAFANA.podLabels },
                redisOperator: { namespace: "redis-operator" },
            },
        });
        const places = new Set(kubernetesObjects(run).map(({ namespace }) => namespace));
        assert.deepEqual([...places].sort(), ["dashboards", "staging", undefined]);
        const beside = kubernetesObjects(run).filter((each) => each.namespace === "dashboards");
        assert.ok(beside.some(({ name }) => name === "dashboard-redis-instance"));
        assert.ok(
            beside.every(
                ({ kind, labels }) => kind === "ConfigMap" && labels.grafana_dashboard === "1",
            ),
            beside.map(label).join("\n"),
        );
    });
});

describe("Backups that are off", () => {
    it("leave no job, drill, alert, store or dashboard of theirs, whatever instances ask for", async () => {
        const run = await previewOf("staging", { components: { backup: "off" } });
        const traces = kubernetesObjects(run).filter(
            ({ kind, name }) =>
                (kind === "CronJob" && !/^jaeger/.test(name)) ||
                kind === "PersistentVolumeClaim" ||
                /backup/.test(name),
        );
        assert.deepEqual(traces.map(label), []);
    });

    it("need no repository and no bucket's credentials", async () => {
        const run = await previewOf("prod", {
            components: { backup: "off" },
            ...changed("prod", "backup", { repository: undefined }),
        });
        assert.ok(kubernetesObjects(run).length > 100);
        const pending = await previewOf("prod", {
            components: { backup: "off" },
            ...changed("prod", "backup", {
                repository: { type: "s3", endpoint: "", bucket: "" },
            }),
            backupCredentials: {},
        });
        assert.equal(
            pending.log.some((line) => line.includes("backupCredentials")),
            false,
        );
    });
});

describe("What is there already, told wrongly", () => {
    const place = { namespace: "dashboards", podLabels: GRAFANA.podLabels };
    refuses({
        "a Grafana without its address": {
            change: { components: { grafana: "existing" } },
            says: "existing.grafana: got nothing; namespace and podLabels of the one that is there, or components.grafana: on",
        },
        "an Alertmanager without its address": {
            change: {
                components: { alertmanager: "existing" },
                alerting: { runbookBaseUrl: "", receivers: {} },
            },
            says: "existing.alertmanager: got nothing; namespace, podLabels and service of the one that is there, or components.alertmanager: on",
        },
        "an address of a part that is off": {
            change: { components: { grafana: "off" }, existing: { grafana: place } },
            says: "existing.grafana: got an address that nothing uses; nothing, or components.grafana: existing",
        },
        "a namespace that this stack makes": {
            change: {
                components: { grafana: "existing" },
                existing: { grafana: { ...place, namespace: "monitoring" } },
            },
            says: `existing.grafana.namespace: got "monitoring", which this stack makes; the namespace in which it is already, made by somebody else`,
        },
        "two labels where a sidecar has one": {
            change: {
                components: { grafana: "existing" },
                existing: { grafana: { ...place, dashboardLabel: { a: "1", b: "2" } } },
            },
            says: `existing.grafana.dashboardLabel: got what is not allowed; allowed: one label with its value, as its sidecar has them in LABEL and LABEL_VALUE`,
        },
        "a Grafana of ours without Prometheus": {
            change: {
                components: {
                    prometheus: "existing",
                    alertmanager: "off",
                    kubeStateMetrics: "off",
                    nodeExporter: "off",
                },
                existing: {
                    prometheus: { namespace: "monitor", podLabels: { app: "p" }, service: "p" },
                },
                alerting: { runbookBaseUrl: "", receivers: {} },
            },
            says: `components.grafana: got "on"; "off", "existing", or components.prometheus: on: one chart brings both`,
        },
        "receivers for an Alertmanager that routes by itself": {
            change: {
                components: { alertmanager: "existing" },
                existing: { alertmanager: ALERTMANAGER },
                alerting: {
                    runbookBaseUrl: "",
                    receivers: { chat: { type: "slack", channel: "#redis" } },
                    routes: { all: { severities: ["critical"], receivers: ["chat"] } },
                },
            },
            says: `alerting.receivers: got ["chat"]; {}, since that Alertmanager routes by itself, or existing.alertmanager.takesRouting: true once it reads alertmanager-config (docs/adapting.md)`,
        },
        "backups that are somebody's": {
            change: { components: { backup: "existing" } },
            says: `components.backup: got "existing"; allowed: on, off`,
        },
    });
});
