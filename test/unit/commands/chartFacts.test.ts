import assert from "node:assert/strict";

import { factsOf } from "../../../commands/chartFacts/facts";
import { CHART_ALERTS } from "../../../components/alerting/chartAlerts";
import { CHARTS } from "../../../components/versions";
import { CHART_PODS } from "../../../lab/charts/chartPods";
import { chartFacts } from "../../../lab/charts/facts";

const OURS = `
kind: Deployment
spec:
    template:
        spec:
            initContainers: [{ image: "registry.example.com/init:1" }]
            containers:
                - image: registry.example.com/operator:2
                  args: ["--prometheus-config-reloader=registry.example.com/reloader:3", "--other=x:4"]
---
kind: Prometheus
spec: { image: registry.example.com/prometheus:5, version: v5 }
---
`;
const PLAIN = `
kind: PrometheusRule
spec:
    groups:
        - rules: [{ alert: B, expr: up }, { record: "a:b", expr: up }]
        - rules: [{ alert: A, expr: up }, { alert: B, expr: down }]
---
kind: ConfigMap
data:
    board.json: '{ "uid": "board-1", "panels": [{ "uid": "other" }] }'
    notes.txt: nothing
`;

describe("Facts of charts", () => {
    it("are images, the chart's own resources, alerts and dashboards, each once and sorted", () => {
        const values = "resources: { requests: { cpu: 100m } }\nother: 1\n";
        assert.deepEqual(factsOf("eck-operator", "1.2.3", { ours: OURS, plain: PLAIN, values }), {
            version: "1.2.3",
            images: [
                "registry.example.com/init:1",
                "registry.example.com/operator:2",
                "registry.example.com/prometheus:5",
                "registry.example.com/reloader:3",
            ],
            resources: { resources: { requests: { cpu: "100m" } } },
            alerts: ["A", "B"],
            dashboards: ["board-1"],
        });
    });

    it("are of the pinned versions: after a bump, `npm run chart-facts` (docs/dependency-updates.md)", () => {
        const pinned = Object.values(CHARTS)
            .filter(({ chart }) => CHART_PODS[chart])
            .map(({ chart, version }) => [chart, version]);
        const known = Object.entries(chartFacts()).map(([chart, { version }]) => [chart, version]);
        assert.deepEqual(known.sort(), pinned.sort());
    });

    it("have every alert of the chart that the configuration names", () => {
        const { alerts = [] } = chartFacts()["kube-prometheus-stack"] ?? {};
        assert.deepEqual(
            Object.keys(CHART_ALERTS).filter((alert) => !alerts.includes(alert)),
            [],
            "components/alerting/chartAlerts.ts names what the chart no longer has",
        );
    });

    it("have what our values make of a chart: programs beside Fluent Bit, and none of KEDA's webhooks", () => {
        const images = (chart: string) =>
            chartFacts()[chart]?.images.map((image) => image.replace(/:[^:/]+$/, ""));
        assert.deepEqual(images("fluent-bit"), [
            "cr.fluentbit.io/fluent/fluent-bit",
            "docker.io/library/busybox",
        ]);
        assert.deepEqual(images("keda"), [
            "ghcr.io/kedacore/keda-metrics-apiserver",
            "ghcr.io/kedacore/keda",
        ]);
    });
});
