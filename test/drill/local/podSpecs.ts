import { milliseconds } from "../shortened";
import type { Generated } from "../generated";
import { KubernetesObject, listAt, textAt, valueAt } from "../../support/objects";
import { operatorWorkloads } from "../../support/redisServices";
import { freePort } from "./processes";
import type { PodSpec } from "./redisPod";

/** The operator's default for a RedisSentinel that does not say. */
export const DOWN_AFTER = "30s";
const FAILOVER_TIMEOUT = "180s";

/**
 * The pods that the Redis operator makes of the program's custom resources, as local processes: replications whose
 * first pod is master, and the Sentinels that watch them. `factor` divides Sentinel's times.
 */
export async function podSpecs(generated: Generated, factor: number): Promise<PodSpec[]> {
    const replications = await Promise.all(
        ofKind(generated, "RedisReplication").map((resource) =>
            replicationPods(resource, generated),
        ),
    );
    const masters = new Map(replications.map(([master]) => [master?.app, master]));
    const sentinels = await Promise.all(
        ofKind(generated, "RedisSentinel").map((resource) => {
            const name = textAt(
                resource.manifest,
                "spec",
                "redisSentinelConfig",
                "redisReplicationName",
            );
            const master = masters.get(name);
            if (master === undefined) {
                throw new Error(
                    `the RedisSentinel ${resource.name} watches ${name}, which is not there`,
                );
            }
            return sentinelPods(resource, master, factor);
        }),
    );
    return [...replications, ...sentinels].flat();
}

function ofKind({ redis }: Generated, kind: string): KubernetesObject[] {
    return redis.filter((resource) => resource.kind === kind);
}

async function replicationPods(
    resource: KubernetesObject,
    generated: Generated,
): Promise<PodSpec[]> {
    const { spec } = resource.manifest;
    const password = generated.password(textAt(spec, "kubernetesConfig", "redisSecret", "name"));
    const common = {
        program: "redis-server",
        password,
        exporterEnv: exporterEnv(spec),
    } as const;
    const base = await newPods(resource);
    const master = base[0]?.port ?? 0;
    return base.map((pod, i) => ({
        ...pod,
        ...common,
        config: [
            `requirepass ${password}`,
            `masterauth ${password}`,
            "appendonly yes",
            'save ""',
            ...(listAt(spec, "redisConfig", "dynamicConfig") as string[]),
            ...(i === 0 ? [] : [`replicaof 127.0.0.1 ${master}`]),
        ],
    }));
}

async function sentinelPods(
    resource: KubernetesObject,
    master: PodSpec,
    factor: number,
): Promise<PodSpec[]> {
    const { spec } = resource.manifest;
    const group = textAt(spec, "redisSentinelConfig", "masterGroupName");
    const quorum = textAt(spec, "redisSentinelConfig", "quorum");
    return (await newPods(resource)).map((pod) => ({
        ...pod,
        program: "redis-sentinel",
        password: "",
        exporterEnv: exporterEnv(spec),
        config: [
            `sentinel monitor ${group} 127.0.0.1 ${master.port} ${quorum}`,
            `sentinel auth-pass ${group} ${master.password}`,
            `sentinel down-after-milliseconds ${group} ${milliseconds(DOWN_AFTER) / factor}`,
            `sentinel failover-timeout ${group} ${milliseconds(FAILOVER_TIMEOUT) / factor}`,
        ],
    }));
}

/** Names and ports of the pods of a custom resource. */
function newPods({
    kind,
    name,
    manifest,
}: KubernetesObject): Promise<Pick<PodSpec, "name" | "app" | "port" | "exporterPort">[]> {
    const [app = name] = operatorWorkloads(kind, name);
    const count = Number(valueAt(manifest, "spec", "clusterSize"));
    return Promise.all(
        Array.from({ length: count }, async (_, i) => ({
            name: `${app}-${i}`,
            app,
            port: await freePort(),
            exporterPort: await freePort(),
        })),
    );
}

function exporterEnv(spec: unknown): Record<string, string> {
    const env = listAt(spec, "redisExporter", "env") as { name: string; value: string }[];
    return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}
