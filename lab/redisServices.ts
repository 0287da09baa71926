import type { Labels } from "./program/objects";

export interface OperatorService {
    readonly name: string;
    readonly labels: Labels;
    /** The workload whose pods it leads to. */
    readonly app: string;
}

interface Workload {
    readonly app: string;
    readonly type: string;
    readonly role: string;
    /** Names of Services beside the usual ones. */
    readonly more?: readonly string[];
}

/** Workloads that the Redis operator 0.26.1 makes of a custom resource. */
const WORKLOADS: Readonly<Record<string, (name: string) => readonly Workload[]>> = {
    Redis: (name) => [{ app: name, type: "standalone", role: "standalone" }],
    RedisReplication: (name) => [
        {
            app: name,
            type: "replication",
            role: "replication",
            more: [`${name}-master`, `${name}-replica`],
        },
    ],
    RedisSentinel: (name) => [{ app: `${name}-sentinel`, type: "sentinel", role: "sentinel" }],
    RedisCluster: (name) => [
        { app: `${name}-leader`, type: "cluster", role: "leader", more: [`${name}-master`] },
        { app: `${name}-follower`, type: "cluster", role: "follower" },
    ],
};

/** The label `app` of each workload of a custom resource. */
export function operatorWorkloads(kind: string, name: string): string[] {
    return workloadsOf(kind, name).map(({ app }) => app);
}

/**
 * The Services that the operator makes of a custom resource. The resource's labels are on all of them but the one for
 * metrics, and all but that one expose the exporter's port beside their own.
 */
export function operatorServices(kind: string, name: string, labels: Labels): OperatorService[] {
    return workloadsOf(kind, name).flatMap(({ app, type, role, more = [] }) => {
        const stable = { app, redis_setup_type: type, role };
        return [
            ...[app, `${app}-headless`, `${app}-additional`, ...more].map((service) => ({
                name: service,
                labels: { ...stable, ...labels },
                app,
            })),
            {
                name: `${app}-metrics`,
                labels: { ...stable, "app.kubernetes.io/component": "metrics" },
                app,
            },
        ];
    });
}

function workloadsOf(kind: string, name: string): readonly Workload[] {
    const workloads = WORKLOADS[kind];
    if (workloads === undefined) {
        throw new Error(`what the operator makes of a ${kind} is not simulated; add it`);
    }
    return workloads(name);
}
