import { z } from "zod";

import type { BackupSettings } from "../backup/settings";
import type { Part, SettingsOf } from "../settings/part";
import { name } from "../settings/scalars";
import { redisNamespace } from "./instanceSettings";
import { redisProblems } from "./redisProblems";

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
    problems: ({ redis, backup, retention }) => redisProblems(redis, backup, retention.backups),
};
