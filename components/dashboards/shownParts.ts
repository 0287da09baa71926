import type { ShownPart } from "./definition";

/** What the configuration says of the parts that dashboards show. */
export interface PartSettings {
    readonly components: Readonly<
        Record<
            | "prometheus"
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
    readonly cluster: {
        readonly role: "owner" | "tenant";
        readonly tenantNamespaces: Readonly<Record<string, string>>;
    };
    readonly elasticsearch: { readonly snapshots: { readonly type: string } };
    readonly jaeger: { readonly otlpTls: boolean };
    readonly delivery: { readonly flux?: unknown; readonly argocd?: unknown };
    readonly dashboards: {
        readonly "flux-control-plane": { readonly enabled?: boolean | undefined };
    };
    readonly probes: Readonly<Record<string, unknown>>;
    readonly ingress: { readonly probed: boolean };
    readonly certificates: { readonly probed: boolean };
    /** By namespace, with the authority of each instance's certificate where it has TLS. */
    readonly redis: Readonly<
        Record<string, { readonly instances: Readonly<Record<string, { readonly tls?: unknown }>> }>
    >;
}

/** What of a stack dashboards can show. Of its tenants it is not known: they may have objectives and backups. */
export function shownParts(settings: PartSettings): ReadonlySet<ShownPart> {
    const { components, backup, slos, applications, cluster, elasticsearch, delivery } = settings;
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
        // Without it, somebody has a monitor of their own and says so.
        fluxControllers:
            delivery.flux !== undefined ||
            settings.dashboards["flux-control-plane"].enabled === true,
        argocd: delivery.argocd !== undefined,
        probes: hasProbes(settings),
        objectives: Object.keys(slos).length > 0 || promised || tenants,
    };
    return new Set((Object.keys(has) as ShownPart[]).filter((part) => has[part]));
}

/** Whether the exporter that asks endpoints has any to ask. */
function hasProbes({
    components,
    cluster,
    probes,
    ingress,
    certificates,
    jaeger,
    redis,
}: PartSettings): boolean {
    const served =
        components.logging === "on" ||
        (components.tracing === "on" && jaeger.otlpTls) ||
        Object.values(redis).some(({ instances }) =>
            Object.values(instances).some(({ tls }) => tls !== undefined),
        );
    return (
        cluster.role === "owner" &&
        components.prometheus === "on" &&
        (Object.keys(probes).length > 0 || ingress.probed || (certificates.probed && served))
    );
}
