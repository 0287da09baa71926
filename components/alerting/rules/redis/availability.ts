import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { APP, POD } from "../texts";
import { DECLARED_PODS } from "./declared";
import {
    ANSWERING,
    DOWN,
    growing,
    masterlessOf,
    namedByInstance,
    NAMESPACE_DOWN,
    ON_LOST_NODE,
    perPod,
    Scope,
    SILENT,
    UNREADY,
} from "./state";

/** Not where a lost node is the cause, which has a page of its own, nor while what ran on it starts again. */
export function unlessNodeLost(scope: Scope): string {
    return `unless on (namespace, instance_name) present_over_time(${scope.of(ON_LOST_NODE)}[5m])`;
}

/** Whether the Redis of a stack are there. */
export function availabilityRules(scope: Scope, settings: AlertSettings): AlertRule[] {
    const { RedisExporterDown, RedisPodsMissing, RedisMasterDown } = settings;
    const owner = "by (namespace, app, instance_name, team)";
    const answering = scope.of(ANSWERING);
    const observed = `(${answering} + on (namespace, app) group_left () ${scope.of(SILENT)} or ${answering})`;
    const down = scope.of(DOWN);
    return [
        {
            alert: "RedisNamespaceDown",
            expr: scope.of(NAMESPACE_DOWN),
            summary: "Every Redis of {{ $labels.namespace }} is down",
            description:
                "No pod of any of the {{ $value }} Redis instances of {{ $labels.namespace }} can be reached: look for what they share, such as the namespace, its volumes or its network.",
            dashboard: DASHBOARDS.redisNamespace,
        },
        {
            alert: "RedisInstanceDown",
            expr: namedByInstance(
                `${down} unless on (namespace) ${scope.of(NAMESPACE_DOWN)} ${unlessNodeLost(scope)}`,
            ),
            summary: `Redis ${APP} is down`,
            description: `No pod of ${APP} answers: clients can neither read nor write.`,
            dashboard: DASHBOARDS.redisInstance,
        },
        {
            alert: "RedisExporterDown",
            // An unready pod is not the exporter's fault. Without its exporter, redis_up is gone too.
            expr: scope.owned(
                `${perPod('up{redis_setup_type!=""}')} == 0 unless on (namespace, pod) (${UNREADY})`,
            ),
            summary: `The Redis exporter of ${POD} cannot be scraped`,
            description: `Prometheus has not reached the exporter of ${POD} for ${RedisExporterDown.for}; no other alert on this pod can fire meanwhile.`,
            dashboard: DASHBOARDS.redisPod,
        },
        {
            alert: "RedisPodsMissing",
            // A pod whose exporter alone is silent is not missing.
            expr: `sum ${owner} (${observed} < on (namespace, app) group_left () ${scope.of(DECLARED_PODS)} ${unlessNodeLost(scope)} unless ${growing(scope)})`,
            summary: `Redis ${APP} runs with fewer pods than declared`,
            description: `{{ $value }} pods of ${APP} have been there for ${RedisPodsMissing.for}, fewer than declared.`,
            dashboard: DASHBOARDS.redisInstance,
        },
        {
            alert: "RedisMasterDown",
            // What the pods say, or more than half of the Sentinels: one that is cut off sees every master as down.
            expr: `group ${owner} (${namedByInstance(`(${masterlessOf(scope)} or ${masterless(scope)}) ${unlessNodeLost(scope)}`)}) unless on (namespace, instance_name) ${down}`,
            summary: `Redis ${APP} has no master`,
            description: `Pods of ${APP} answer, and for ${RedisMasterDown.for} none of them has been a master that replicas or Sentinels see: writes fail.`,
            dashboard: DASHBOARDS.redisInstance,
        },
    ];
}

function masterless(scope: Scope): string {
    const status = "max by (namespace, app, pod, master_name) (redis_sentinel_master_status)";
    return `avg by (namespace, instance_name, team) (${scope.owned(status)}) < 0.5`;
}
