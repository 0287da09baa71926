import { Climb, climb, Curve, from, LEAD, Value } from "./curve";

type Labels = Readonly<Record<string, string>>;

interface Series {
    readonly metric: string;
    readonly labels: Labels;
    readonly curve: Curve;
}

/** An instance of each mode, as stack files have them. */
const SIZE = { memory: "256Mi", storageSize: "1Gi" };
export const INSTANCES = {
    cache: { mode: "standalone", ...SIZE },
    orders: { mode: "replication", replicas: 3, ...SIZE },
    sessions: { mode: "sentinel", replicas: 3, ...SIZE },
    carts: { mode: "cluster", shards: 3, ...SIZE },
    queue: { mode: "replication", replicas: 6, ...SIZE },
} as const;
export type InstanceName = keyof typeof INSTANCES;

const WORKLOADS: Readonly<Record<InstanceName, readonly (readonly [string, string, number])[]>> = {
    cache: [["cache", "standalone", 1]],
    orders: [["orders", "replication", 3]],
    sessions: [
        ["sessions", "replication", 3],
        ["sessions-sentinel", "sentinel", 3],
    ],
    carts: [
        ["carts-leader", "cluster", 3],
        ["carts-follower", "cluster", 3],
    ],
    queue: [["queue", "replication", 6]],
};

const NODES = ["node-a", "node-b", "node-c"];

/** Every series of a cluster in order, in which an incident changes some. */
export class World {
    private readonly all = new Map<string, Series>();

    /** `namespace` is of the Redis instances. */
    constructor(
        readonly namespace: string,
        readonly instances: readonly InstanceName[],
    ) {
        instances.forEach((instance) => this.addInstance(instance));
    }

    get series(): readonly Series[] {
        return [...this.all.values()];
    }

    /** Sets what a series shows, which may be new. */
    set(metric: string, labels: Labels, curve: Curve | Value): this {
        const over: Curve = isCurve(curve) ? curve : [[-LEAD, curve]];
        this.all.set(key(metric, labels), { metric, labels, curve: over });
        return this;
    }

    /** Changes every series of a metric, or of one of its pods, from the start of the incident on. */
    change(metric: string, labels: Labels, curve: Curve | Value): this {
        const found = this.find(metric, labels);
        if (found.length === 0) {
            throw new Error(`no series ${metric} ${JSON.stringify(labels)}`);
        }
        found.forEach((each) => this.set(each.metric, each.labels, curve));
        return this;
    }

    /** The exporter answers, and its Redis does not. */
    redisDown(pod: string, start = 0, end?: number): this {
        this.eachOf(pod, (each) => {
            if (each.metric === "redis_up") {
                this.set(each.metric, each.labels, over(1, 0, start, end));
            } else if (each.metric.startsWith("redis_")) {
                this.set(each.metric, each.labels, gone(each.curve, start, end));
            } else if (each.metric === "kube_pod_status_ready") {
                this.set(each.metric, each.labels, over(1, 0, start, end));
            }
        });
        return this;
    }

    /** The exporter does not answer, whatever its Redis does. */
    exporterSilent(pod: string, start = 0, end?: number): this {
        this.eachOf(pod, (each) => {
            if (each.metric === "up") {
                this.set(each.metric, each.labels, over(1, 0, start, end));
            } else if (each.metric.startsWith("redis_")) {
                this.set(each.metric, each.labels, gone(each.curve, start, end));
            }
        });
        return this;
    }

    /** The pod is not there, and with it all its series. */
    podGone(pod: string, start = 0, end?: number): this {
        this.eachOf(pod, (each) =>
            this.set(each.metric, each.labels, gone(each.curve, start, end)),
        );
        return this;
    }

