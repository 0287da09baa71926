import { createHash } from "node:crypto";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";

import { contentHash } from "../kubernetes/contentHash";
import { PART_OF } from "../kubernetes/labels";
import { CA_FILE } from "../kubernetes/trust";
import { Problem, show } from "../settings/problems";
import { name } from "../settings/scalars";
import type { RedisInstanceSettings, RedisNamespaceSettings } from "./instanceSettings";
import { aclCommand, aclPattern } from "./redisAcl";

/** A user of Redis for an application. */
export const redisUser = z.strictObject({
    access: z
        .enum(["read", "write", "all"])
        .describe(
            "Commands: those that read, all but administrative and dangerous ones (`KEYS`, `FLUSHALL`), or all",
        )
        .default("write"),
    keys: z.array(aclPattern).describe("Patterns of the keys that it may touch").default(["*"]),
    channels: z.array(aclPattern).describe("Patterns of its channels").default([]),
    commands: z
        .array(aclCommand)
        .describe("What it may beside that, or may not: `+keys`, `-@scripting`")
        .default([]),
    namespaces: z
        .array(name)
        .describe("Of `clientNamespaces`: where the Secret for its connection is too")
        .default([]),
});

type RedisUser = z.output<typeof redisUser>;

/** On the Secret with the ACL file: who has rights, and a hash of them, which a preview can compare. */
export const ACL_RIGHTS = "observability/rights";
/** Users of our own, where an instance has users; applications cannot have their names. */
export const EXPORTER_USER = "exporter";
export const BACKUP_USER = "backup";
const RESERVED = ["default", EXPORTER_USER, BACKUP_USER];

export const ACL_FILE = "user.acl";
export const USER_KEY = "username";
export const USER_PASSWORD_KEY = "password";

/** What clients send to connect, and to find their way in a cluster. */
const CONNECT =
    "+@connection +info +cluster|slots +cluster|shards +cluster|nodes +cluster|info +cluster|myid";

/**
 * Rights of the exporter: what it asks for, of every key that it may be told to check. CONFIG GET tells it maxclients
 * and, since it has no parts, `masterauth` too. https://github.com/oliver006/redis_exporter#authenticating-with-redis
 */
const EXPORTER_RIGHTS =
    "%R~* +@connection -client|kill -client|pause -client|unpause -client|unblock -client|no-evict -client|tracking " +
    "+select +info +config|get +slowlog|get +slowlog|len +latency|latest +latency|histogram +cluster|info " +
    "+cluster|nodes +role +scan +type +strlen +pfcount +get +llen +scard +zcard +hlen +xlen +xinfo|stream " +
    "+xinfo|groups +xinfo|consumers";

/** Rights of backups: a copy of everything as a replica gets it, and where it comes from. */
const BACKUP_RIGHTS =
    "+ping +auth +hello +info +cluster|info +cluster|nodes +sync +psync +replconf";

/** What a user may, as the lines of an ACL file say it: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/. */
export function rights({ access, keys, channels, commands }: RedisUser): string {
    const commandsOf = {
        read: `+@read +@transaction ${CONNECT} -@admin -@dangerous +info`,
        write: `+@all -@admin -@dangerous +info`,
        all: "+@all",
    };
    return [
        ...keys.map((each) => `${access === "read" ? "%R" : ""}~${each}`),
        ...channels.map((each) => `&${each}`),
        commandsOf[access],
        ...commands,
    ].join(" ");
}

/** The users of an instance beside `default`, ours among them, with what they may. */
export function usersOf(
    settings: Pick<RedisInstanceSettings, "users" | "backup">,
): Readonly<Record<string, string>> {
    const users = Object.entries(settings.users ?? {});
    return users.length === 0
        ? {}
        : {
              [EXPORTER_USER]: EXPORTER_RIGHTS,
              ...(settings.backup ? { [BACKUP_USER]: BACKUP_RIGHTS } : {}),
              ...Object.fromEntries(users.map(([user, each]) => [user, rights(each)])),
          };
}

/** A line of the file: the password as its hash, nothing that is not said. */
export function aclLine(user: string, password: string, may: string): string {
    const hash = createHash("sha256").update(password).digest("hex");
    return `user ${user} on #${hash} resetkeys resetchannels -@all ${may}`;
}

/**
 * The lines of all. Without `default`, the file would leave it without a password: the operator, probes and replicas
 * are that user.
 */
export function aclFile(
    defaultPassword: string,
    users: Readonly<Record<string, string>>,
    passwords: Readonly<Record<string, string>>,
): string {
    const lines = Object.entries(users).map(([user, may]) =>
        aclLine(user, passwords[user] ?? "", may),
    );
    return [aclLine("default", defaultPassword, "~* &* +@all"), ...lines, ""].join("\n");
}

/** Where clients connect; what a Secret for a connection says beside user and password. */
export interface UserAddress {
    readonly host: string;
    readonly port: number;
    readonly sentinelMaster?: string;
    readonly tls?: boolean;
}

