import { RESERVED_NAMESPACES } from "../stack/namespaceNames";
import { seconds } from "../settings/duration";
import { Problem, show } from "../settings/problems";
import type { RedisInstanceSettings, Settings } from "../stack/schema";

/** The rules between the Redis instances, and within one. Returns every problem. */
export function redisProblems(settings: Settings): Problem[] {
    const problems: Problem[] = [];
    for (const [namespace, { instances }] of Object.entries(settings.redis)) {
        if (RESERVED_NAMESPACES.includes(namespace)) {
            problems.push({
                path: `redis.${namespace}`,
                got: show(namespace),
                allowed: `a namespace that is neither one of ours nor of Kubernetes (${RESERVED_NAMESPACES.join(", ")})`,
            });
        }
        const owners = new Map<string, string>();
        for (const [name, instance] of Object.entries(instances)) {
            const path = `redis.${namespace}.instances.${name}`;
            problems.push(...instanceProblems(path, instance));
            const claims = redisObjects(name, instance.mode);
            const taken = claims.find((claim) => owners.has(claim));
            if (taken !== undefined) {
                problems.push({
                    path,
                    got: show(name),
                    allowed: `another name: instance "${owners.get(taken)}" of namespace "${namespace}" already makes a ${taken}`,
                });
            }
            claims.forEach((claim) => owners.set(claim, name));
        }
    }
    return problems;
}

function instanceProblems(path: string, instance: RedisInstanceSettings): Problem[] {
    const problems: Problem[] = [];
    const { scrapeInterval, scrapeTimeout } = instance;
    if (seconds(scrapeTimeout) > seconds(scrapeInterval)) {
        problems.push({
            path: `${path}.scrapeTimeout`,
            got: show(scrapeTimeout),
            allowed: `at most scrapeInterval (${scrapeInterval}): Prometheus refuses a longer timeout`,
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

/** What the operator makes of an instance, by kind and name; two instances must not share any. */
function redisObjects(name: string, mode: RedisInstanceSettings["mode"]): string[] {
    const workloads = redisWorkloads(name, mode);
    const ofMaster = mode === "standalone" ? [] : [`${name}-master`];
    const ofReplicas = mode === "replication" || mode === "sentinel" ? [`${name}-replica`] : [];
    const services = [
        ...workloads.flatMap((workload) =>
            ["", "-headless", "-additional", "-metrics"].map((suffix) => `${workload}${suffix}`),
        ),
        ...ofMaster,
        ...ofReplicas,
    ];
    return [
        ...workloads.map((workload) => `StatefulSet "${workload}"`),
        ...services.map((service) => `Service "${service}"`),
    ];
}

/** The StatefulSets that the operator makes of an instance, which are the values of the label `app`. */
export function redisWorkloads(name: string, mode: RedisInstanceSettings["mode"]): string[] {
    switch (mode) {
        case "sentinel":
            return [name, `${name}-sentinel`];
        case "cluster":
            return [`${name}-leader`, `${name}-follower`];
        default:
            return [name];
    }
}