    /** The node is lost: what ran on it does not answer, and Kubernetes says that it is unready. */
    nodeLost(node: string, start = 0, end?: number): this {
        const ready = { condition: "Ready", status: "true", node };
        this.set("kube_node_status_condition", kubeState(ready), over(1, 0, start, end));
        const pods = this.find("kube_pod_info", { node }).map(({ labels }) => labels.pod ?? "");
        pods.forEach((pod) => {
            this.exporterSilent(pod, start, end);
            this.find("kube_pod_status_ready", { pod }).forEach((each) =>
                this.set(each.metric, each.labels, over(1, 0, start, end)),
            );
        });
        return this;
    }

    /** The links of all replicas of a workload, but for a pod, to its master. */
    linksDown(app: string, start = 0, end?: number): this {
        return this.change("redis_master_link_up", { app }, over(1, 0, start, end));
    }

    /** Another pod takes over as master. */
    failover(app: string, oldMaster: string, newMaster: string, minute: number): this {
        const info = (pod: string, role: string) => ({
            ...this.labelsOf(app, pod),
            ...INFO,
            role,
        });
        const link = this.find("redis_master_link_up", { pod: newMaster });
        link.forEach((each) => this.set(each.metric, each.labels, from(minute, "gone", 1)));
        return this.set("redis_instance_info", info(newMaster, "slave"), from(minute, "gone", 1))
            .set("redis_instance_info", info(newMaster, "master"), from(minute, 1, "gone"))
            .set("redis_instance_info", info(oldMaster, "master"), from(minute, "gone", 1));
    }

    /**
     * The pods of a replication are new, and come one after the other, so many minutes apart. Each is a master of its own until all have been there
     * for a minute.
     */
    comesUp(app: string, pods: number, start: number, apart: number): this {
        const linked = start + (pods - 1) * apart + 1;
        for (let i = 0; i < pods; i++) {
            const pod = `${app}-${i}`;
            const at = start + i * apart;
            this.podGone(pod, -LEAD, at);
            if (i > 0) {
                const info = (role: string) => ({ ...this.labelsOf(app, pod), ...INFO, role });
                this.set("redis_instance_info", info("master"), [
                    [-LEAD, "gone"],
                    [at, 1],
                    [linked, "gone"],
                ]);
                this.set("redis_instance_info", info("slave"), from(linked, 1, "gone"));
                this.change("redis_master_link_up", { pod }, from(linked, 1, "gone"));
            }
        }
        return this.change("redis_connected_slaves", { pod: `${app}-0` }, [
            [-LEAD, "gone"],
            [start, 0],
            [linked, pods - 1],
        ]);
    }

    /** Everything that kube-state-metrics exposes is away. */
    stateAway(start: number, end: number): this {
        for (const each of this.series) {
            if (each.labels.job === "kube-state-metrics") {
                this.set(
                    each.metric,
                    each.labels,
                    each.metric === "up" ? over(1, 0, start, end) : gone(each.curve, start, end),
                );
            }
        }
        return this;
    }

    /** Prometheus scrapes nothing; what it has scraped last stands for five minutes. */
    unscraped(start: number, end: number): this {
        this.series.forEach((each) =>
            this.set(each.metric, each.labels, gone(each.curve, start, end, "unscraped")),
        );
        return this;
    }

    find(metric: string, labels: Labels): Series[] {
        return this.series.filter(
            (each) =>
                each.metric === metric &&
                Object.entries(labels).every(([label, value]) => each.labels[label] === value),
        );
    }

    /** The target's labels of a Redis pod. */
    labelsOf(app: string, pod: string): Labels {
        const type = Object.values(WORKLOADS)
            .flat()
            .find(([name]) => name === app)?.[1];
        return {
            namespace: this.namespace,
            pod,
            app,
            redis_setup_type: type ?? "",
            environment: "prod",
            job: `${app}-metrics`,
            service: `${app}-metrics`,
            container: "redis-exporter",
            endpoint: "redis-exporter",
            instance: `${pod}:9121`,
        };
    }

