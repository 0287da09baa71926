import * as fs from "node:fs";
import * as path from "node:path";

import {
    catalogueExposers,
    exposerMetrics,
    Metric,
    seriesOf,
} from "../../components/metrics/catalogue/catalogue";
import { OF_EVERY_TARGET, SCRAPE_TARGETS } from "../../components/metrics/catalogue/targets";
import type { Series } from "../bench/ruleSeries";
import { recordedDumps } from "../catalogue/dropped";
import { parseExposition, Sample } from "../catalogue/exposition";
import { DUMPS } from "../catalogue/files";
import { target } from "./redisTargets";

/**
 * What a Prometheus holds in which every dashboard has something to show. Of Redis it is what the real redis_exporter has
 * answered, by the kind of pod. Of the others it is every series of the catalogue, which was made of real answers and
 * sources, with labels that fit together, and values that are made up.
 */

/** The platform's namespaces, and one with a Deployment `web` and the instances of redisWorld.ts. */
const NAMESPACES = ["shop", "redis-operator-system", "logging", "tracing"];
/** One pod of that name in each, so that what is joined by it has both sides. */
const POD = "web-1-a";
const FLUX = "kustomize-controller-1";

const RECORDED: Readonly<Record<string, readonly [dump: string, pods: number]>> = {
    cache: ["standalone", 1],
    orders: ["replication-master", 1],
    sessions: ["replication-master", 1],
    "sessions-sentinel": ["sentinel", 3],
    "carts-leader": ["cluster-leader", 3],
    "carts-follower": ["cluster-follower", 3],
};

/** What redis_exporter has answered for each pod; and one has become master. */
export function redisSeries(read: ReadonlySet<string>): Series[] {
    const dumps = new Map(recordedDumps().map(({ name, samples }) => [name, samples]));
    const types = exposerMetrics("redis-exporter").metrics;
    const ofPod = (dump: string, labels: Readonly<Record<string, string>>): Series[] => [
        { name: "up", labels, value: 1, perSecond: 0 },
        ...(dumps.get(dump) ?? [])
            .filter(({ name }) => read.has(name))
            .map((sample) => ({
                name: sample.name,
                labels: { ...sample.labels, ...labels },
                value: Number(sample.value),
                perSecond: grows(sample.name, types[baseOf(sample.name)]) ? 0.1 : 0,
            })),
    ];
    const wasReplica = {
        name: "redis_instance_info",
        labels: { ...target("sessions", 0), role: "slave" },
        value: 1,
        perSecond: 0,
    };
    const ofKeys = keySamples()
        .filter(({ name }) => read.has(name))
        .map(({ name, labels, value }) => ({
            name,
            labels: { ...labels, ...target("cache", 0) },
            value: Number(value),
            perSecond: 0,
        }));
    const perPod = Object.entries(RECORDED).flatMap(([app, [dump, pods]]) => [
        ...Array.from({ length: pods }, (_, i) => ofPod(dump, target(app, i))).flat(),
        // Two replicas beside the master of each replication.
        ...(dump === "replication-master"
            ? [1, 2].flatMap((i) => ofPod("replication-replica", target(app, i)))
            : []),
    ]);
    return [...perPod, wasReplica, ...ofKeys];
}

/** What the exporter has answered of single keys and streams, where it was told to look at some. */
function keySamples(): Sample[] {
    const exposer = path.join(DUMPS, "redis-exporter");
    const [version = ""] = fs.readdirSync(exposer);
    const text = fs.readFileSync(path.join(exposer, version, "keys.prom"), "utf8");
    return parseExposition(text).samples.filter(({ name }) => /^redis_(key|stream)_/.test(name));
}

type Values = Readonly<Record<string, readonly string[]>>;

/** Values of labels that queries ask for, or that tell what belongs together. */
const COMMON: Values = {
    namespace: ["shop"],
    pod: [POD],
    container: ["app"],
    environment: ["staging"],
    endpoint: ["metrics"],
    image: ["app:1"],
    node: ["node-1"],
    le: ["0.1", "1", "+Inf"],
    quantile: ["0.99"],
};