/** The connection as one text; Lettuce's words for Sentinel, since there are no common ones. */
export function connectionUrl(
    user: string,
    password: string,
    { host, port, sentinelMaster, tls }: UserAddress,
): string {
    const at = `${user}:${password}@${host}:${port}`;
    const scheme = tls ? "rediss" : "redis";
    return sentinelMaster ? `${scheme}-sentinel://${at}#${sentinelMaster}` : `${scheme}://${at}/0`;
}

export function aclSecretName(instance: string): string {
    return `${instance}-acl`;
}

/** The Secret of a user's connection, beside Redis and in a client's namespace. Names hold no dot: no two are the same. */
export function userSecretName(instance: string, user: string, redisNamespace?: string): string {
    return [...(redisNamespace ? [redisNamespace] : []), instance, user].join(".");
}

export interface RedisUsersArgs {
    readonly instance: string;
    readonly namespaceName: string;
    readonly namespace: pulumi.Input<string>;
    readonly settings: RedisInstanceSettings;
    readonly defaultPassword: pulumi.Input<string>;
    readonly address: UserAddress;
    /** PEM of the authority of its certificate, where it is known. */
    readonly ca: pulumi.Input<string> | undefined;
}

/** The users of one instance: their passwords, the ACL file of its pods, and a Secret for each one's connection. */
export class RedisUsers extends pulumi.ComponentResource {
    /** What the pods need: the ACL file. */
    public readonly acl: pulumi.Resource;
    /** Differs when a user, its password or its rights do: pods read the file at their start. */
    public readonly version: pulumi.Output<string>;

    constructor(name: string, args: RedisUsersArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisUsers", name, {}, opts);
        const { instance, namespace, settings, address } = args;
        const child = { parent: this };
        const users = usersOf(settings);
        const passwords = Object.fromEntries(
            Object.keys(users).map((user) => [
                user,
                new random.RandomPassword(
                    `${name}-${user}-password`,
                    { length: 32, special: false },
                    child,
                ).result,
            ]),
        );
        const all = pulumi.all(passwords);
        this.acl = new k8s.core.v1.Secret(
            `${name}-acl`,
            {
                metadata: {
                    name: aclSecretName(instance),
                    namespace,
                    labels: PART_OF,
                    annotations: {
                        [ACL_RIGHTS]: `${Object.keys(settings.users ?? {}).join(", ")} (${contentHash(JSON.stringify(users))})`,
                    },
                },
                stringData: {
                    [ACL_FILE]: pulumi
                        .all([args.defaultPassword, all])
                        .apply(([first, others]) => aclFile(first, users, others)),
                },
            },
            child,
        );
        // A password of `default` changes while Redis serves, and is none of it. A hash of 32 random letters tells nothing.
        this.version = pulumi.unsecret(all.apply((each) => contentHash(aclFile("", users, each))));
        for (const [user, password] of Object.entries(passwords)) {
            const asked = settings.users?.[user]?.namespaces ?? [];
            const places: (readonly [string, pulumi.Input<string>, string])[] = [
                [`${name}-${user}`, namespace, userSecretName(instance, user)],
                ...asked.map(
                    (client) =>
                        [
                            `${name}-${user}.${client}`,
                            client,
                            userSecretName(instance, user, args.namespaceName),
                        ] as const,
                ),
            ];
            const stringData = {
                [USER_KEY]: user,
                [USER_PASSWORD_KEY]: password,
                host: address.host,
                port: String(address.port),
                url: password.apply((text) => connectionUrl(user, text, address)),
                ...(address.sentinelMaster ? { sentinelMaster: address.sentinelMaster } : {}),
                ...(address.tls ? { tls: "true" } : {}),
                ...(args.ca === undefined ? {} : { [CA_FILE]: args.ca }),
            };
            for (const [resource, place, secret] of places) {
                new k8s.core.v1.Secret(
                    resource,
                    { metadata: { name: secret, namespace: place, labels: PART_OF }, stringData },
                    child,
                );
            }
        }
        this.registerOutputs({});
    }
}

/** What is wrong in an instance's users; `path` is the instance's. */
export function userProblems(
    path: string,
    { users = {} }: RedisInstanceSettings,
    { clientNamespaces }: Pick<RedisNamespaceSettings, "clientNamespaces">,
): Problem[] {
    return Object.entries(users).flatMap(([user, { namespaces }]) => [
        ...(RESERVED.includes(user)
            ? [
                  {
                      path: `${path}.users.${user}`,
                      got: show(user),
                      allowed: `a name beside ${RESERVED.join(", ")}, which are there already`,
                  },
              ]
            : []),
        ...namespaces
            .filter((each) => !clientNamespaces.includes(each))
            .map((each) => ({
                path: `${path}.users.${user}.namespaces`,
                got: show(each),
                allowed: `one of clientNamespaces (${clientNamespaces.join(", ") || "none"}): pods of others cannot connect`,
            })),
    ]);
}
