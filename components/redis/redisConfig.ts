import { distance } from "fastest-levenshtein";
import { z } from "zod";

import { Problem, show } from "../settings/problems";
import { bytes, mebibytes } from "../settings/quantity";
import { whole } from "../settings/scalars";
import type { RedisInstanceSettings } from "./instanceSettings";
import { maxMemory } from "./maxMemory";
import { currentName, DYNAMIC_KEYS, KNOWN_KEYS, ownerOf } from "./redisConfigKeys";
import {
    keyspaceEvents,
    redisBytes,
    redisBytesOf,
    redisConfigText,
    refusedValue,
    savePoints,
} from "./redisConfigValues";
import { tlsLines } from "./redisTls";

const EVICTIONS = [
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
] as const;

/** A drill starts a Redis with as many. */
const MOST_DATABASES = 1024;

const flag = z
    .union([z.boolean(), z.enum(["yes", "no"])], { error: "allowed: yes, no" })
    .meta({ kind: "`yes` or `no`" });

/** Redis' configuration: the common keys with their types, and any other key of redis.conf as it is there. */
export const redisConfig = z
    .object({
        "maxmemory-policy": z.enum(EVICTIONS).describe("What goes when memory is full").optional(),
        appendonly: flag.describe("Whether writes go to the append-only file").optional(),
        appendfsync: z
            .enum(["always", "everysec", "no"])
            .describe("When that file is forced to the disk")
            .optional(),
        save: savePoints.describe("When a snapshot is written").optional(),
        databases: whole(1, MOST_DATABASES)
            .describe("Numbered databases; a change restarts pods")
            .optional(),
        maxclients: whole(1).describe("Connections at most").optional(),
        timeout: whole(0)
            .describe("Seconds after which an idle client is closed; 0 for never")
            .optional(),
        "tcp-keepalive": whole(0).describe("Seconds between probes of idle connections").optional(),
        "notify-keyspace-events": keyspaceEvents
            .describe("Which changes of keys are published")
            .optional(),
        "min-replicas-to-write": whole(0)
            .describe("Replicas that must be in touch, or writes are refused")
            .optional(),
        "min-replicas-max-lag": whole(0)
            .describe("Seconds after which a replica is not in touch")
            .optional(),
        "repl-backlog-size": redisBytes
            .describe("What a replica may miss and catch up without a full copy")
            .optional(),
        "slowlog-log-slower-than": whole(-1)
            .describe("Microseconds from which a command is logged; -1 for none")
            .optional(),
        "slowlog-max-len": whole(0).describe("Entries of the slow log").optional(),
        "latency-monitor-threshold": whole(0)
            .describe("Milliseconds from which an event is recorded; 0 for none")
            .optional(),
        "io-threads": whole(1, 128)
            .describe("Threads that read and write; a change restarts pods")
            .optional(),
    })
    .catchall(
        z.union(
            [
                redisConfigText,
                whole(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
                z.boolean(),
            ],
            {
                error: "allowed: a whole number, yes or no, or a text in one line without quotes and backslashes",
            },
        ),
    );

export type RedisConfig = z.output<typeof redisConfig>;

type Kind = NonNullable<RedisInstanceSettings["kind"]>;

/** What a kind means; the instance's own `config` goes before it. */
const KINDS: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
    cache: { "maxmemory-policy": "allkeys-lru", appendonly: "no", save: "" },
    store: { "maxmemory-policy": "noeviction", appendonly: "yes", appendfsync: "everysec" },
};

/** What an instance says of Redis' configuration, as redis.conf has it, by key in their order. */
export function directives({
    kind,
    config,
}: Pick<RedisInstanceSettings, "kind" | "config">): readonly (readonly [string, string])[] {
    const given = Object.entries(config ?? {}).flatMap(([key, value]): [string, string][] =>
        value === undefined ? [] : [[key, textOf(value)]],
    );
    const all = { ...(kind ? KINDS[kind] : {}), ...Object.fromEntries(given) };
    return Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
}

function textOf(value: string | number | boolean): string {
    return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}

/**
 * What Redis is told while it runs, `key value` each, which the operator repeats: maxmemory of every instance, and what
 * an instance says. The text behind the first space is the value, which may be empty.
 */
export function dynamicConfig(settings: RedisInstanceSettings): string[] {
    return [
        // The percentage only reaches the image as a variable, which the image's entrypoint does not read; without
        // maxmemory, Redis is killed at the container's limit instead of evicting.
        `maxmemory ${maxMemory(settings)}`,
        ...directives(settings)
            .filter(([key]) => DYNAMIC_KEYS.has(key))
            .map(([key, value]) => `${key} ${value}`),
    ];
}

/** What only a start of Redis reads, a line in all; undefined without any. */
export function startingConfig(settings: RedisInstanceSettings): string | undefined {
    const read = directives(settings).filter(([key]) => !DYNAMIC_KEYS.has(key));
    return read.length === 0
        ? undefined
        : read.map(([key, value]) => `${key} ${quoted(value)}`).join("; ");
}

