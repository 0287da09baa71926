import { z } from "zod";

import type { BackupSettings } from "../backup/settings";
import type { Part, SettingsOf } from "../settings/part";
import { broken } from "../settings/read";
import { name, namespace, pods, text } from "../settings/scalars";
import { redisNamespace } from "./instanceSettings";
import { ruleSizeProblems } from "./namespaceRules";
import { passwordProblems, podCountProblems, redisProblems } from "./redisProblems";
import { operatorProblems } from "./redisVersions";

/** It stands in Redis' configuration file and in the shell of probes. */
const PASSWORD = /^[A-Za-z0-9]{16,128}$/;
const password = text({
    kind: "secret",
    reader: "redis.conf and the shell",
    allowed: "16 to 128 of a-z, A-Z and 0-9",
    is: (each) => PASSWORD.test(each),
});

const keys = {
    redisOperator: z
        .strictObject({
            replicas: pods().describe("Pods, of which one leads"),
            watchNamespaces: z.array(namespace).describe("Namespaces to watch; empty for all"),
        })
        .describe("Replicas, and the namespaces to watch"),
    redis: z
        .record(name, redisNamespace)
        .meta({ entry: "namespace" })
        .describe("Redis instances, by namespace and name"),
    redisPasswords: z
        .record(name, z.record(name, password))
        .meta({ kind: "secret" })
        .describe(
            "Password of an instance in place of the generated one, by namespace and instance: [how one is changed](rotation.md)",
        )
        .default({}),
};

type Keys = SettingsOf<typeof keys>;
export type RedisOperatorSettings = Keys["redisOperator"];

/** The Redis operator and its instances, by namespace and name. */
export const redisPart: Part<
    typeof keys,
    Keys & {
        readonly backup: Pick<BackupSettings, "repository">;
        readonly components: { readonly backup: "on" | "off" };
        readonly retention: { readonly backups: string };
        readonly cluster: { readonly maxPods: number };
    }
> = {
    keys,
    problems: (settings) =>
        broken(settings, [
            ({ redis, backup, retention, components }) =>
                redisProblems(redis, backup, retention.backups, components.backup === "on"),
            ({ redis, cluster }) => podCountProblems(redis, cluster.maxPods),
            ({ redis, redisPasswords }) => passwordProblems(redis, redisPasswords),
            ({ redis }) =>
                Object.entries(redis).flatMap(([namespace, each]) =>
                    ruleSizeProblems(namespace, each),
                ),
        ]),
    platformProblems: () => operatorProblems(),
};
