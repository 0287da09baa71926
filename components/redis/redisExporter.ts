import { z } from "zod";

import { Problem, show } from "../settings/problems";
import { text, whole } from "../settings/scalars";
import type { RedisInstanceSettings } from "./instanceSettings";

const db = whole(0).describe("Number of its database").default(0);
/** More series of one exporter than a Prometheus holds. */
const MOST = 1_000_000;
const many = (what: string) =>
    whole(1, MOST).describe(`How many ${what} there are at most, which the cost counts`);

/** A key, or a pattern of keys. */
export const redisKey = text({
    kind: "key",
    reader: "redis_exporter: keys of Redis may be any text",
    allowed: "a key of Redis, or a pattern, of 1 to 512 characters in one line",
    is: (each) => /^[^\p{Cc}\u2028\u2029]{1,512}$/u.test(each),
});

const variable = text({
    kind: "variable",
    reader: "redis_exporter's environment",
    allowed: "a variable of redis_exporter, such as REDIS_EXPORTER_INCL_CONFIG_METRICS",
    is: (each) => /^REDIS_EXPORTER_[A-Z0-9_]{1,100}$/.test(each),
});

const variableValue = text({
    kind: "text",
    reader: "redis_exporter: each variable has its own values",
    allowed: "a text of up to 1024 characters in one line: numbers and true or false in quotes",
    is: (each) => /^[^\p{Cc}\u2028\u2029]{0,1024}$/u.test(each),
});

/** What the exporters of an instance tell beside what every exporter tells. Keys and patterns are names of maps. */
export const exporterSettings = z.strictObject({
    checkSingleKeys: z
        .record(redisKey, z.strictObject({ db }))
        .meta({ entry: "key" })
        .describe(
            "Keys whose length is exported, such as a queue's; of one that is not there it is 0",
        )
        .default({}),
    checkKeys: z
        .record(redisKey, z.strictObject({ db, keys: many("keys") }))
        .meta({ entry: "pattern" })
        .describe("The same of every key that matches; each scrape scans the database")
        .default({}),
    countKeys: z
        .record(redisKey, z.strictObject({ db }))
        .meta({ entry: "pattern" })
        .describe("Patterns whose keys are counted; each scrape scans the database")
        .default({}),
    checkStreams: z
        .record(
            redisKey,
            z.strictObject({
                db,
                groups: whole(0, MOST).describe("Groups of consumers at most").default(1),
                consumers: whole(0, MOST).describe("Consumers of a group at most").default(10),
            }),
        )
        .meta({ entry: "key" })
        .describe("Streams whose length, groups, lag and consumers are exported")
        .default({}),
    values: z
        .boolean()
        .describe(
            "Whether values of checked strings are exported too: numbers as the value of a series, texts as its label, which everybody reads who reads metrics",
        )
        .default(false),
    clientList: z
        .strictObject({ clients: many("connections") })
        .describe(
            "A series for each connection, with its address and command: dear, for a search only",
        )
        .optional(),
    env: z
        .record(variable, variableValue)
        .meta({ entry: "variable" })
        .describe("Further variables of redis_exporter, whose cost is not counted")
        .default({}),
});

export type ExporterSettings = z.output<typeof exporterSettings>;

type Variable = { readonly name: string; readonly value: string };

/** The most series of each, of redis_exporter 1.45 to 1.89 and Redis 7 to 8; test/redis/exporter.test.ts counts those of 1.45. */
const SERIES = {
    key: 1,
    value: 1,
    count: 1,
    stream: 15,
    group: 6,
    consumer: 2,
    client: 1,
} as const;

/** The most series that the settings add to each pod with data. */
export function exporterSeries(settings: ExporterSettings | undefined): number {
    if (!settings) {
        return 0;
    }
    const keys =
        Object.keys(settings.checkSingleKeys).length +
        Object.values(settings.checkKeys).reduce((sum, each) => sum + each.keys, 0);
    const streams = Object.values(settings.checkStreams).reduce(
        (sum, { groups, consumers }) =>
            sum + SERIES.stream + groups * (SERIES.group + consumers * SERIES.consumer),
        0,
    );
    return (
        keys * (SERIES.key + (settings.values ? SERIES.value : 0)) +
        Object.keys(settings.countKeys).length * SERIES.count +
        streams +
        (settings.clientList?.clients ?? 0) * SERIES.client
    );
}

