import type { ShownPart } from "./definition";

/** What the configuration says of the parts that dashboards show. */
export interface PartSettings {
    readonly components: Readonly<
        Record<
            | "redisOperator"
            | "logging"
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
    readonly delivery: { readonly flux?: unknown };
    readonly elasticsearch: { readonly snapshots: { readonly type: string } };
}

/** What of a stack dashboards can show. Of its tenants it is not known: they may have objectives and backups. */
export function shownParts(settings: PartSettings): ReadonlySet<ShownPart> {
    const { components, backup, slos, applications, cluster, delivery, elasticsearch } = settings;
    const tenants = Object.keys(cluster.tenantNamespaces).length > 0;
    const promised = Object.values(applications)
        .flatMap((byName) => Object.values(byName))
        .some(({ slo }) => Object.keys(slo).length > 0);
    // Snapshots have drills of their own.
    const snapshots = components.logging === "on" && elasticsearch.snapshots.type !== "none";
    const backups = components.backup === "on" && backup.repository !== undefined;
    const has: Readonly<Record<ShownPart, boolean>> = {
        redis: true,
        redisOperator: components.redisOperator === "on",
        logging: components.logging === "on",
        tracing: components.tracing === "on",
        backup: backups || snapshots || tenants,
        alertmanager: components.alertmanager === "on",
        kubeStateMetrics: components.kubeStateMetrics === "on",
        objectives: Object.keys(slos).length > 0 || promised || tenants,
        fluxControllers: delivery.flux !== undefined,
    };
    return new Set((Object.keys(has) as ShownPart[]).filter((part) => has[part]));
}