/** By exposer, over the common ones. */
const VALUES: Readonly<Record<string, Values>> = {
    "kube-state-metrics": {
        namespace: NAMESPACES,
        pod: [POD, FLUX],
        deployment: ["web"],
        replicaset: ["web-1", "web-2"],
        owner_kind: ["Deployment"],
        owner_name: ["web"],
        horizontalpodautoscaler: ["web"],
        scaletargetref_kind: ["Deployment"],
        scaletargetref_name: ["web"],
        metric_name: ["cpu"],
        cronjob: ["backup-grafana", "drill-grafana"],
        job_name: ["backup-grafana-1", "drill-grafana-1"],
        resource: ["cpu", "memory"],
        condition: ["Progressing", "Ready"],
        status: ["true", "false"],
        customresource_kind: ["Kustomization"],
        instance: ["orders"],
        statefulset: ["orders", "orders-sentinel"],
        skipped: ["true"],
        ready: ["True", "False"],
        stalled: ["True"],
        suspended: ["true", "false"],
        remediated: ["True"],
    },
    kubelet: { namespace: NAMESPACES, pod: [POD, FLUX] },
    "fluent-bit": { namespace: ["logging"], name: ["operator"], output: ["operator"] },
    "elasticsearch-exporter": {
        namespace: ["logging"],
        color: ["green", "yellow", "red"],
        area: ["heap"],
        type: ["write", "search"],
        operation_mode: ["RUNNING"],
        step: ["ERROR"],
        name: ["elasticsearch-0"],
    },
    jaeger: {
        namespace: ["tracing"],
        service_name: ["web"],
        span_kind: ["SPAN_KIND_SERVER"],
        status_code: ["STATUS_CODE_OK", "STATUS_CODE_ERROR"],
        result: ["ok", "err"],
    },
    "redis-operator": {
        controller: ["redisreplication"],
        name: ["redisreplication"],
        result: ["success", "error"],
        instance: ["orders", "carts"],
        code: ["200", "409"],
    },
    flux: {
        code: ["200", "429"],
        pod: [FLUX],
        controller: ["kustomization"],
        result: ["success", "error"],
        // Nothing is done with the second.
        kind: ["Kustomization", "HelmRelease"],
    },
    flagger: { name: ["web"], workload: ["web"] },
    argocd: {
        name: ["web"],
        sync_status: ["Synced", "OutOfSync"],
        health_status: ["Healthy", "Degraded"],
        autosync_enabled: ["true", "false"],
        phase: ["Succeeded", "Failed"],
        dry_run: ["false"],
        response_code: ["200"],
    },
    "blackbox-exporter": {
        namespace: ["monitoring"],
        probe: ["shop"],
        instance: ["https://shop.example.com"],
        phase: ["connect", "tls", "processing"],
    },
    istio: {
        reporter: ["destination"],
        destination_workload: ["web"],
        destination_workload_namespace: ["shop"],
        response_code: ["200", "500"],
    },
    alertmanager: { state: ["active", "suppressed"], integration: ["slack"] },
};

/** Jobs as the monitors name them. */
const JOBS: Readonly<Record<string, string>> = {
    jaeger: "jaeger-collector",
    flux: "flux",
    argocd: "argocd-application-controller",
    "blackbox-exporter": "probes",
    kubelet: "kubelet",
    prometheus: "kube-prometheus-stack-prometheus",
    alertmanager: "kube-prometheus-stack-alertmanager",
};

/** Values where 1, or a counter that grows, would say nothing. `now` is in seconds. */
function valueOf(
    name: string,
    labels: Readonly<Record<string, string>>,
    now: number,
): Partial<Series> {
    switch (name) {
        case "kube_replicaset_created":
            return { value: labels.replicaset === "web-1" ? now - 9000 : now - 60 };
        case "kube_replicaset_spec_replicas":
            // The newer one has lost its pod shortly before the end of 40 minutes, and the older one is back.
            return { perSecond: labels.replicaset === "web-2" ? -1 / 2300 : 0 };
        case "kube_deployment_spec_replicas":
        case "kube_horizontalpodautoscaler_spec_max_replicas":
            return { value: 3 };
        case "kubelet_volume_stats_used_bytes":
            return { value: 1e6, perSecond: 10 };
        case "kubelet_volume_stats_available_bytes":
            return { value: 1e9, perSecond: -10 };
        case "kubelet_volume_stats_capacity_bytes":
            return { value: 2e9 };
        case "elasticsearch_filesystem_data_available_bytes":
            return { value: 1e9, perSecond: -10 };
        case "elasticsearch_filesystem_data_size_bytes":
            return { value: 2e9 };
        case "elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds":
        case "kube_cronjob_status_last_successful_time":
            return { value: now - 7200 };
        case "kube_cronjob_status_last_schedule_time":
            return { value: now - 3600 };
        case "kube_cronjob_status_active":
            return { value: 0 };
        case "flagger_canary_status":
            return { value: 2 };
        case "gotk_reconcile_duration_seconds_count":
            return labels.kind === "HelmRelease" ? { perSecond: 0 } : {};
        default:
            return {};
    }
}

