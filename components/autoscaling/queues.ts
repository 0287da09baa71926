import type { MeasuredQueue } from "../alerting/rules/autoscaling";
import type { RedisInstanceSettings } from "../redis/instanceSettings";
import { redisWorkloads } from "../redis/redisNames";
import type { QueueSettings, ScalingSettings } from "./settings";

/** What of a queue counts. */
export function queueKind({
    key,
    group,
}: Pick<QueueSettings, "key" | "group">): MeasuredQueue["kind"] {
    return key === undefined ? "keys" : group === undefined ? "list" : "stream";
}

type Instances = Readonly<
    Record<string, { readonly instances: Readonly<Record<string, RedisInstanceSettings>> }>
>;

/** The queues of an application, each with the pods that hold it. Throws when an instance is not there, which is checked. */
export function measuredQueues(
    application: { readonly namespace: string; readonly name: string },
    { queues }: ScalingSettings,
    redis: Instances,
): MeasuredQueue[] {
    return Object.entries(queues).map(([queue, settings]) => {
        const namespace = settings.namespace ?? application.namespace;
        const instance = redis[namespace]?.instances[settings.instance];
        if (!instance) {
            throw new Error(`${namespace}/${settings.instance} is not declared`);
        }
        const kind = queueKind(settings);
        return {
            application,
            queue,
            kind,
            redis: {
                namespace,
                // Sentinels hold no keys.
                apps: redisWorkloads(settings.instance, instance.mode).filter(
                    (app) => instance.mode === "cluster" || app === settings.instance,
                ),
                // Of a cluster each leader has a part of the keys, and one has all of a list or stream.
                masters: kind === "keys" && instance.mode === "cluster" ? instance.shards : 1,
            },
            db: settings.db,
            key: settings.key,
            group: settings.group,
        };
    });
}