    private eachOf(pod: string, action: (each: Series) => void): void {
        const own = this.series.filter(
            ({ labels }) => labels.pod === pod && labels.namespace === this.namespace,
        );
        own.forEach(action);
    }

    private addInstance(instance: InstanceName): void {
        for (const [app, type, pods] of WORKLOADS[instance]) {
            for (let i = 0; i < pods; i++) {
                this.addPod(instance, app, type, i, pods);
            }
        }
    }

    private addPod(
        ...[instance, app, type, i, pods]: [InstanceName, string, string, number, number]
    ): void {
        const pod = `${app}-${i}`;
        const labels = this.labelsOf(app, pod);
        const add = (metric: string, value: Value, more: Labels = {}) =>
            this.set(metric, { ...labels, ...more }, value);
        const { namespace } = this;
        const node = NODES[i % NODES.length] ?? "";
        add("up", 1);
        add("redis_up", 1);
        this.set(
            "kube_pod_status_ready",
            kubeState({ namespace, pod, condition: "true", uid: pod }),
            1,
        );
        this.set("kube_pod_info", kubeState({ namespace, pod, node, uid: pod }), 1);
        if (type === "sentinel") {
            this.addSentinel(instance, add);
            return;
        }
        const role =
            (type === "standalone" || app.endsWith("-leader") || i === 0) &&
            !app.endsWith("-follower")
                ? "master"
                : "slave";
        add("redis_instance_info", 1, { ...INFO, role });
        add("redis_memory_used_bytes", 100e6);
        add("redis_memory_max_bytes", 200e6);
        add("redis_connected_clients", 50);
        add("redis_config_maxclients", 10000);
        add("redis_commands_processed_total", climb(6000));
        add("redis_db_keys", 1_000_000, { db: "db0" });
        add("redis_rdb_last_bgsave_status", 1);
        add("redis_master_repl_offset", 1000);
        add("redis_connected_slaves", slavesOf(type, role, pods));
        if (role === "slave") {
            add("redis_master_link_up", 1, { master_host: "10.1.0.0", master_port: "6379" });
        }
        if (type === "cluster") {
            add("redis_cluster_state", 1);
            add("redis_cluster_slots_ok", 16384);
            add("redis_cluster_slots_pfail", 0);
        }
    }

    private addSentinel(
        instance: InstanceName,
        add: (metric: string, value: Value, more?: Labels) => void,
    ): void {
        add("redis_instance_info", 1, { ...INFO, role: "" });
        add("redis_sentinel_masters", 1);
        add("redis_sentinel_master_status", 1, {
            master_name: instance,
            master_address: "10.1.0.0:6379",
            master_status: "ok",
        });
        add("redis_sentinel_master_ckquorum_status", 1, {
            master_name: instance,
            message: "OK 3 usable Sentinels.",
        });
    }
}

const INFO = { redis_version: "8.2.1", maxmemory_policy: "noeviction" };

function slavesOf(type: string, role: string, pods: number): number {
    return role !== "master" || type === "standalone" ? 0 : type === "cluster" ? 1 : pods - 1;
}

/** The target's labels of kube-state-metrics, whose monitor lets a metric keep its own. */
export function kubeState(labels: Labels): Labels {
    return {
        job: "kube-state-metrics",
        namespace: "monitoring",
        instance: "10.0.1.1:8080",
        ...labels,
    };
}

