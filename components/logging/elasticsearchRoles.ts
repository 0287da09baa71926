import { STREAMS } from "./logSchema";

/** Every index that Jaeger makes: https://www.jaegertracing.io/docs/latest/storage/elasticsearch/. */
export const JAEGER_INDICES = "jaeger-*";
/** Beginning of the names of what the restore drill restores. */
export const DRILL_PREFIX = "restore-drill-";
const LOG_INDICES = Object.values(STREAMS);

/** Roles of ours, in Elasticsearch's format: https://www.elastic.co/docs/reference/elasticsearch/roles. */
export const ROLES = {
    log_writer: {
        cluster: ["monitor"],
        // Neither create_index nor auto_configure: a document before its stream would make a plain index of that name.
        indices: [{ names: LOG_INDICES, privileges: ["create_doc"] }],
    },
    jaeger: {
        cluster: ["monitor", "manage_index_templates"],
        indices: [
            {
                names: [JAEGER_INDICES],
                // delete_index is the index cleaner's.
                privileges: [
                    "create_index",
                    "read",
                    "write",
                    "view_index_metadata",
                    "delete_index",
                ],
            },
        ],
    },
    metrics_exporter: {
        cluster: ["monitor", "monitor_snapshot", "read_ilm", "read_slm"],
        indices: [{ names: ["*"], privileges: ["monitor", "view_index_metadata"] }],
    },
    log_reader: {
        cluster: [],
        indices: [
            {
                names: [...LOG_INDICES, JAEGER_INDICES],
                privileges: ["read", "read_failure_store", "view_index_metadata"],
            },
        ],
    },
    /** Lifecycles and snapshots run later with the rights of who wrote them, so these are theirs, too. */
    stack_setup: {
        cluster: [
            "monitor",
            "manage_ilm",
            "manage_slm",
            "manage_index_templates",
            "cluster:admin/repository/*",
            "cluster:admin/snapshot/*",
        ],
        indices: [{ names: LOG_INDICES, privileges: ["manage"] }],
        applications: [
            // Everything of Kibana in the default space, and nothing of its administration.
            {
                application: "kibana-.kibana",
                privileges: ["space_all"],
                resources: ["space:default"],
            },
        ],
    },
    /**
     * Elasticsearch does not limit a restore to indices: the drill's program names what it writes. It can read and delete
     * its own indices only, and count the others.
     */
    restore_drill: {
        cluster: ["monitor", "monitor_snapshot", "cluster:admin/snapshot/restore"],
        indices: [
            {
                names: [`${DRILL_PREFIX}*`],
                privileges: ["monitor", "view_index_metadata", "read", "delete_index"],
            },
            { names: LOG_INDICES, privileges: ["read"] },
        ],
    },
} as const;

/** Users and their roles; `viewer` is Elasticsearch's own and opens Kibana for reading. */
export const USERS = {
    fluentBit: { username: "fluent-bit", roles: ["log_writer"] },
    jaeger: { username: "jaeger", roles: ["jaeger"] },
    exporter: { username: "exporter", roles: ["metrics_exporter"] },
    grafana: { username: "grafana", roles: ["log_reader"] },
    kibanaReader: { username: "kibana-reader", roles: ["log_reader", "viewer"] },
    setup: { username: "stack-setup", roles: ["stack_setup"] },
    restoreDrill: { username: "restore-drill", roles: ["restore_drill"] },
} as const;

export type UserName = keyof typeof USERS;
