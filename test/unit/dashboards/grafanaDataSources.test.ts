import assert from "node:assert/strict";

import { parse } from "yaml";

import { provisioningFile } from "../../../components/dashboards/grafanaDataSources";
import { LOG_FIELDS, STREAMS } from "../../../components/logging/logSchema";
import { kubePrometheusStackValues } from "../../../components/metrics/kubePrometheusStackValues";
import { kibanaLinks } from "../../../components/tracing/queryConfig";
import { find, listAt, textAt, valueAt } from "../../../lab/program/objects";
import { previewOf, stackRun } from "../../../lab/program/runs";
import { exampleStackValues } from "../../support/exampleConfig";

const SPAN = {
    traceId: "5b8efff798038103d269b633813fc60c",
    tags: { "service.name": "checkout" },
} as const;

const HOSTS = { kibana: "kibana.example.com", jaeger: "jaeger.example.com" };
const INGRESS = {
    enabled: true,
    className: "nginx",
    controllerNamespace: "ingress-nginx",
    tlsSecretName: "web",
    hosts: HOSTS,
    loginBefore: ["jaeger"],
    annotations: {},
};

const ARGS = {
    elasticsearch: {
        url: "https://elasticsearch.logging.svc:9200",
        username: "grafana",
        password: "from @pulumi/random",
        caCertificate: "-----BEGIN CERTIFICATE-----",
    },
    jaegerUrl: "http://jaeger-query.tracing.svc:16686",
    jaegerExternalUrl: `https://${HOSTS.jaeger}`,
    kibanaExternalUrl: `https://${HOSTS.kibana}`,
};

/** What Grafana makes of a provisioning file: `$NAME` and `${NAME}` are variables of its environment, `$$` is `$`. */
function asGrafanaReads(file: string): Source[] {
    const expanded = file.replace(/\$\$|\$\{?\w*\}?/g, (found) => (found === "$$" ? "$" : ""));
    return (parse(expanded) as { datasources: Source[] }).datasources;
}

interface Source {
    readonly uid: string;
    readonly type: string;
    readonly jsonData: Readonly<Record<string, unknown>>;
}

/** Grafana's variables in a link: https://grafana.com/docs/grafana/latest/datasources/jaeger/configure/. */
function rendered(template: string): string {
    const tags = Object.entries(SPAN.tags).map(([, value]) => `service_name="${value}"`);
    return template
        .replaceAll("${__trace.traceId}", SPAN.traceId)
        .replaceAll("${__value.raw}", SPAN.traceId)
        .replaceAll("$__tags", tags.join(","));
}

