import { BackupSettings, scheduleProblems } from "../backup/settings";
import { specProblems } from "../kubernetes/customSpec";
import type { Capacity } from "../settings/capacity";
import { seconds } from "../settings/duration";
import { Problem, show } from "../settings/problems";
import { broken } from "../settings/read";
import { bytes, gibibytes, mebibytes, volumeSize } from "../settings/quantity";
import { intervals } from "../settings/schedule";
import type { RedisInstanceSettings, RedisNamespaceSettings } from "./instanceSettings";
import { maxMemory } from "./maxMemory";
import { quotaProblems } from "./quotas";
import { configProblems } from "./redisConfig";
import { exporterProblems } from "./redisExporter";
import { exposedName, exposeProblems } from "./redisExpose";
import { externalObjects, externalProblems } from "./redisExternal";
import { redisObjects } from "./redisNames";
import { podProblems } from "./redisPods";
import { DATA_KINDS } from "./redisSpecs";
import { tlsProblems } from "./redisTls";
import { userProblems } from "./redisUsers";
import { versionProblems } from "./redisVersions";
import { REDIS_KINDS } from "./specGuards";

type Instances = RedisNamespaceSettings["instances"];
type Backup = Pick<BackupSettings, "repository">;

/** The rules between the Redis instances, within one, and with their backups. Returns every problem. */
export function redisProblems(
    redis: Readonly<Record<string, RedisNamespaceSettings>>,
    backup: Backup,
    kept: string,
    backsUp: boolean,
): Problem[] {
    return Object.keys(redis).flatMap((namespace) =>
        broken(redis, [
            (all) => nameProblems(namespace, all[namespace]?.instances ?? {}),
            (all) => (all[namespace] ? quotaProblems(namespace, all[namespace]) : []),
            (all) =>
                externalNameProblems(
                    namespace,
                    all[namespace]?.instances ?? {},
                    all[namespace]?.external ?? {},
                ),
            (all) =>
                Object.entries(all[namespace]?.external ?? {}).flatMap(([name, settings]) =>
                    externalProblems(`redis.${namespace}.external.${name}`, settings),
                ),
            (all) => serviceProblems(namespace, all[namespace]?.instances ?? {}),
            ...Object.keys(redis[namespace]?.instances ?? {}).map((name) => (all: typeof redis) => {
                const instance = all[namespace]?.instances[name];
                const path = pathOf(namespace, name);
                return instance
                    ? [
                          ...userProblems(path, instance, {
                              clientNamespaces: all[namespace]?.clientNamespaces ?? [],
                          }),
                          ...instanceProblems(path, instance),
                      ]
                    : [];
            }),
            (all) =>
                scheduleProblems(
                    schedules(namespace, all[namespace]?.instances ?? {}),
                    backup,
                    kept,
                ),
            (all) =>
                backsUp
                    ? placeProblems(namespace, all[namespace]?.instances ?? {}, backup, kept)
                    : [],
        ]),
    );
}

/** Pods that no node takes stay pending, and nothing says so before. */
export function podCountProblems(
    redis: Readonly<Record<string, RedisNamespaceSettings>>,
    most: number,
): Problem[] {
    const count = Object.values(redis)
        .flatMap(({ instances }) => Object.values(instances).map(podsOf))
        .reduce((sum, each) => sum + each, 0);
    return count <= most
        ? []
        : [
              {
                  path: "redis",
                  got: `${count} pods of Redis and Sentinel`,
                  allowed: `at most cluster.maxPods (${most}): fewer instances or replicas, or more nodes and a larger cluster.maxPods`,
              },
          ];
}

function podsOf(instance: RedisInstanceSettings): number {
    switch (instance.mode) {
        case "standalone":
            return 1;
        case "replication":
            return instance.replicas;
        case "sentinel":
            return instance.replicas + instance.sentinels;
        case "cluster":
            return 2 * instance.shards;
    }
}

