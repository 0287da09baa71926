import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { stringify } from "yaml";

import { PART_OF } from "../common/labels";
import { STREAMS } from "./logSchema";

/** Every index that Jaeger makes: https://www.jaegertracing.io/docs/latest/storage/elasticsearch/. */
const JAEGER_INDICES = "jaeger-*";
const LOG_INDICES = Object.values(STREAMS);

/** Roles of ours, in Elasticsearch's format: https://www.elastic.co/docs/reference/elasticsearch/roles. */
export const ROLES = {
    log_writer: {
        cluster: ["monitor"],
        indices: [{ names: LOG_INDICES, privileges: ["create_doc", "auto_configure"] }],
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
                privileges: ["read", "view_index_metadata"],
            },
        ],
    },
} as const;

/** Users and their roles; `viewer` is Elasticsearch's own and opens Kibana for reading. */
const USERS = {
    fluentBit: { username: "fluent-bit", roles: ["log_writer"] },
    jaeger: { username: "jaeger", roles: ["jaeger"] },
    exporter: { username: "exporter", roles: ["metrics_exporter"] },
    grafana: { username: "grafana", roles: ["log_reader"] },
    kibanaReader: { username: "kibana-reader", roles: ["log_reader", "viewer"] },
} as const;

export type UserName = keyof typeof USERS;

/** A user of Elasticsearch, and the Secret in Elasticsearch's namespace that holds `username` and `password`. */
export interface ElasticsearchUser {
    readonly username: string;
    readonly secret: pulumi.Output<string>;
    readonly password: pulumi.Output<string>;
}

export interface ElasticsearchUsersArgs {
    readonly namespace: pulumi.Input<string>;
}

/** Users with generated passwords and the least privileges that they need, for ECK's file realm. */
export class ElasticsearchUsers extends pulumi.ComponentResource {
    public readonly users: Readonly<Record<UserName, ElasticsearchUser>>;
    public readonly rolesSecret: pulumi.Output<string>;

    constructor(
        name: string,
        args: ElasticsearchUsersArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("observability:index:ElasticsearchUsers", name, {}, opts);
        const { namespace } = args;
        const child = { parent: this };
        const roles = new k8s.core.v1.Secret(
            `${name}-roles`,
            {
                metadata: { name: "elasticsearch-roles", namespace, labels: PART_OF },
                stringData: { "roles.yml": stringify(ROLES) },
            },
            child,
        );
        this.rolesSecret = roles.metadata.name;
        const user = (key: UserName): ElasticsearchUser => {
            const { username, roles: userRoles } = USERS[key];
            const password = new random.RandomPassword(
                `${name}-${username}`,
                { length: 32, special: false },
                child,
            );
            const secret = new k8s.core.v1.Secret(
                `${name}-${username}`,
                {
                    metadata: {
                        name: `elasticsearch-user-${username}`,
                        namespace,
                        labels: PART_OF,
                    },
                    type: "kubernetes.io/basic-auth",
                    stringData: { username, password: password.result, roles: userRoles.join(",") },
                },
                child,
            );
            return { username, secret: secret.metadata.name, password: password.result };
        };
        this.users = {
            fluentBit: user("fluentBit"),
            jaeger: user("jaeger"),
            exporter: user("exporter"),
            grafana: user("grafana"),
            kibanaReader: user("kibanaReader"),
        };
        this.registerOutputs({ rolesSecret: this.rolesSecret });
    }
}
