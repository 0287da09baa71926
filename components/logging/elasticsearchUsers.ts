import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { stringify } from "yaml";

import { PART_OF } from "../kubernetes/labels";
import { ROLES, UserName, USERS } from "./elasticsearchRoles";

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
                // Elasticsearch takes the alias of a list for a name.
                stringData: { "roles.yml": stringify(ROLES, { aliasDuplicateObjects: false }) },
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
            setup: user("setup"),
            restoreDrill: user("restoreDrill"),
        };
        this.registerOutputs({ rolesSecret: this.rolesSecret });
    }
}
