import { ConnectionHog } from "./connectionHog";
import { fillMemory, freeMemory } from "./memory";
import { REPLICATION, SENTINEL } from "./settings";
import type { Pod, Stage } from "./stage";

/** What a fault looks like in the series that are scraped. */
export interface Symptom {
    readonly selector: string;
    /** Selector of the limit that a value is a share of; without it, the value counts as it is. */
    readonly limit?: string;
    readonly broken: (value: number) => boolean;
    /** For the timeline, such as `redis_up 0`. */
    readonly text: string;
}

/** Something that is broken for real, and the alert that must come of it. */
export interface Drill {
    readonly name: string;
    /** What is broken. */
    readonly title: string;
    readonly alert: string;
    /** Value of the alert's label `app`. */
    readonly app: string;
    readonly symptom: Symptom;
    /** True where Sentinel must notice first, which takes `down-after-milliseconds`. */
    readonly seenBySentinel?: boolean;
    /** True where a pod is deleted, whose series Prometheus keeps for a while. */
    readonly losesTarget?: boolean;
    /** What is done before the fault, so that the fault itself takes no time. */
    prepare?(stage: Stage): Promise<void>;
    /** Breaks it; returns what was done, for the timeline. */
    inject(stage: Stage): Promise<string>;
    /** Repairs it; returns what was done. */
    repair(stage: Stage): Promise<string>;
}

const master = (stage: Stage): Pod => stage.pod(REPLICATION, 0);
const replica = (stage: Stage): Pod => stage.pod(REPLICATION, 1);
const SENTINELS = `${SENTINEL}-sentinel`;

const hog = new ConnectionHog();

/** Every drill that ends in an alert; the one on Prometheus itself is in deadMansSwitch.ts. */
export const DRILLS: readonly Drill[] = [
    {
        name: "redis-down",
        title: "the pod of a replication's master is killed and does not come back",
        alert: "RedisMasterDown",
        app: REPLICATION,
        losesTarget: true,
        symptom: {
            selector: `redis_master_link_up{app="${REPLICATION}"}`,
            broken: (value) => value === 0,
            text: "redis_master_link_up 0",
        },
        inject: (stage) => done(master(stage).kill(), `killed the pod ${master(stage).name}`),
        repair: (stage) => done(master(stage).start(), `started the pod ${master(stage).name}`),
    },
    {
        name: "redis-stopped",
        title: "Redis is stopped in a pod whose exporter goes on",
        alert: "RedisPodsMissing",
        app: REPLICATION,
        symptom: {
            selector: `redis_up{pod="${REPLICATION}-1"}`,
            broken: (value) => value === 0,
            text: "redis_up 0",
        },
        inject: (stage) =>
            done(replica(stage).stopRedis(), `stopped Redis in ${replica(stage).name}`),
        repair: (stage) =>
            done(replica(stage).startRedis(), `started Redis in ${replica(stage).name}`),
    },
    {
        name: "memory-full",
        title: "data fills 95 % of maxmemory",
        alert: "RedisHighMemoryUsage",
        app: REPLICATION,
        symptom: {
            selector: `redis_memory_used_bytes{pod="${REPLICATION}-0"}`,
            limit: `redis_memory_max_bytes{pod="${REPLICATION}-0"}`,
            broken: (value) => value > 0.9,
            text: "redis_memory_used_bytes above 90 % of redis_memory_max_bytes",
        },
        prepare: (stage) => fillMemory(master(stage).server, 0.8),
        inject: (stage) =>
            done(
                fillMemory(master(stage).server, 0.95),
                `filled ${master(stage).name} to 95 % of maxmemory`,
            ),
        repair: (stage) => done(freeMemory(master(stage).server), "deleted the data again"),
    },
    {
        name: "connections-high",
        title: "clients take 90 % of maxclients",
        alert: "RedisHighConnections",
        app: REPLICATION,
        symptom: {
            selector: `redis_connected_clients{pod="${REPLICATION}-0"}`,
            limit: `redis_config_maxclients{pod="${REPLICATION}-0"}`,
            broken: (value) => value > 0.8,
            text: "redis_connected_clients above 80 % of redis_config_maxclients",
        },
        prepare: (stage) => hog.take(master(stage).server, 0.5),
        inject: (stage) =>
            done(hog.take(master(stage).server, 0.9), "took 90 % of the connections"),
        repair: () => done(hog.release(), "closed the connections"),
    },
    {
        name: "exporter-down",
        title: "the exporter of a pod is killed and does not come back",
        alert: "RedisExporterDown",
        app: REPLICATION,
        symptom: {
            selector: `up{pod="${REPLICATION}-1"}`,
            broken: (value) => value === 0,
            text: "up 0",
        },
        inject: (stage) =>
            done(replica(stage).killExporter(), `killed the exporter of ${replica(stage).name}`),
        repair: (stage) =>
            done(replica(stage).startExporter(), `started the exporter of ${replica(stage).name}`),
    },
    {
        name: "sentinel-quorum-lost",
        title: "two of three Sentinels are stopped",
        alert: "RedisSentinelQuorumLost",
        app: SENTINELS,
        seenBySentinel: true,
        symptom: {
            selector: `redis_sentinel_master_ckquorum_status{app="${SENTINELS}"}`,
            broken: (value) => value === 0,
            text: "redis_sentinel_master_ckquorum_status 0",
        },
        inject: (stage) =>
            done(
                Promise.all([1, 2].map((i) => stage.pod(SENTINELS, i).stopRedis())),
                `stopped Sentinel in ${SENTINELS}-1 and ${SENTINELS}-2`,
            ),
        repair: (stage) =>
            done(
                Promise.all([1, 2].map((i) => stage.pod(SENTINELS, i).startRedis())),
                "started both Sentinels",
            ),
    },
    // The last one: it leaves an alert on refused connections, which looks at 5 minutes however short intervals are.
    {
        name: "connections-exhausted",
        title: "clients take every connection, the exporter's as well",
        alert: "RedisMasterDown",
        app: REPLICATION,
        symptom: {
            selector: `redis_up{pod="${REPLICATION}-0"}`,
            broken: (value) => value === 0,
            text: "redis_up 0",
        },
        prepare: (stage) => hog.take(master(stage).server, 0.5),
        inject: (stage) =>
            done(hog.take(master(stage).server, 1), "took every connection that Redis gives"),
        repair: () => done(hog.release(), "closed the connections"),
    },
];

async function done(work: Promise<unknown>, what: string): Promise<string> {
    await work;
    return what;
}