/** The file that Redis reads at its start behind what the image says; undefined for an instance that says nothing. */
export function configFile(settings: RedisInstanceSettings): string | undefined {
    const own = directives(settings);
    const tls = tlsLines(settings);
    if (own.length === 0 && tls.length === 0) {
        return undefined;
    }
    const lines = own.flatMap(([key, value]) =>
        // Snapshots of several lines add up, those of the image among them.
        key === "save" && value !== "" ? [`save ""`, `save ${value}`] : [`${key} ${quoted(value)}`],
    );
    // Until the operator has said it again, Redis would take what the node has.
    return [`maxmemory ${maxMemory(settings)}`, ...tls, ...lines, ""].join("\n");
}

function quoted(value: string): string {
    return value === "" ? '""' : value;
}

/** Whether an instance writes its data to the disk. */
export function persists(settings: Pick<RedisInstanceSettings, "kind" | "config">): boolean {
    const said = new Map(directives(settings));
    // Both are on in the image, and off in one without a volume.
    return said.get("appendonly") !== "no" || said.get("save") !== "";
}

/** What is wrong in an instance's configuration of Redis; `path` is the instance's. */
export function configProblems(path: string, settings: RedisInstanceSettings): Problem[] {
    const at = (key: string) => `${path}.config.${key}`;
    const keys = Object.entries(settings.config ?? {}).flatMap(([key, value]): Problem[] => {
        if (value === undefined) {
            return [];
        }
        const allowed = keyProblem(key) ?? valueProblem(key, value);
        return allowed === undefined ? [] : [{ path: at(key), got: show(value), allowed }];
    });
    return [
        ...keys,
        ...replicaProblems(at, settings),
        ...backlogProblems(at, settings),
        ...storageProblems(path, settings),
    ];
}

function keyProblem(key: string): string | undefined {
    const owner = ownerOf(key);
    if (owner !== undefined) {
        return `no such key here: ${owner}`;
    }
    const current = currentName(key);
    if (current !== undefined) {
        return `the key by its name of today, ${current}`;
    }
    if (!/^[a-z][a-z0-9_-]*$/.test(key)) {
        return "keys of redis.conf, in small letters";
    }
    // A key that no list has may be of a later Redis; one that is nearly a known key is a slip, and Redis would not start.
    const near = KNOWN_KEYS.includes(key)
        ? undefined
        : KNOWN_KEYS.find((known) => distance(known, key) <= 2);
    return near && `did you mean "${near}"? Redis does not start with a key that it does not know`;
}

/** Of the keys above, the schema has the values. */
function valueProblem(key: string, value: string | number | boolean): string | undefined {
    return key in redisConfig.shape ? undefined : refusedValue(key, textOf(value));
}

/** It is allocated beside maxmemory, of which it is no part. */
function backlogProblems(at: (key: string) => string, settings: RedisInstanceSettings): Problem[] {
    const backlog = settings.config?.["repl-backlog-size"];
    const left = bytes(settings.memory) - maxMemory(settings);
    return backlog !== undefined && (redisBytesOf(backlog) ?? 0) > left
        ? [
              {
                  path: at("repl-backlog-size"),
                  got: show(backlog),
                  allowed: `at most ${mebibytes(left)}, what memory (${settings.memory}) leaves beside maxmemory: set memory higher or maxMemoryPercentOfLimit lower`,
              },
          ]
        : [];
}

/** What the number of pods does not allow. */
function replicaProblems(at: (key: string) => string, settings: RedisInstanceSettings): Problem[] {
    const { config = {}, mode } = settings;
    const replicas = { standalone: 0, cluster: 1 };
    const most = "replicas" in settings ? settings.replicas - 1 : replicas[settings.mode];
    const needed = config["min-replicas-to-write"] ?? 0;
    return [
        ...(needed > most
            ? [
                  {
                      path: at("min-replicas-to-write"),
                      got: show(needed),
                      allowed: `at most ${most}, the replicas of a master here: every write would be refused`,
                  },
              ]
            : []),
        ...(mode === "cluster" && config.databases !== undefined
            ? [
                  {
                      path: at("databases"),
                      got: show(config.databases),
                      allowed: "no databases in mode cluster, which has the database 0 alone",
                  },
              ]
            : []),
    ];
}

function storageProblems(path: string, settings: RedisInstanceSettings): Problem[] {
    if (settings.storageSize !== undefined) {
        return [];
    }
    return persists(settings)
        ? [
              {
                  path: `${path}.storageSize`,
                  got: "nothing",
                  allowed:
                      "allowed: a size such as 10Gi; only what writes nothing to the disk, such as `kind: cache`, has no volume",
              },
          ]
        : [];
}