/** The exporter's variables for them, by name. */
export function exporterVariables(settings: ExporterSettings | undefined): Variable[] {
    if (!settings) {
        return [];
    }
    const lists: readonly (readonly [string, Readonly<Record<string, { readonly db: number }>>])[] =
        [
            ["REDIS_EXPORTER_CHECK_KEYS", settings.checkKeys],
            ["REDIS_EXPORTER_CHECK_SINGLE_KEYS", settings.checkSingleKeys],
            ["REDIS_EXPORTER_CHECK_SINGLE_STREAMS", settings.checkStreams],
            ["REDIS_EXPORTER_COUNT_KEYS", settings.countKeys],
        ];
    const own = [
        ...lists
            .filter(([, keys]) => hasKeys(keys))
            .map(([name, keys]) => ({ name, value: keyList(keys) })),
        ...(!settings.values && [settings.checkKeys, settings.checkSingleKeys].some(hasKeys)
            ? [{ name: "REDIS_EXPORTER_DISABLE_EXPORTING_KEY_VALUES", value: "true" }]
            : []),
        ...(settings.clientList
            ? [{ name: "REDIS_EXPORTER_EXPORT_CLIENT_LIST", value: "true" }]
            : []),
        ...Object.entries(settings.env).map(([name, value]) => ({ name, value })),
    ];
    return own.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function hasKeys(keys: object): boolean {
    return Object.keys(keys).length > 0;
}

/** The exporter splits at commas and equals signs, and reads the rest as in a URL's query. */
function keyList(keys: Readonly<Record<string, { readonly db: number }>>): string {
    return Object.entries(keys)
        .map(([key, { db: number }]) => `db${number}=${encodeURIComponent(key)}`)
        .join(",");
}

/** Variables that the operator or this stack sets. */
const OWNED =
    /^REDIS_EXPORTER_(WEB_|TLS_|SKIP_TLS|INCL_SYSTEM_METRICS$|CHECK_|COUNT_KEYS$|EXPORT_CLIENT_LIST$|DISABLE_EXPORTING_KEY_VALUES$|NAMESPACE$|PASSWORD|USER$|BASIC_AUTH|SCRIPT$)/;

/** What is wrong in them; `path` is the instance's. */
export function exporterProblems(
    path: string,
    settings: Pick<RedisInstanceSettings, "mode" | "exporter" | "config">,
): Problem[] {
    const { exporter, mode } = settings;
    if (!exporter) {
        return [];
    }
    const { checkSingleKeys, checkKeys, countKeys, checkStreams } = exporter;
    const databases = mode === "cluster" ? 1 : (settings.config?.databases ?? 16);
    const named = Object.entries({ checkSingleKeys, checkKeys, countKeys, checkStreams }).flatMap(
        ([list, keys]) => Object.entries(keys).map(([key, each]) => [list, key, each.db] as const),
    );
    return [
        ...named
            .filter(([, , number]) => number >= databases)
            .map(([list, key, number]) => ({
                path: `${path}.exporter.${list}.${key}.db`,
                got: show(number),
                allowed: `0 to ${databases - 1}, the databases of the instance`,
            })),
        ...Object.keys(checkKeys)
            .filter((key) => !/[*?[\]^]/.test(key))
            .map((key) => ({
                path: `${path}.exporter.checkKeys`,
                got: show(key),
                allowed:
                    "patterns, with one of *, ? and [ ]; a single key stands in checkSingleKeys",
            })),
        ...Object.keys(exporter.env)
            .filter((name) => OWNED.test(name))
            .map((name) => ({
                path: `${path}.exporter.env.${name}`,
                got: "a variable that the operator or this stack sets",
                allowed: "the keys beside env, or another variable",
            })),
    ];
}
