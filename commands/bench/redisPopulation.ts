import { redisInstance } from "../../components/redis/instanceSettings";
import { redisPods } from "../../components/redis/redisSpecs";
import type { Settings } from "../../lab/program/stackFile";

/** A Redis pod with an exporter. */
export interface RedisPod {
    readonly namespace: string;
    /** The operator's name for its workload. */
    readonly app: string;
    readonly pod: string;
    readonly setupType: string;
    /** The recorded answer that its exporter gives: a file of commands/catalogue/dumps. */
    readonly dump: string;
}

const SIZE = { memory: "256Mi", storageSize: "1Gi" };
const REPLICATION = { mode: "replication", replicas: 3, ...SIZE };
const STANDALONE = { mode: "standalone", ...SIZE };
const PER_NAMESPACE = 10;
/** Of ten instances. The first is what one instance alone is. */
const MIX = [
    ...Array.from({ length: 5 }, () => REPLICATION),
    ...Array.from({ length: 3 }, () => STANDALONE),
    { mode: "sentinel", replicas: 3, ...SIZE },
    { mode: "cluster", shards: 3, ...SIZE },
];

/** The configuration `redis` of so many instances, in namespaces of ten. */
export function redisSettings(count: number): Settings {
    const namespaces: Record<string, { instances: Record<string, object> }> = {};
    for (let i = 0; i < count; i++) {
        const namespace = `team-${Math.floor(i / PER_NAMESPACE)}`;
        namespaces[namespace] ??= { instances: {} };
        namespaces[namespace].instances[`redis-${i % PER_NAMESPACE}`] = MIX[i % MIX.length] ?? {};
    }
    return namespaces;
}

/** The pods that the operator makes of it. */
export function redisPopulation(settings: Settings): RedisPod[] {
    return Object.entries(
        settings as Record<string, { instances: Record<string, object> }>,
    ).flatMap(([namespace, { instances }]) =>
        Object.entries(instances).flatMap(([name, raw]) => {
            const instance = redisInstance.parse(raw);
            return redisPods(name, instance).flatMap(({ app, pods }) =>
                Array.from({ length: pods }, (_, i) => ({
                    namespace,
                    app,
                    pod: `${app}-${i}`,
                    setupType: app.endsWith("-sentinel") ? "sentinel" : setupType(instance.mode),
                    dump: dumpOf(app, instance.mode, i),
                })),
            );
        }),
    );
}

function setupType(mode: string): string {
    return mode === "sentinel" ? "replication" : mode;
}

function dumpOf(app: string, mode: string, ordinal: number): string {
    switch (mode) {
        case "standalone":
            return "standalone";
        case "cluster":
            return app.endsWith("-leader") ? "cluster-leader" : "cluster-follower";
        default:
            return app.endsWith("-sentinel")
                ? "sentinel"
                : ordinal === 0
                  ? "replication-master"
                  : "replication-replica";
    }
}
