import { z } from "zod";

import type { BackupSettings } from "../backup/settings";
import type { Part, SettingsOf } from "../settings/part";
import { name } from "../settings/scalars";
import { redisNamespace } from "./instanceSettings";
import { redisProblems } from "./redisProblems";
import { operatorProblems } from "./redisVersions";

const keys = {
    redisOperator: z.strictObject({
        replicas: z.int().min(1),
        /** Namespaces to watch; empty: all. */
        watchNamespaces: z.array(name),
    }),
    redis: z.record(name, redisNamespace),
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
    platformProblems: () => operatorProblems(),
};