/** Series of every exposer but redis_exporter, as far as something reads them. */
export function otherSeries(read: ReadonlySet<string>, now: number): Series[] {
    return catalogueExposers()
        .filter((exposer) => exposer !== "redis-exporter" && exposer in SCRAPE_TARGETS)
        .flatMap((exposer) => {
            const { metrics } = exposerMetrics(exposer);
            const values: Values = { ...COMMON, ...VALUES[exposer] };
            const up = { job: [JOBS[exposer] ?? exposer], namespace: values.namespace ?? [] };
            return [
                ...combinations({ ...up, pod: values.pod ?? [], instance: [exposer] }).map(
                    (labels): Series => ({ name: "up", labels, value: 1, perSecond: 0 }),
                ),
                ...OF_EVERY_TARGET.filter((name) => name !== "up" && read.has(name)).flatMap(
                    (name) =>
                        combinations(up).map((labels): Series => ({
                            name,
                            labels,
                            value: 9,
                            perSecond: 0,
                        })),
                ),
                ...Object.entries(metrics).flatMap(([family, metric]) =>
                    [...seriesOf(family, metric)]
                        .filter(([name]) => read.has(name))
                        .flatMap(([name, own]) => ofExposer(exposer, name, metric, own, now)),
                ),
            ];
        });
}

/** What is there for some minutes only: a resource of Flux with another revision. */
export function newSeries(): Series[] {
    const labels = {
        customresource_kind: "Kustomization",
        exported_namespace: "shop",
        name: "web",
        ready: "True",
        revision: "main@sha1:0123456",
    };
    return [{ name: "gotk_resource_info", labels, value: 1, perSecond: 0 }];
}

function ofExposer(
    exposer: string,
    name: string,
    metric: Metric,
    own: readonly string[],
    now: number,
): Series[] {
    const { labels: added = [], honorLabels = false } = SCRAPE_TARGETS[exposer] ?? {};
    const values: Values = { ...COMMON, ...VALUES[exposer] };
    const wanted = Object.fromEntries([
        ...added.map((label) => [
            label,
            label === "job" ? [JOBS[exposer] ?? exposer] : [values[label]?.[0] ?? label],
        ]),
        ...own.map((label) => [
            !honorLabels && added.includes(label) ? `exported_${label}` : label,
            label === "customresource_kind" && name.startsWith("redis_")
                ? ["Redis", "RedisSentinel"]
                : (values[label] ?? [label]),
        ]),
    ]) as Values;
    return combinations(wanted).map((labels) => ({
        name,
        labels,
        value: 1 + (COMMON.le?.indexOf(labels.le ?? "") ?? 0) + 1,
        // Buckets are cumulative.
        perSecond: grows(name, metric) ? (labels.le === "0.1" ? 0.1 : 0.2) : 0,
        ...valueOf(name, labels, now),
    }));
}

function combinations(values: Values): Record<string, string>[] {
    return Object.entries(values).reduce<Record<string, string>[]>(
        (all, [label, each]) =>
            all.flatMap((labels) => each.map((value) => ({ ...labels, [label]: value }))),
        [{}],
    );
}

function grows(name: string, metric: Metric | undefined): boolean {
    return (
        metric?.type === "counter" ||
        (metric?.type === "histogram" && /_(bucket|sum|count)$/.test(name))
    );
}

function baseOf(name: string): string {
    return name.replace(/_(bucket|sum|count)$/, "");
}