/** Passwords of instances that are not there. */
export function passwordProblems(
    redis: Readonly<Record<string, RedisNamespaceSettings>>,
    passwords: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Problem[] {
    const known = Object.entries(redis).flatMap(([namespace, { instances }]) =>
        Object.keys(instances).map((instance) => `${namespace}.${instance}`),
    );
    const given = Object.entries(passwords).flatMap(([namespace, byName]) =>
        Object.keys(byName).map((name) => ({
            each: `${namespace}.${name}`,
            elsewhere: redis[namespace]?.instances[name]?.passwordSecret !== undefined,
        })),
    );
    return given.flatMap(({ each, elsewhere }) =>
        !known.includes(each)
            ? [
                  {
                      path: `redisPasswords.${each}`,
                      got: "the password of an instance that is not there",
                      allowed: `one of ${known.join(", ")}`,
                  },
              ]
            : elsewhere
              ? [
                    {
                        path: `redisPasswords.${each}`,
                        got: "a second password",
                        allowed: "nothing: passwordSecret of the instance has it",
                    },
                ]
              : [],
    );
}

function pathOf(namespace: string, name: string): string {
    return `redis.${namespace}.instances.${name}`;
}

function nameProblems(namespace: string, instances: Instances): Problem[] {
    const problems: Problem[] = [];
    const owners = new Map<string, string>();
    for (const [name, { mode, expose }] of Object.entries(instances)) {
        const claims = [
            ...redisObjects(name, mode),
            ...(expose ? [`Service "${exposedName(name)}"`] : []),
        ];
        const taken = claims.find((claim) => owners.has(claim));
        if (taken !== undefined) {
            problems.push({
                path: pathOf(namespace, name),
                got: show(name),
                allowed: `another name: instance "${owners.get(taken)}" of namespace "${namespace}" already makes a ${taken}`,
            });
        }
        claims.forEach((claim) => owners.set(claim, name));
    }
    return problems;
}

/** What is outside must have another name, in rules and of its exporter, than what is inside. */
function externalNameProblems(
    namespace: string,
    instances: Instances,
    external: NonNullable<RedisNamespaceSettings["external"]>,
): Problem[] {
    const owners = new Map(
        Object.entries(instances).flatMap(([name, { mode }]) =>
            redisObjects(name, mode).map((each) => [each, name] as const),
        ),
    );
    return Object.keys(external).flatMap((name) => {
        const taken = externalObjects(name).find((each) => owners.has(each));
        return taken === undefined
            ? []
            : [
                  {
                      path: `redis.${namespace}.external.${name}`,
                      got: show(name),
                      allowed: `another name: instance "${owners.get(taken)}" of namespace "${namespace}" has the ${taken}`,
                  },
              ];
    });
}

/** Of the 2 MiB that Linux leaves a program for its variables and arguments, half: other Services have theirs. */
const VARIABLES = 2 ** 20;
/** Kubernetes' variables of a Service with one port, and what one has beside the Service's name. */
const VARIABLES_OF_SERVICE = 8;
const BYTES_OF_VARIABLE = 40;

/** Every pod gets the addresses of all Services of its namespace as variables, those of the operator's pods too. */
function serviceProblems(namespace: string, instances: Instances): Problem[] {
    const bytesOf = (name: string, mode: RedisInstanceSettings["mode"]): number =>
        redisObjects(name, mode)
            .filter((each) => each.startsWith("Service ") && !each.includes("-headless"))
            .reduce((sum, each) => {
                const service = each.length - `Service ""`.length;
                return sum + VARIABLES_OF_SERVICE * (service + BYTES_OF_VARIABLE);
            }, 0);
    const all = Object.entries(instances);
    const needed = all.reduce((sum, [name, { mode }]) => sum + bytesOf(name, mode), 0);
    const most = Math.floor((all.length * VARIABLES) / needed);
    return needed <= VARIABLES
        ? []
        : [
              {
                  path: `redis.${namespace}.instances`,
                  got: `${all.length} instances`,
                  allowed: `at most ${most} such ones in a namespace: every pod gets the addresses of all its Services as variables, and Linux starts no program with more than 2 MiB of them. Put the others into more namespaces`,
              },
          ];
}

/** Its own tables, a replication backlog of 1 MiB and the output buffers of some clients; nothing is left for data. */
const LEAST_MAXMEMORY = 8 * 2 ** 20;

function instanceProblems(path: string, instance: RedisInstanceSettings): Problem[] {
    const problems = [
        ...versionProblems(path, instance.version),
        ...configProblems(path, instance),
        ...exporterProblems(path, instance),
        ...podProblems(path, instance),
        ...(instance.passwordSecret !== undefined && instance.users
            ? [
                  {
                      path: `${path}.passwordSecret`,
                      got: show(instance.passwordSecret),
                      allowed:
                          "no passwordSecret beside users: the file of their rights holds the password's hash too, and is made from it",
                  },
              ]
            : []),
        ...specProblems(
            `${path}.spec`,
            instance.spec ?? {},
            REDIS_KINDS[DATA_KINDS[instance.mode]],
        ),
        ...(instance.mode === "sentinel"
            ? specProblems(
                  `${path}.sentinelSpec`,
                  instance.sentinelSpec ?? {},
                  REDIS_KINDS.RedisSentinel,
              )
            : []),
        ...tlsProblems(path, instance),
        ...exposeProblems(path, instance),
    ];
    const { scrapeInterval, scrapeTimeout } = instance;
    if (seconds(scrapeTimeout) > seconds(scrapeInterval)) {
        problems.push({
            path: `${path}.scrapeTimeout`,
            got: show(scrapeTimeout),
            allowed: `at most scrapeInterval (${scrapeInterval}): Prometheus refuses a longer timeout`,
        });
    }
    if (
        instance.storageSize !== undefined &&
        bytes(instance.storageSize) < bytes(instance.memory)
    ) {
        problems.push({
            path: `${path}.storageSize`,
            got: show(instance.storageSize),
            allowed: `as much as memory (${instance.memory}) or more: its data is written there as a whole, beside the file before it`,
        });
    }
    if (maxMemory(instance) < LEAST_MAXMEMORY) {
        problems.push({
            path: `${path}.maxMemoryPercentOfLimit`,
            got: show(instance.maxMemoryPercentOfLimit),
            allowed: `more of memory (${instance.memory}): maxmemory would be ${mebibytes(maxMemory(instance))}, and Redis itself needs ${mebibytes(LEAST_MAXMEMORY)} with its replication backlog and clients' buffers`,
        });
    }
    if (instance.mode === "sentinel") {
        const { sentinels, quorum } = instance;
        if (sentinels % 2 === 0) {
            problems.push({
                path: `${path}.sentinels`,
                got: show(sentinels),
                allowed: `an odd number, such as ${sentinels + 1}: an even one tolerates no more failures than one fewer`,
            });
        }
        if (quorum > sentinels || quorum <= Math.floor(sentinels / 2)) {
            problems.push({
                path: `${path}.quorum`,
                got: show(quorum),
                allowed: `a majority of ${sentinels} Sentinels: ${Math.floor(sentinels / 2) + 1} to ${sentinels}`,
            });
        }
    }
    return problems;
}

function schedules(namespace: string, instances: Instances): [string, string][] {
    return backedUp(instances).map(([name, { backup }]) => [
        `${pathOf(namespace, name)}.backup.schedule`,
        backup?.schedule ?? "",
    ]);
}

/** The instances of a namespace that ask for a backup. */
export function backedUp(instances: Instances): [string, RedisInstanceSettings][] {
    return Object.entries(instances).filter(([, { backup }]) => backup);
}

function placeProblems(
    namespace: string,
    instances: Instances,
    { repository }: Backup,
    kept: string,
): Problem[] {
    const sources = backedUp(instances);
    if (!repository) {
        return sources.map(([name]) => ({
            path: `${pathOf(namespace, name)}.backup`,
            got: "a backup without a place",
            allowed: "backup.repository, a bucket or a volume, or no backup of this instance",
        }));
    }
    if (repository.type !== "volume") {
        return [];
    }
    const volume = redisBackupVolume(
        sources.map(([, instance]) => instance),
        kept,
        repository.storageSize,
    );
    if (volume.needed <= volume.usable) {
        return [];
    }
    return [
        {
            path: "backup.repository.storageSize",
            got: show(repository.storageSize),
            allowed: `backups of namespace "${namespace}" for ${kept} need up to ${gibibytes(volume.needed)} and it leaves ${gibibytes(volume.usable)}: shorten retention.backups, or set it to ${volumeSize(volume.volumeFor)} or more (docs/volumes.md)`,
        },
    ];
}

/** A restic repository may not fill up: it needs room to rewrite packs when it forgets. */
const REPOSITORY_FILL = 0.85;

/**
 * Redis backups of one namespace: maxmemory x shards x backups within the retention, against its volume. An upper
 * bound: an RDB file is smaller than the memory that it is of, and equal parts of files are stored once.
 */
export function redisBackupVolume(
    instances: readonly RedisInstanceSettings[],
    kept: string,
    storageSize: string,
): Capacity {
    const needed = instances.reduce((sum, instance) => {
        const { shortest } = intervals(instance.backup?.schedule ?? "");
        // The newest one is there before the oldest one goes.
        const copies = Math.floor(seconds(kept) / shortest) + 1;
        const shards = instance.mode === "cluster" ? instance.shards : 1;
        return sum + maxMemory(instance) * shards * copies;
    }, 0);
    return {
        needed,
        usable: bytes(storageSize) * REPOSITORY_FILL,
        volumeFor: needed / REPOSITORY_FILL,
    };
}