describe("Links between metrics, logs and traces", () => {
    const sources = asGrafanaReads(provisioningFile(ARGS));
    const source = (uid: string): Source => {
        const found = sources.find((each) => each.uid === uid);
        assert.ok(found, `no data source ${uid}: ${sources.map((each) => each.uid).join(", ")}`);
        return found;
    };
    /** Uids of all data sources, the chart's own among them. */
    const uids = (): string[] => {
        const { grafana } = kubePrometheusStackValues(exampleStackValues(), {
            grafanaAdmin: "a",
            alertmanagerConfig: "b",
            alertmanagerReceivers: "c",
            nodeExporterNamespace: "d",
        });
        const chart = valueAt(grafana, "sidecar", "datasources");
        return [
            textAt(chart, "uid"),
            textAt(chart, "alertmanager", "uid"),
            ...sources.map(({ uid }) => uid),
        ];
    };

    it("lead from an exemplar to its trace", () => {
        const { grafana } = kubePrometheusStackValues(exampleStackValues(), {
            grafanaAdmin: "a",
            alertmanagerConfig: "b",
            alertmanagerReceivers: "c",
            nodeExporterNamespace: "d",
        });
        const link = valueAt(grafana, "sidecar", "datasources", "exemplarTraceIdDestinations");
        assert.equal(source(textAt(link, "datasourceUid")).type, "jaeger");
        // The label that Jaeger's collector gives its exemplars: test/pipeline/jaeger.test.ts.
        assert.equal(textAt(link, "traceIdLabelName"), "trace_id");
    });

    it("lead from a span to the logs of its trace, in every stream", () => {
        const link = source("jaeger").jsonData.tracesToLogsV2;
        const logs = source(textAt(link, "datasourceUid"));
        assert.equal(logs.type, "elasticsearch");
        assert.equal(rendered(textAt(link, "query")), `trace_id:"${SPAN.traceId}"`);
        assert.ok("trace_id" in LOG_FIELDS);
        const patterns = String(logs.jsonData.index).split(",");
        assert.deepEqual(
            patterns,
            Object.values(STREAMS).map((stream) => `${stream}*`),
        );
    });

    it("lead from a span to the metrics of its service", () => {
        const link = source("jaeger").jsonData.tracesToMetrics;
        assert.ok(uids().includes(textAt(link, "datasourceUid")));
        const [requests, , slow] = listAt(link, "queries").map((query) =>
            rendered(textAt(query, "query")),
        );
        assert.equal(
            requests,
            'sum(rate(traces_span_metrics_calls_total{service_name="checkout"}[5m]))',
        );
        assert.equal(
            slow,
            'histogram_quantile(0.95, sum by (le) (rate(traces_span_metrics_duration_milliseconds_bucket{service_name="checkout"}[5m])))',
        );
    });

    for (const stream of Object.keys(STREAMS)) {
        it(`lead from a document of the ${stream} stream to its trace`, () => {
            const { jsonData } = source(`logs-${stream}`);
            const [inGrafana, inJaeger, inKibana] = listAt(jsonData, "dataLinks");
            assert.equal(textAt(inGrafana, "datasourceUid"), "jaeger");
            assert.equal(rendered(textAt(inGrafana, "url")), SPAN.traceId);
            assert.equal(
                rendered(textAt(inJaeger, "url")),
                `https://jaeger.example.com/trace/${SPAN.traceId}`,
            );
            assert.equal(
                rendered(textAt(inKibana, "url")),
                `https://kibana.example.com/app/discover#/?_a=(query:(language:kuery,query:'trace_id:"${SPAN.traceId}"'))`,
            );
            for (const field of ["timeField", "logMessageField", "logLevelField"]) {
                assert.ok(textAt(jsonData, field) in LOG_FIELDS, field);
            }
        });
    }

    it("lead from a trace in Jaeger's own UI to its logs in Kibana", () => {
        const [link] = kibanaLinks("https://kibana.example.com");
        assert.equal(
            link?.url.replace("#{traceID}", SPAN.traceId),
            `https://kibana.example.com/app/discover#/?_a=(query:(language:kuery,query:'trace_id:"${SPAN.traceId}"'))`,
        );
    });

    it("name no page that has no address outside of the cluster", () => {
        const file = provisioningFile({
            ...ARGS,
            jaegerExternalUrl: undefined,
            kibanaExternalUrl: undefined,
        });
        for (const { uid, jsonData } of asGrafanaReads(file)) {
            if (uid.startsWith("logs")) {
                assert.equal(listAt(jsonData, "dataLinks").length, 1, uid);
            }
        }
        assert.deepEqual(kibanaLinks(undefined), []);
    });

    it("have uids of their own", () => {
        assert.deepEqual([...new Set(uids())], uids());
    });
});

describe("Grafana's data sources", () => {
    it("are in a Secret that the sidecar reads, since they hold a password", async () => {
        const { manifest, labels } = find(await stackRun("prod"), "Secret", "grafana-data-sources");
        assert.equal(labels.grafana_datasource, "1");
        assert.ok(valueAt(manifest, "stringData", "secret", "observability.yaml"));
    });

    it("follow the hosts of the configuration", async () => {
        const run = await previewOf("prod", { ingress: INGRESS });
        const { manifest } = find(run, "ConfigMap", "jaeger-query");
        assert.match(String(valueAt(manifest, "data", "ui.json")), /kibana\.example\.com/);
    });
});
