import { KubernetesObject, listAt, textAt, valueAt } from "../../lab/program/objects";
import { operatorWorkloads } from "../../lab/redisServices";
import type { Generated } from "./generated";
import { milliseconds } from "./shortened";

/** Where others reach the Redis or Sentinel of a pod. */
export interface Address {
    readonly host: string;
    readonly port: number;
}

/** What a pod is started with. */
export interface PodSpec {
    readonly name: string;
    /** Value of its label `app`: the operator's name for the workload. */
    readonly app: string;
    /** The custom resource that the pod is of. */
    readonly resource: KubernetesObject;
    readonly address: Address;
    readonly program: "redis-server" | "redis-sentinel";
    /** Lines of its configuration, beside those that depend on the place: address and folder. */
    readonly config: readonly string[];
    /** Empty for a Sentinel, which has none. */
    readonly password: string;
    readonly exporterEnv: readonly { readonly name: string; readonly value: string }[];
}

/** The operator's default for a RedisSentinel that does not say. */
export const DOWN_AFTER = "30s";
const FAILOVER_TIMEOUT = "180s";

/**
 * The pods that the Redis operator makes of the program's replications and Sentinels. The first pod of a replication is
 * its master. `factor` divides Sentinel's times; `addressOf` tells where a pod is reached.
 */
export function podSpecs(
    generated: Pick<Generated, "redis" | "password">,
    factor: number,
    addressOf: (pod: string, app: string, resource: KubernetesObject) => Address,
): PodSpec[] {
    const all = (kind: string) => generated.redis.filter((resource) => resource.kind === kind);
    const replications = all("RedisReplication").flatMap((resource) =>
        replicationPods(resource, generated, addressOf),
    );
    const sentinels = all("RedisSentinel").flatMap((resource) =>
        sentinelPods(resource, replications, factor, addressOf),
    );
    return [...replications, ...sentinels];
}

type AddressOf = Parameters<typeof podSpecs>[2];

function replicationPods(
    resource: KubernetesObject,
    generated: Pick<Generated, "password">,
    addressOf: AddressOf,
): PodSpec[] {
    const { spec } = resource.manifest;
    const password = generated.password(textAt(spec, "kubernetesConfig", "redisSecret", "name"));
    const pods = newPods(resource, addressOf);
    return pods.map((pod, i) => ({
        ...pod,
        program: "redis-server",
        password,
        config: [
            `requirepass ${password}`,
            `masterauth ${password}`,
            "appendonly yes",
            'save ""',
            ...(listAt(spec, "redisConfig", "dynamicConfig") as string[]),
            ...(i === 0 ? [] : [`replicaof ${reached(pods[0]?.address)}`]),
        ],
    }));
}

function sentinelPods(
    resource: KubernetesObject,
    replications: readonly PodSpec[],
    factor: number,
    addressOf: AddressOf,
): PodSpec[] {
    const { spec } = resource.manifest;
    const watched = textAt(spec, "redisSentinelConfig", "redisReplicationName");
    const group = textAt(spec, "redisSentinelConfig", "masterGroupName");
    const quorum = textAt(spec, "redisSentinelConfig", "quorum");
    const master = replications.find(({ app }) => app === watched);
    return newPods(resource, addressOf).map((pod) => ({
        ...pod,
        program: "redis-sentinel",
        password: "",
        config: [
            "sentinel resolve-hostnames yes",
            `sentinel monitor ${group} ${reached(master?.address)} ${quorum}`,
            `sentinel auth-pass ${group} ${master?.password}`,
            `sentinel down-after-milliseconds ${group} ${milliseconds(DOWN_AFTER) / factor}`,
            `sentinel failover-timeout ${group} ${milliseconds(FAILOVER_TIMEOUT) / factor}`,
        ],
    }));
}

/** What the pods of a custom resource have whatever runs in them. */
function newPods(
    resource: KubernetesObject,
    addressOf: AddressOf,
): Pick<PodSpec, "name" | "app" | "resource" | "address" | "exporterEnv">[] {
    const { kind, name, manifest } = resource;
    const [app = name] = operatorWorkloads(kind, name);
    const count = Number(valueAt(manifest, "spec", "clusterSize"));
    const exporterEnv = listAt(manifest, "spec", "redisExporter", "env") as PodSpec["exporterEnv"];
    return Array.from({ length: count }, (_, i) => {
        const pod = `${app}-${i}`;
        return { name: pod, app, resource, address: addressOf(pod, app, resource), exporterEnv };
    });
}

/** `HOST PORT`, as Redis has it. */
function reached(address: Address | undefined): string {
    if (address === undefined) {
        throw new Error("a Redis is to follow a master that is not there");
    }
    return `${address.host} ${address.port}`;
}
