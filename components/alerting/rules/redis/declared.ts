/** A declared Redis workload whose exporters Prometheus must see. */
export interface DeclaredExporters {
    /** Value of the label `app`: the operator's name for the workload. */
    readonly app: string;
    readonly pods: number;
    /** Value of the label `redis_setup_type`: the operator's word for what the pods are. */
    readonly setupType: "standalone" | "replication" | "sentinel" | "cluster";
}

/** Series of a Redis Cluster with the instance's name as `app`: leaders and followers are two workloads. */
export function byInstance(series: string): string {
    return `label_replace(${series}, "app", "$1", "app", "(.+)-(?:leader|follower)")`;
}
