import { z } from "zod";

import { Problem, show } from "../settings/problems";
import { bytes, parseQuantity } from "../settings/quantity";
import { cpu, memory, text, whole } from "../settings/scalars";
import type { RedisInstanceSettings } from "./instanceSettings";

/** https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
const COMPUTE =
    /^((requests|limits)\.(cpu|memory|ephemeral-storage)|cpu|memory|requests\.storage)$/;
const CLASS = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\.storageclass\.storage\.k8s\.io\//;
const COUNTED =
    /^(pods|services|secrets|configmaps|persistentvolumeclaims|services\.loadbalancers|services\.nodeports|count\/[a-z]([-a-z0-9.]*[a-z0-9])?)$/;

const quotaKey = text({
    kind: "resource",
    reader: "Kubernetes' quotas",
    allowed:
        "a resource of a quota such as requests.cpu, limits.memory, requests.storage, pods, persistentvolumeclaims or count/secrets",
    is: (each) =>
        COMPUTE.test(each) ||
        COUNTED.test(each) ||
        (CLASS.test(each) &&
            /^(requests\.storage|persistentvolumeclaims)$/.test(each.replace(CLASS, ""))),
});
const quotaAmount = text({
    kind: "quantity",
    reader: "Kubernetes' quantities",
    allowed: "a quantity such as 500m, 8 or 16Gi",
    is: (each) => parseQuantity(each) !== undefined,
});

export const resourceQuota = z
    .record(
        quotaKey,
        z.union([whole(0), quotaAmount], { error: "allowed: a number or a quantity" }),
    )
    .meta({ kind: "limits by resource" });

const amounts = z
    .strictObject({
        cpu: cpu.optional(),
        memory: memory("4Mi", "the least that a container runtime takes").optional(),
    })
    .meta({ kind: "cpu and memory", whole: true });

export const limitRange = z.strictObject({
    default: amounts.describe("Limits of a container that has none").optional(),
    defaultRequest: amounts.describe("Requests of a container that has none").optional(),
    min: amounts.describe("Least that a container may ask for").optional(),
    max: amounts.describe("Most that a container may be limited to").optional(),
});

interface Bounded {
    readonly create: boolean;
    readonly quota?: z.output<typeof resourceQuota> | undefined;
    readonly limitRange?: z.output<typeof limitRange> | undefined;
    readonly instances: Readonly<Record<string, RedisInstanceSettings>>;
}

/** Of the smallest container of ours, an exporter or a job of backups. */
const SMALLEST = { cpu: "20m", memory: "64Mi" } as const;
/** Of each exporter. */
const EXPORTER = { request: "64Mi", limit: "128Mi" } as const;

/** Quotas and limits under which the namespace's own Redis would not start. */
export function quotaProblems(namespace: string, settings: Bounded): Problem[] {
    const path = `redis.${namespace}`;
    const { quota, limitRange: range, create } = settings;
    if (!create && (quota ?? range)) {
        return [
            {
                path: quota ? `${path}.quota` : `${path}.limitRange`,
                got: "limits of a namespace that is somebody else's",
                allowed: "nothing with create: false: whoever makes it decides what it may use",
            },
        ];
    }
    return [...neededProblems(path, settings), ...rangeProblems(path, settings)];
}

function neededProblems(
    path: string,
    { quota = {}, limitRange: range, instances }: Bounded,
): Problem[] {
    const all = Object.values(instances);
    const sum = (of: (instance: RedisInstanceSettings) => number) =>
        all.reduce((total, each) => total + of(each), 0);
    const request = sum((each) => memoryOf(each, EXPORTER.request, SENTINEL.request));
    const limit = sum((each) => memoryOf(each, EXPORTER.limit, SENTINEL.limit));
    const needed: Readonly<Record<string, number>> = {
        "requests.memory": request,
        memory: request,
        "limits.memory": limit,
        "requests.storage": sum(
            (each) => dataPods(each) * (each.storageSize ? bytes(each.storageSize) : 0),
        ),
        pods: sum((each) => dataPods(each) + sentinels(each)),
    };
    const short = Object.entries(quota).flatMap(([resource, hard]) => {
        const least = needed[resource] ?? 0;
        return amountOf(hard) < least
            ? [
                  {
                      path: `${path}.quota.${resource}`,
                      got: show(hard),
                      allowed: `${resource === "pods" ? least : `${Math.ceil(least / 2 ** 20)}Mi`} or more, which its Redis needs beside jobs of backups and applications`,
                  },
              ]
            : [];
    });
    // Under such a quota, a pod without a limit is refused, and Redis has none on its CPU.
    const unlimited =
        quota["limits.cpu"] !== undefined &&
        range?.default?.cpu === undefined &&
        all.some(({ pods, backup }) => backup !== undefined || pods?.cpuLimit === undefined);
    return [
        ...short,
        ...(unlimited
            ? [
                  {
                      path: `${path}.quota.limits.cpu`,
                      got: show(quota["limits.cpu"]),
                      allowed:
                          "limitRange.default.cpu beside it, or pods.cpuLimit of each instance and no backup: Kubernetes refuses pods without a limit",
                  },
              ]
            : []),
    ];
}

function rangeProblems(path: string, { limitRange: range = {}, instances }: Bounded): Problem[] {
    const { min = {}, max = {} } = range;
    const tooHigh = (["cpu", "memory"] as const).filter(
        (key) => (parseQuantity(min[key] ?? "0") ?? 0) > (parseQuantity(SMALLEST[key]) ?? 0),
    );
    const largest = Object.entries(instances).filter(
        ([, { memory: each }]) => max.memory !== undefined && bytes(each) > bytes(max.memory),
    );
    return [
        ...tooHigh.map((key) => ({
            path: `${path}.limitRange.min.${key}`,
            got: show(min[key]),
            allowed: `at most ${SMALLEST[key]}, which jobs of backups ask for`,
        })),
        ...largest.map(([name, { memory: each }]) => ({
            path: `${path}.limitRange.max.memory`,
            got: show(max.memory),
            allowed: `${each} or more, the memory of instance "${name}"`,
        })),
    ];
}

const SENTINEL = { request: "64Mi", limit: "128Mi" } as const;

function memoryOf(instance: RedisInstanceSettings, exporter: string, sentinel: string): number {
    return (
        dataPods(instance) * (bytes(instance.memory) + bytes(exporter)) +
        sentinels(instance) * (bytes(sentinel) + bytes(exporter))
    );
}

function dataPods(instance: RedisInstanceSettings): number {
    return instance.mode === "standalone"
        ? 1
        : instance.mode === "cluster"
          ? 2 * instance.shards
          : instance.replicas;
}

function sentinels(instance: RedisInstanceSettings): number {
    return instance.mode === "sentinel" ? instance.sentinels : 0;
}

function amountOf(hard: number | string): number {
    return typeof hard === "number" ? hard : (parseQuantity(hard) ?? 0);
}
