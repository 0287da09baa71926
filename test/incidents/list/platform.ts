import { between, climb, LEAD } from "../curve";
import { clusterIncident, Incident } from "../incident";
import { FLUENT_BIT, JAEGER, kubeState, World } from "../world";
import { page, pageOver, warning, warningOver } from "./lines";

const down = (what: string) => [page(what), pageOver(what)];
const warned = (what: string) => [warning(what), warningOver(what)];

/** What Fluent Bit and Jaeger do while Elasticsearch does not take anything. */
function undelivered(world: World, end: number): void {
    world.set("fluentbit_output_proc_records_total", FLUENT_BIT, [
        [-LEAD, climb(600)],
        [0, 12000],
        [end, climb(600, 12000)],
    ]);
    world.set("fluentbit_output_retries_total", FLUENT_BIT, [
        [-LEAD, 0],
        [0, climb(10)],
        [end, 10 * end],
    ]);
    world.set(
        "fluentbit_output_chunk_available_capacity_percent",
        FLUENT_BIT,
        between(20, end, 5, 100),
    );
    world.set("fluentbit_output_dropped_records_total", FLUENT_BIT, [
        [-LEAD, 0],
        [25, climb(600)],
        [end, 600 * (end - 25)],
    ]);
    world.set("otelcol_exporter_send_failed_spans_total", { ...JAEGER, exporter: "es" }, [
        [-LEAD, 0],
        [2, climb(600)],
        [end, 600 * (end - 2)],
    ]);
}

const flux = (
    world: World,
    more: Readonly<Record<string, string>>,
    curve: ReturnType<typeof between>,
) =>
    world.set(
        "gotk_resource_info",
        kubeState({
            customresource_kind: "Kustomization",
            exported_namespace: "shop",
            name: "apps",
            ready: "False",
            ...more,
        }),
        curve,
    );

