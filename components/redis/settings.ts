import { z } from "zod";

import type { BackupSettings } from "../backup/settings";
import type { Part, SettingsOf } from "../settings/part";
import { name } from "../settings/scalars";
import { redisNamespace } from "./instanceSettings";
import { ruleSizeProblems } from "./namespaceRules";
import { passwordProblems, redisProblems } from "./redisProblems";
import { operatorProblems } from "./redisVersions";

/** It stands in Redis' configuration file and in the shell of probes. */
const password = z.string().regex(/^[A-Za-z0-9]{16,128}$/, {
    error: "allowed: 16 to 128 of a-z, A-Z and 0-9",
});

const keys = {
    redisOperator: z
        .strictObject({
            replicas: z.int().min(1).describe("Pods, of which one leads"),
            watchNamespaces: z.array(name).describe("Namespaces to watch; empty for all"),
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
        readonly retention: { readonly backups: string };
    }
> = {
    keys,
    problems: ({ redis, redisPasswords, backup, retention }) => [
        ...redisProblems(redis, backup, retention.backups),
        ...passwordProblems(redis, redisPasswords),
        ...Object.entries(redis).flatMap(([namespace, each]) => ruleSizeProblems(namespace, each)),
    ],
    platformProblems: () => operatorProblems(),
};
