import assert from "node:assert/strict";

import {
    KubernetesObject,
    label,
    listAt,
    ofKind,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { everyModeRun, stackRun } from "../../../lab/program/runs";
import { PODS, targets } from "../../support/pods";
import { admits, Pod, Selector, selects } from "../../support/selectors";

const RUNS = {
    staging: () => stackRun("staging"),
    prod: () => stackRun("prod"),
    "a stack with every mode": everyModeRun,
};

for (const [stack, make] of Object.entries(RUNS)) {
    describe(`Monitors of ${stack}`, () => {
        let run: ProgramRun;
        let monitors: KubernetesObject[];
        before(async () => {
            run = await make();
            monitors = ofKind(run, "ServiceMonitor", "PodMonitor");
            assert.ok(monitors.length >= 6, monitors.map(label).join(", "));
        });

        it("select what they scrape, and name a port that it has", () => {
            for (const monitor of monitors) {
                const selector = valueAt(monitor.manifest, "spec", "selector") as Selector;
                const found = targets(run, monitor);
                assert.ok(found.length > 0, `${label(monitor)}: of which pods? Add it to PODS`);
                for (const { selected, ports } of found) {
                    assert.ok(selects(selector, selected), label(monitor));
                    assert.ok(ports[portOf(monitor)] !== undefined, label(monitor));
                }
            }
        });

        it("have an edge that lets Prometheus in to each pod that they scrape", () => {
            const policies = ofKind(run, "NetworkPolicy");
            for (const monitor of monitors) {
                for (const { pod, ports } of targets(run, monitor)) {
                    const port = ports[portOf(monitor)] ?? 0;
                    assert.ok(
                        admits(policies, PODS.prometheus, pod, port),
                        `${label(monitor)}: no edge to port ${port} of ${JSON.stringify(pod)}`,
                    );
                    assert.ok(
                        !admits(policies, PODS.application, pod, port),
                        `${label(monitor)}: port ${port} is open to other pods than Prometheus`,
                    );
                }
            }
        });

        it("give Prometheus no more time than an interval", () => {
            for (const monitor of monitors) {
                const { interval, scrapeTimeout } = endpointOf(monitor);
                assert.ok(parseInt(scrapeTimeout) <= parseInt(interval), label(monitor));
            }
        });
    });
}

interface Endpoint {
    readonly port: string;
    readonly interval: string;
    readonly scrapeTimeout: string;
}

function endpointOf({ kind, manifest }: KubernetesObject): Endpoint {
    const key = kind === "PodMonitor" ? "podMetricsEndpoints" : "endpoints";
    const endpoints = listAt(manifest, "spec", key) as Endpoint[];
    assert.equal(endpoints.length, 1);
    return endpoints.find(() => true) as Endpoint;
}

function portOf(monitor: KubernetesObject): string {
    return textAt(endpointOf(monitor), "port");
}

const redis = (app: string): Pod => ({
    namespace: "orders",
    labels: { app, redis_setup_type: app },
});
const jaeger = (component: string): Pod => ({
    namespace: "tracing",
    labels: { "app.kubernetes.io/name": "jaeger", "app.kubernetes.io/component": component },
});
const anyPod = (namespace: string): Pod => ({ namespace, labels: { app: "other" } });

/** Who must reach whom, and at which port. */
const OPEN: readonly (readonly [string, Pod, Pod, number])[] = [
    ["Fluent Bit writes logs", PODS.fluentBit, PODS.elasticsearch, 9200],
    ["the setup tells Elasticsearch", PODS.setup, PODS.elasticsearch, 9200],
    ["the setup gives Kibana its dashboards", PODS.setup, PODS.kibana, 5601],
    ["the exporter reads Elasticsearch", PODS.elasticsearchExporter, PODS.elasticsearch, 9200],
    ["Kibana reads Elasticsearch", PODS.kibana, PODS.elasticsearch, 9200],
    ["ECK manages Elasticsearch", PODS.elasticOperator, PODS.elasticsearch, 9200],
    ["nodes of Elasticsearch form a cluster", PODS.elasticsearch, PODS.elasticsearch, 9300],
    ["collectors write spans", jaeger("collector"), PODS.elasticsearch, 9200],
    ["the query service reads spans", jaeger("query"), PODS.elasticsearch, 9200],
    ["the cleaner deletes old spans", jaeger("index-cleaner"), PODS.elasticsearch, 9200],
    ["applications send spans by gRPC", PODS.application, jaeger("collector"), 4317],
    ["applications send spans by HTTP", PODS.application, jaeger("collector"), 4318],
    ["applications ask what to sample", PODS.application, jaeger("collector"), 5778],
    ["the service graph is computed", jaeger("service-graph"), PODS.elasticsearch, 9200],
    ["the Monitor tab shows span metrics", jaeger("query"), PODS.prometheus, 9090],
    ["Grafana shows logs", PODS.grafana, PODS.elasticsearch, 9200],
    ["Grafana shows traces", PODS.grafana, jaeger("query"), 16686],
    ["Grafana queries Prometheus", PODS.grafana, PODS.prometheus, 9090],
    ["Prometheus alerts", PODS.prometheus, PODS.alertmanager, 9093],
    ["Alertmanagers agree", PODS.alertmanager, PODS.alertmanager, 9094],
    ["Prometheus scrapes itself", PODS.prometheus, PODS.prometheus, 9090],
    ["Prometheus scrapes its reloader", PODS.prometheus, PODS.prometheus, 8080],
    ["Prometheus scrapes Grafana", PODS.prometheus, PODS.grafana, 3000],
    ["Prometheus scrapes the state of objects", PODS.prometheus, PODS.stateMetrics, 8080],
    ["the API server calls a webhook", anyPod("kube-system"), PODS.prometheusOperator, 10250],
    ["the API server calls ECK's webhook", anyPod("kube-system"), PODS.elasticOperator, 9443],
    ["the operator configures Redis", PODS.redisOperator, redis("pair"), 6379],
    ["the operator configures Sentinel", PODS.redisOperator, redis("watched-sentinel"), 26379],
    ["replicas follow their master", redis("pair"), redis("pair"), 6379],
    ["Sentinels watch", redis("watched-sentinel"), redis("watched"), 6379],
    ["nodes of Redis Cluster gossip", redis("shards-leader"), redis("shards-follower"), 16379],
    ["a client namespace uses Redis", PODS.application, redis("pair"), 6379],
    ["a client namespace asks Sentinel", PODS.application, redis("watched-sentinel"), 26379],
];

/** Who must not. */
const CLOSED: readonly (readonly [string, Pod, Pod, number])[] = [
    ["an application reads logs", PODS.application, PODS.elasticsearch, 9200],
    ["the setup joins Elasticsearch", PODS.setup, PODS.elasticsearch, 9300],
    ["Fluent Bit joins Elasticsearch", PODS.fluentBit, PODS.elasticsearch, 9300],
    ["an application reads metrics", PODS.application, PODS.prometheus, 9090],
    ["an application silences alerts", PODS.application, PODS.alertmanager, 9093],
    ["an application opens Grafana", PODS.application, PODS.grafana, 3000],
    ["an application opens Kibana", PODS.application, PODS.kibana, 5601],
    ["an application reads spans", PODS.application, jaeger("query"), 16686],
    ["a collector reads metrics", jaeger("collector"), PODS.prometheus, 9090],
    ["any other namespace uses Redis", anyPod("billing"), redis("pair"), 6379],
    ["a client joins Redis Cluster", PODS.application, redis("shards-leader"), 16379],
    ["a pod beside Redis joins Redis Cluster", anyPod("orders"), redis("shards-leader"), 16379],
    ["a client reaches a job beside Redis", PODS.application, job("orders"), 6379],
    ["Prometheus reaches a job beside Redis", PODS.prometheus, job("orders"), 9121],
    ["Fluent Bit alerts", PODS.fluentBit, PODS.alertmanager, 9093],
];

/** A pod of ours that is not Redis; applications are their own team's. */
function job(namespace: string): Pod {
    return { namespace, labels: { "app.kubernetes.io/part-of": "observability" } };
}

describe("Network", () => {
    let policies: KubernetesObject[];
    before(async () => {
        policies = ofKind(await everyModeRun(), "NetworkPolicy");
    });

    for (const [what, from, to, port] of OPEN) {
        it(`is open where ${what}`, () => assert.ok(admits(policies, from, to, port)));
    }

    for (const [what, from, to, port] of CLOSED) {
        it(`is closed where ${what}`, () => assert.ok(!admits(policies, from, to, port)));
    }
});
