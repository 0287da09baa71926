import { STREAMS } from "./logSchema";

/** Every index that Jaeger makes: https://www.jaegertracing.io/docs/latest/storage/elasticsearch/. */
export const JAEGER_INDICES = "jaeger-*";
/** Beginning of the names of what the restore drill restores. */
export const DRILL_PREFIX = "restore-drill-";
const LOG_INDICES = Object.values(STREAMS);
/** https://www.elastic.co/docs/deploy-manage/users-roles/cluster-or-deployment-auth/kibana-privileges */
const KIBANA = "kibana-.kibana";
const DEFAULT_SPACE = ["space:default"];

/** Privileges, each with the call that is refused without it. */
type Grants = Readonly<Record<string, string>>;

/** https://www.elastic.co/docs/reference/elasticsearch/security-privileges */
export interface RoleGrants {
    readonly cluster: Grants;
    readonly indices: readonly {
        readonly names: readonly string[];
        readonly privileges: Grants;
    }[];
    readonly applications?: readonly {
        readonly application: string;
        readonly resources: readonly string[];
        readonly privileges: Grants;
    }[];
}

/**
 * What each role may, and why. `npm run privileges` writes it to docs/components/elasticsearch.md; `npm run
 * test:elasticsearch` takes each away in turn, and sees a real server refuse the call.
 */
export const GRANTS = {
    log_writer: {
        cluster: {},
        // Neither create_index nor auto_configure: a document before its stream would make a plain index of that name.
        indices: [
            { names: LOG_INDICES, privileges: { create_doc: "`POST /_bulk`, with `create`" } },
        ],
    },
    jaeger: {
        // Elasticsearch limits templates to no names.
        cluster: {
            monitor: "`GET /`, for Elasticsearch's version",
            manage_index_templates: "`PUT /_index_template/jaeger-span`",
        },
        indices: [
            {
                names: [JAEGER_INDICES],
                privileges: {
                    create_index: "`POST /_bulk`, the first of a day",
                    index: "`POST /_bulk`",
                    read: "`POST /_msearch`, for traces",
                    view_index_metadata: "`GET /jaeger-*`, of the index cleaner",
                    delete_index: "`DELETE /jaeger-span-<date>`, of the index cleaner",
                },
            },
        ],
    },
    metrics_exporter: {
        cluster: {
            monitor: "`GET /_nodes/stats`",
            monitor_snapshot: "`GET /_snapshot`",
            read_slm: "`GET /_slm/status`, `GET /_ilm/status`",
            // Of the named privileges only manage_slm has it.
            "cluster:admin/slm/stats": "`GET /_slm/stats`",
        },
        indices: [
            {
                names: ["*"],
                privileges: {
                    monitor: "`GET /_all/_stats`",
                    view_index_metadata: "`GET /_all/_ilm/explain`",
                },
            },
        ],
    },
    log_reader: {
        cluster: {},
        indices: [
            {
                names: [...LOG_INDICES, JAEGER_INDICES],
                privileges: {
                    read: "`POST /_msearch`",
                    read_failure_store: "`POST /redis-logs-instance::failures/_search`",
                    view_index_metadata: "`GET /redis-logs-instance/_mapping`",
                },
            },
        ],
    },
    /** Instead of Elasticsearch's own `viewer`, which reads every index that there is. */
    kibana_viewer: {
        cluster: {},
        indices: [],
        applications: [
            {
                application: KIBANA,
                resources: DEFAULT_SPACE,
                privileges: { space_read: "Kibana's pages, but its administration" },
            },
        ],
    },
    /** Lifecycles and snapshots run later with the rights of who wrote them, so these are theirs, too. */
    stack_setup: {
        cluster: {
            monitor: "`GET /_cluster/health`",
            manage_ilm: "`PUT /_ilm/policy/observability-logs`",
            manage_slm: "`PUT /_slm/policy/observability-daily`",
            manage_index_templates: "`PUT /_component_template/observability-logs-settings`",
            create_snapshot: "`GET /_snapshot/observability`; the policy's snapshot each night",
            "cluster:admin/repository/put": "`PUT /_snapshot/observability`",
            "cluster:admin/repository/verify": "`POST /_snapshot/observability/_verify`",
        },
        indices: [
            {
                names: LOG_INDICES,
                privileges: {
                    manage: "`PUT /_data_stream/redis-logs-instance`; the lifecycle's rollover, merge and deletion",
                },
            },
        ],
        applications: [
            {
                application: KIBANA,
                resources: DEFAULT_SPACE,
                // Everything of Kibana in the default space, and nothing of its administration.
                privileges: { space_all: "Kibana's `POST /api/saved_objects/_import`" },
            },
        ],
    },
    /**
     * Elasticsearch does not limit a restore to indices: the drill's program names what it writes. It can read and delete
     * its own indices only, and count the others.
     */
    restore_drill: {
        cluster: {
            monitor: "`GET /_cluster/health`",
            monitor_snapshot: "`GET /_snapshot/observability/*`",
            "cluster:admin/snapshot/restore": "`POST /_snapshot/observability/<snapshot>/_restore`",
        },
        indices: [
            {
                names: [`${DRILL_PREFIX}*`],
                privileges: {
                    monitor:
                        "`GET /restore-drill-*/_settings`, `GET /restore-drill-<index>/_recovery`",
                    read: "`GET /restore-drill-<index>/_count`",
                    delete_index: "`DELETE /restore-drill-<index>`",
                },
            },
            {
                names: LOG_INDICES,
                privileges: { read: "`GET /<index>/_count`, to compare with what came back" },
            },
        ],
    },
} as const satisfies Readonly<Record<string, RoleGrants>>;

export type RoleName = keyof typeof GRANTS;

/** A role in Elasticsearch's format: https://www.elastic.co/docs/reference/elasticsearch/roles. */
export interface Role {
    readonly cluster: readonly string[];
    readonly indices: readonly {
        readonly names: readonly string[];
        readonly privileges: readonly string[];
    }[];
    readonly applications?: readonly {
        readonly application: string;
        readonly privileges: readonly string[];
        readonly resources: readonly string[];
    }[];
}

/** Roles of ours, by name. */
export const ROLES = Object.fromEntries(
    Object.entries(GRANTS).map(([name, grants]) => [name, roleOf(grants)]),
) as Readonly<Record<RoleName, Role>>;

function roleOf({ cluster, indices, applications }: RoleGrants): Role {
    return {
        cluster: Object.keys(cluster),
        indices: indices.map(({ names, privileges }) => ({
            names,
            privileges: Object.keys(privileges),
        })),
        ...(applications
            ? {
                  applications: applications.map(({ application, privileges, resources }) => ({
                      application,
                      privileges: Object.keys(privileges),
                      resources,
                  })),
              }
            : {}),
    };
}

/** Users and their roles. */
export const USERS = {
    fluentBit: { username: "fluent-bit", roles: ["log_writer"] },
    jaeger: { username: "jaeger", roles: ["jaeger"] },
    exporter: { username: "exporter", roles: ["metrics_exporter"] },
    grafana: { username: "grafana", roles: ["log_reader"] },
    kibanaReader: { username: "kibana-reader", roles: ["log_reader", "kibana_viewer"] },
    setup: { username: "stack-setup", roles: ["stack_setup"] },
    restoreDrill: { username: "restore-drill", roles: ["restore_drill"] },
} as const satisfies Readonly<
    Record<string, { readonly username: string; readonly roles: readonly RoleName[] }>
>;

export type UserName = keyof typeof USERS;
