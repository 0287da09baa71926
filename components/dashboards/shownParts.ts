import type { ShownPart } from "./definition";

/** What the configuration says of the parts that dashboards show. */
export interface PartSettings {
    readonly components: Readonly<
        Record<
            | "redisOperator"
            | "logging"
            | "elasticsearch"
            | "tracing"
            | "alertmanager"
            | "kubeStateMetrics"
            | "backup",
            string
        >
    >;
    readonly backup: { readonly repository?: unknown };
    readonly slos: Readonly<Record<string, unknown>>;
    /** By namespace and name, with their objectives. */
    readonly applications: Readonly<
        Record<string, Readonly<Record<string, { readonly slo: Readonly<object> }>>>
    >;
    readonly cluster: { readonly tenantNamespaces: Readonly<Record<string, string>> };
    readonly elasticsearch: { readonly snapshots: { readonly type: string } };
}

/** What of a stack dashboards can show. Of its tenants it is not known: they may have objectives and backups. */
export function shownParts(settings: PartSettings): ReadonlySet<ShownPart> {
    const { components, backup, slos, applications, cluster, elasticsearch } = settings;
    const tenants = Object.keys(cluster.tenantNamespaces).length > 0;
    const promised = Object.values(applications)
        .flatMap((byName) => Object.values(byName))
        .some(({ slo }) => Object.keys(slo).length > 0);
    // Snapshots have drills of their own.
    const stores = components.logging === "on" && components.elasticsearch === "on";
    const snapshots = stores && elasticsearch.snapshots.type !== "none";
    const backups = components.backup === "on" && backup.repository !== undefined;
    const has: Readonly<Record<ShownPart, boolean>> = {
        redis: true,
        redisOperator: components.redisOperator === "on",
        logging: components.logging === "on",
        elasticsearch: stores,
        tracing: components.tracing === "on",
        backup: backups || snapshots || tenants,
        alertmanager: components.alertmanager === "on",
        kubeStateMetrics: components.kubeStateMetrics === "on",
        objectives: Object.keys(slos).length > 0 || promised || tenants,
    };
    return new Set((Object.keys(has) as ShownPart[]).filter((part) => has[part]));
}
