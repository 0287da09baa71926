import { z } from "zod";

import { redisKey } from "../redis/redisExporter";
import type { Part, SettingsOf } from "../settings/part";
import { podLabels } from "../settings/podLabels";
import {
    amount,
    cpu,
    durationFrom,
    name,
    namespace,
    objectName,
    pods,
    serviceUrl,
    whole,
} from "../settings/scalars";
import { autoscalingProblems, Declared } from "./autoscalingProblems";

const queue = z.strictObject({
    instance: name.describe("Redis instance of this stack that holds it"),
    namespace: namespace
        .meta({ otherwise: "the application's" })
        .describe("Where the instance is")
        .optional(),
    db: whole(0).describe("Number of its database").default(0),
    key: redisKey
        .meta({ otherwise: "all keys of the database" })
        .describe("A list, whose length counts; a stream where there is a `group`")
        .optional(),
    group: redisKey
        .describe("Group of consumers of the stream, whose lag counts: what it has not read yet")
        .optional(),
    perPod: whole(1).describe("What one pod is for: more pods until each has less").default(100),
});

export type QueueSettings = z.output<typeof queue>;

const percent = whole(1, 1000);

/** How an application is scaled: `applications.<namespace>.<name>.autoscaling`. */
export const scaling = z.strictObject({
    deployment: objectName
        .meta({ otherwise: "the application's name" })
        .describe("Deployment that is scaled; leave `replicas` out of it")
        .optional(),
    min: pods(0).describe("Pods at least; 0 with KEDA and a queue only").default(1),
    max: pods().describe("Pods at most"),
    scaleDownWindow: durationFrom("1s", "1h", "the API takes no longer window")
        .describe("How long less must be enough before pods are taken away")
        .default("5m"),
    cpu: percent.describe("Percent of the pods' CPU requests, on average").optional(),
    memory: percent.describe("Percent of the pods' memory requests, on average").optional(),
    queues: z.record(name, queue).describe("Work that waits, by a name of your own").default({}),
    requests: z
        .strictObject({ cpu: cpu.describe("Cores"), memory: amount.describe("Memory") })
        .describe("What one pod requests, for the worst case: `max` times that")
        .optional(),
});

export type ScalingSettings = z.output<typeof scaling>;

const room = {
    cpu: whole(1).describe("Cores").optional(),
    memory: amount.describe("Memory").optional(),
};

const keys = {
    autoscaling: z
        .strictObject({
            provider: z
                .enum(["none", "keda", "prometheus-adapter", "existing"])
                .describe(
                    "Who answers autoscalers what Prometheus knows; a cluster has one. `existing`: the KEDA that is there already",
                )
                .default("none"),
            existing: z
                .strictObject({
                    namespace: namespace.describe("Where its operator is").default("keda"),
                    podLabels: podLabels
                        .describe("Labels of its operator's pods, which ask Prometheus")
                        .default({ app: "keda-operator" }),
                    prometheus: serviceUrl
                        .meta({ otherwise: "this stack's" })
                        .describe("Prometheus that it asks: in a tenant, the owner's")
                        .optional(),
                })
                .describe("The KEDA of `provider: existing`")
                .optional(),
            replicas: pods().describe("Pods of each of the provider's Deployments").default(2),
            expose: z
                .enum(["needed", "all"])
                .describe(
                    "Metrics of Redis pods that prometheus-adapter offers: four, or `all` of them, which are many",
                )
                .default("needed"),
            quotas: z
                .record(
                    namespace,
                    z.strictObject({ ...room, pods: pods().describe("Pods").optional() }),
                )
                .meta({ entry: "namespace" })
                .describe(
                    "What namespaces' quotas leave for scaled applications: warned of when all of them together could ask for more",
                )
                .default({}),
            nodes: z
                .strictObject(room)
                .describe("What all nodes together leave for scaled applications, likewise")
                .prefault({}),
        })
        .describe(
            "Autoscaling by what waits in Redis, CPU and memory: [autoscaling](components/autoscaling.md)",
        )
        .prefault({}),
};

export type AutoscalingSettings = SettingsOf<typeof keys>["autoscaling"];

/** Autoscaling: who offers metrics to the autoscalers of applications. */
export const autoscalingPart: Part<typeof keys, SettingsOf<typeof keys> & Declared> = {
    keys,
    problems: autoscalingProblems,
};