export const platform: readonly Incident[] = [
    clusterIncident(
        "elasticsearch-down",
        "Elasticsearch does not answer for 50 minutes, until buffers are full",
        [],
        100,
        (world) => {
            world.change(
                "elasticsearch_cluster_health_status",
                { color: "green" },
                between(0, 50, "gone", 1),
            );
            world.change(
                "elasticsearch_cluster_health_status",
                { color: "yellow" },
                between(0, 50, "gone", 0),
            );
            world.change(
                "elasticsearch_cluster_health_status",
                { color: "red" },
                between(0, 50, "gone", 0),
            );
            world.change("probe_ssl_earliest_cert_expiry", {}, between(0, 50, "gone", 90 * 86_400));
            undelivered(world, 50);
        },
        ...down("ElasticsearchUnreachable logging"),
    ),
    clusterIncident(
        "certificate-not-renewed",
        "Elasticsearch's certificate has a day left, until somebody renews it",
        [],
        180,
        (world) =>
            world.change(
                "probe_ssl_earliest_cert_expiry",
                {},
                between(0, 120, 86_400, 90 * 86_400),
            ),
        ...down("CertificateAboutToExpire monitoring/server.elasticsearch"),
    ),
    clusterIncident(
        "elasticsearch-red",
        "Elasticsearch is red for twenty minutes",
        [],
        70,
        (world) => {
            world.change(
                "elasticsearch_cluster_health_status",
                { color: "green" },
                between(0, 20, 0, 1),
            );
            world.change(
                "elasticsearch_cluster_health_status",
                { color: "red" },
                between(0, 20, 1, 0),
            );
        },
        ...down("ElasticsearchRed logging"),
    ),
    clusterIncident(
        "elasticsearch-yellow",
        "Elasticsearch is yellow for half an hour",
        [],
        60,
        (world) => {
            world.change(
                "elasticsearch_cluster_health_status",
                { color: "green" },
                between(0, 30, 0, 1),
            );
            world.change(
                "elasticsearch_cluster_health_status",
                { color: "yellow" },
                between(0, 30, 1, 0),
            );
        },
        ...warned("ElasticsearchYellow logging"),
    ),
    clusterIncident(
        "elasticsearch-exporter-hangs",
        "the exporter of Elasticsearch is away",
        [],
        50,
        (world) => {
            world.change("up", { job: "elasticsearch-exporter" }, between(0, 20, 0, 1));
            ["green", "yellow", "red"].forEach((color) =>
                world.change(
                    "elasticsearch_cluster_health_status",
                    { color },
                    between(0, 20, "gone", color === "green" ? 1 : 0),
                ),
            );
        },
        ...warned("TargetMissing logging"),
    ),
    clusterIncident(
        "disk-full",
        "the disk of a node is full at once",
        [],
        70,
        (world) => {
            world.change(
                "elasticsearch_filesystem_data_available_bytes",
                { name: "es-1" },
                between(0, 30, 5, 60),
            );
        },
        ...down("ElasticsearchDiskFull logging"),
    ),
    clusterIncident(
        "disk-low",
        "the disk of a node gets full",
        [],
        80,
        (world) => {
            world.change(
                "elasticsearch_filesystem_data_available_bytes",
                { name: "es-1" },
                between(0, 30, 12, 60),
            );
        },
        ...warned("ElasticsearchDiskLow logging"),
    ),
    clusterIncident(
        "repository-lost",
        "the credentials of the snapshot repository are gone",
        [],
        100,
        (world) => {
            world.change(
                "elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds",
                {},
                between(0, 80, "gone", 1),
            );
        },
        ...down("ElasticsearchRepositoryLost logging"),
    ),
    clusterIncident(
        "logs-lost",
        "a node loses logs, and Elasticsearch is well",
        [],
        60,
        (world) => {
            world.set("fluentbit_output_dropped_records_total", FLUENT_BIT, [
                [-LEAD, 0],
                [0, climb(600)],
                [10, 6000],
            ]);
        },
        ...down("FluentBitRecordsLost logging"),
    ),
    clusterIncident(
        "spans-lost",
        "Jaeger loses some spans",
        [],
        60,
        (world) => {
            world.set("otelcol_exporter_send_failed_spans_total", { ...JAEGER, exporter: "es" }, [
                [-LEAD, 0],
                [0, climb(6)],
                [20, 120],
            ]);
        },
        ...warned("JaegerSpansLost tracing"),
    ),
    clusterIncident(
        "node-lost",
        "a node with pods of two instances is lost for half an hour",
        ["orders", "sessions"],
        70,
        (world) => {
            world.nodeLost("node-b", 0, 30);
            world.change("redis_connected_slaves", { pod: "orders-0" }, between(0, 30, 1, 2));
        },
        ...down("NodeDown node-b"),
    ),
    clusterIncident(
        "node-lost-with-master",
        "a node with a master is lost",
        ["orders"],
        70,
        (world) => {
            world.nodeLost("node-a", 0, 30).linksDown("orders", 0, 30);
        },
        ...down("NodeDown node-a"),
    ),
    clusterIncident(
        "node-lost-with-single",
        "a node with a single Redis is lost",
        ["cache"],
        70,
        (world) => world.nodeLost("node-a", 0, 30),
        ...down("NodeDown node-a"),
    ),
    clusterIncident(
        "flux-fails",
        "a Kustomization is not ready, while kube-state-metrics restarts once",
        [],
        70,
        (world) => {
            flux(world, {}, [
                [-LEAD, "gone"],
                [0, 1],
                [30, "gone"],
                [31, 1],
                [40, "gone"],
            ]);
            world.change("up", { job: "kube-state-metrics" }, between(30, 31, 0, 1));
        },
        ...down("FluxReconciliationFailed shop"),
    ),
    clusterIncident(
        "flux-stalled",
        "a Kustomization cannot be reconciled as it is",
        [],
        60,
        (world) => {
            flux(world, { stalled: "True" }, between(0, 30, 1, "gone"));
        },
        ...down("FluxStalled shop"),
    ),
    clusterIncident(
        "flux-rolled-back",
        "a release was rolled back",
        [],
        60,
        (world) => {
            flux(
                world,
                { customresource_kind: "HelmRelease", remediated: "True" },
                between(0, 30, 1, "gone"),
            );
        },
        ...warned("FluxReleaseRolledBack shop"),
    ),
    clusterIncident(
        "operator-down",
        "the Redis operator is down",
        [],
        50,
        (world) => {
            world.change("up", { job: "redis-operator" }, between(0, 20, 0, 1));
            world.change("leader_election_master_status", {}, between(0, 20, "gone", 1));
        },
        ...down("RedisOperatorDown redis-operator-system"),
    ),
    clusterIncident(
        "deployment-stuck",
        "a Deployment does not get ready",
        [],
        70,
        (world) => {
            const labels = kubeState({ namespace: "shop", deployment: "web" });
            world.set("kube_deployment_spec_replicas", labels, 3);
            world.set("kube_deployment_status_replicas_ready", labels, between(0, 40, 1, 3));
            world.set("kube_deployment_status_replicas_updated", labels, 3);
        },
        ...warned("DeploymentNotReady shop"),
    ),
    clusterIncident(
        "container-memory",
        "a container is close to its limit",
        [],
        70,
        (world) => {
            const container = { namespace: "shop", pod: "web-1", container: "web" };
            world.set(
                "container_memory_working_set_bytes",
                { ...container, image: "web" },
                between(0, 30, 95, 50),
            );
            world.set(
                "kube_pod_container_resource_limits",
                { ...container, resource: "memory" },
                100,
            );
        },
        ...warned("HighMemoryUsage shop"),
    ),
    clusterIncident(
        "state-gone",
        "kube-state-metrics does not come back for half an hour",
        ["orders"],
        60,
        (world) => world.stateAway(0, 30),
        ...warned("TargetMissing monitoring"),
    ),
    clusterIncident(
        "backup-too-old",
        "a backup has not succeeded for two days, while kube-state-metrics restarts",
        ["orders"],
        60,
        (world) => {
            const labels = kubeState({ namespace: "monitoring", cronjob: "backup-grafana" });
            const old = -200_000;
            world.set("kube_cronjob_created", labels, [
                [-LEAD, 0],
                [0, old],
                [20, "gone"],
                [21, old],
                [30, 3600],
            ]);
        },
        ...down("BackupTooOld monitoring"),
    ),
];