/** What a cluster has beside Redis: its targets, nodes, Elasticsearch, Fluent Bit, Jaeger and backups. */
export function addPlatform(world: World): World {
    const target = (namespace: string, job: string, more: Labels = {}): void => {
        const pod = `${job}-0`;
        const labels = { namespace, job, pod, instance: `${pod}:1`, environment: "prod", ...more };
        world.set("up", labels, 1);
    };
    target("monitoring", "kube-state-metrics");
    target("logging", "elasticsearch-exporter");
    target("logging", "fluent-bit");
    target("tracing", "jaeger-collector", { endpoint: "metrics" });
    target("tracing", "jaeger-collector", { endpoint: "span-metrics" });
    target("tracing", "jaeger-query");
    target("redis-operator-system", "redis-operator");
    world.set("up", PROBE, 1);
    world.set("probe_ssl_earliest_cert_expiry", PROBE, 90 * 86_400);
    const operator = { job: "redis-operator", namespace: "redis-operator-system", pod: "op-0" };
    world.set("leader_election_master_status", { ...operator, name: "6cab" }, 1);
    for (const node of NODES) {
        const ready = { condition: "Ready", status: "true", node };
        world.set("kube_node_status_condition", kubeState(ready), 1);
        world.set("kube_node_spec_unschedulable", kubeState({ node }), 0);
    }
    return addLogging(world);
}

export const ES = {
    namespace: "logging",
    job: "elasticsearch-exporter",
    pod: "elasticsearch-exporter-0",
};
export const FLUENT_BIT = {
    namespace: "logging",
    job: "fluent-bit",
    pod: "fluent-bit-0",
    name: "logs",
};
export const JAEGER = { namespace: "tracing", job: "jaeger-collector", pod: "jaeger-collector-0" };

/** Of Elasticsearch's port, whose certificate is watched. */
export const PROBE = {
    ...{ namespace: "monitoring", job: "probes", probe: "server.elasticsearch" },
    ...{ instance: "elasticsearch.logging.svc:9200", environment: "prod" },
};

function addLogging(world: World): World {
    for (const color of ["green", "yellow", "red"]) {
        const value = color === "green" ? 1 : 0;
        world.set("elasticsearch_cluster_health_status", { ...ES, color }, value);
    }
    for (const name of ["es-0", "es-1", "es-2"]) {
        const node = { ...ES, name };
        world.set("elasticsearch_filesystem_data_available_bytes", node, 60);
        world.set("elasticsearch_filesystem_data_size_bytes", node, 100);
        world.set("elasticsearch_jvm_memory_used_bytes", { ...node, area: "heap" }, 50);
        world.set("elasticsearch_jvm_memory_max_bytes", { ...node, area: "heap" }, 100);
    }
    // The clock of a trial begins at 0, and a snapshot before it.
    const repository = { ...ES, repository: "s3" };
    world.set("elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds", repository, 1);
    world.set("fluentbit_input_records_total", { ...FLUENT_BIT, name: "tail" }, climb(600));
    world.set("fluentbit_output_proc_records_total", FLUENT_BIT, climb(600));
    world.set("fluentbit_output_retries_total", FLUENT_BIT, 0);
    world.set("fluentbit_output_dropped_records_total", FLUENT_BIT, 0);
    world.set("fluentbit_output_chunk_available_capacity_percent", FLUENT_BIT, 100);
    world.set("otelcol_receiver_accepted_spans_total", JAEGER, climb(600));
    world.set("otelcol_exporter_send_failed_spans_total", { ...JAEGER, exporter: "es" }, 0);
    return world;
}

function over(usual: Value, value: Value, start: number, end?: number): Curve {
    return [[-LEAD, usual], [start, value], ...(end === undefined ? [] : [[end, usual] as const])];
}

/** A curve that is away meanwhile; a counter begins again at 0. */
function gone(curve: Curve, start: number, end?: number, how: Value = "gone"): Curve {
    const before = curve.filter(([minute]) => minute < start);
    const last = curve.filter(([minute]) => minute <= start).at(-1)?.[1] ?? "gone";
    const back: Value = isClimb(last) ? climb(last.perMinute) : last;
    return [...before, [start, how], ...(end === undefined ? [] : [[end, back] as const])];
}

function isClimb(value: Value): value is Climb {
    return typeof value === "object";
}

function isCurve(curve: Curve | Value): curve is Curve {
    return Array.isArray(curve);
}

function key(metric: string, labels: Labels): string {
    return `${metric} ${JSON.stringify(Object.entries(labels).sort())}`;
}
