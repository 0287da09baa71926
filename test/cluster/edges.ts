import type { Port } from "../support/selectors";

/** Connections that must be open between workloads that exist; what no row allows must be closed. */
export interface Edge {
    readonly why: string;
    readonly from: RegExp;
    readonly to: RegExp;
    readonly ports: readonly Port[];
}

/** Namespaces with Redis instances. */
const REDIS = ["staging", "prod", "qa"] as const;
/** Pods of CronJobs beside Redis. */
const BACKUPS = "(backup|drill|restore)-";
const PROMETHEUS = /^monitoring\/prometheus-kube-prometheus-stack-prometheus$/;
const ALERTMANAGER = /^monitoring\/alertmanager-kube-prometheus-stack-alertmanager$/;
const GRAFANA = /^monitoring\/(kube-prometheus-stack-)?grafana$/;
const ELASTICSEARCH = /^logging\/elasticsearch-es-default$/;
const KIBANA = /^logging\/kibana-kb$/;
const SETUP = /^logging\/elasticsearch-setup-[0-9a-f]+$/;
const OPERATOR = /^redis-operator-system\/redis-operator$/;
const PROBES = /^monitoring\/blackbox-exporter$/;
const QUERY = /^tracing\/jaeger-query$/;
const COLLECTOR = /^tracing\/jaeger-collector$/;
/** Pods that the Redis operator makes. */
const redis = (namespace: string = REDIS.join("|")): RegExp =>
    new RegExp(`^(${namespace})/(?!${BACKUPS})\\S+$`);

export const EDGES: readonly Edge[] = [
    // Metrics.
    row("Prometheus scrapes Redis exporters", PROMETHEUS, redis(), 9121),
    row("Prometheus scrapes the Redis operator", PROMETHEUS, OPERATOR, 8080),
    row(
        "Prometheus scrapes the Elasticsearch exporter",
        PROMETHEUS,
        /elasticsearch-exporter$/,
        9108,
    ),
    row("Prometheus scrapes Fluent Bit", PROMETHEUS, /^logging\/fluent-bit$/, 2020),
    row("Prometheus scrapes Jaeger", PROMETHEUS, /^tracing\/jaeger-(collector|query)$/, 8888),
    row("Prometheus scrapes what Jaeger counts of spans", PROMETHEUS, COLLECTOR, 8889),
    row("Prometheus asks for probes", PROMETHEUS, PROBES, 9115),
    row("Elasticsearch's certificate is watched", PROBES, ELASTICSEARCH, 9200),
    row("Prometheus scrapes Grafana", PROMETHEUS, GRAFANA, 3000),
    row("Prometheus scrapes kube-state-metrics", PROMETHEUS, /kube-state-metrics$/, 8080),
    row("Prometheus scrapes itself and its reloader", PROMETHEUS, PROMETHEUS, 9090, 8080),
    row("Prometheus alerts and scrapes Alertmanager", PROMETHEUS, ALERTMANAGER, 9093, 8080),
    row(
        "Alertmanagers tell each other what they sent",
        ALERTMANAGER,
        ALERTMANAGER,
        9094,
        "9094/UDP",
    ),
    row("Grafana reads Prometheus", GRAFANA, PROMETHEUS, 9090, 8080),
    row("Grafana reads Alertmanager", GRAFANA, ALERTMANAGER, 9093, 8080),
    // Redis.
    ...REDIS.flatMap((each) => [
        row(
            `members in ${each}, backups and whoever else is there use its Redis`,
            new RegExp(`^${each}/`),
            redis(each),
            ...[6379, 26379],
        ),
        row(`members in ${each} find each other`, redis(each), redis(each), 16379),
    ]),
    row("the operator makes masters and clusters", OPERATOR, redis(), 6379, 26379),
    row("the tenant's clients use its Redis", /^a client in shop$/, redis("qa"), 6379, 26379),
    // Logs.
    row("Fluent Bit writes logs", /^logging\/fluent-bit$/, ELASTICSEARCH, 9200),
    row("the exporter reads Elasticsearch", /elasticsearch-exporter$/, ELASTICSEARCH, 9200),
    row("the setup job writes templates and policies", SETUP, ELASTICSEARCH, 9200),
    row("the setup job writes dashboards", SETUP, KIBANA, 5601),
    row("Kibana reads Elasticsearch", KIBANA, ELASTICSEARCH, 9200),
    row("ECK manages Elasticsearch", /^elastic-system\/elastic-operator$/, ELASTICSEARCH, 9200),
    row("Grafana shows logs", GRAFANA, ELASTICSEARCH, 9200),
    row("a snapshot is restored for trial", /^logging\/drill-elasticsearch$/, ELASTICSEARCH, 9200),
    row("nodes of Elasticsearch form a cluster", ELASTICSEARCH, ELASTICSEARCH, 9200, 9300),
    // Traces.
    row("Jaeger keeps and reads spans", /^tracing\/jaeger-(collector|query)$/, ELASTICSEARCH, 9200),
    row("old spans are deleted", /^tracing\/jaeger-index-cleaner$/, ELASTICSEARCH, 9200),
    row("the service graph is computed", /^tracing\/jaeger-service-graph$/, ELASTICSEARCH, 9200),
    row(
        "every application sends spans, and asks which to send",
        /./,
        COLLECTOR,
        4317,
        4318,
        5778,
        5779,
    ),
    row("Grafana shows traces", GRAFANA, QUERY, 16686),
    row("Jaeger reads what it counted of spans", QUERY, PROMETHEUS, 9090),
    // Backups. Those of Prometheus read the API server, and the drills try what they fetched in their own pods.
    row("Grafana's content is saved", /^monitoring\/backup-grafana$/, GRAFANA, 3000),
    row("Grafana's content is restored", /^monitoring\/restore-grafana$/, GRAFANA, 3000),
    // The API server's address has no selector.
    row(
        "the API server calls the Prometheus Operator",
        /./,
        /kube-prometheus-stack-operator$/,
        10250,
    ),
    row("the API server calls ECK", /./, /^elastic-system\/elastic-operator$/, 9443),
];

function row(why: string, from: RegExp, to: RegExp, ...ports: readonly Port[]): Edge {
    return { why, from, to, ports };
}
