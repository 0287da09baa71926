import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { APP, POD } from "../texts";
import type { DeclaredExporters } from "./declared";

/** Whether the Redis of a namespace are there. */
export function availabilityRules(
    namespace: string,
    declared: readonly DeclaredExporters[],
    settings: AlertSettings,
): AlertRule[] {
    const ns = `namespace="${namespace}"`;
    const { RedisInstanceDown, RedisExporterDown } = settings;
    return [
        {
            alert: "RedisInstanceDown",
            expr: `redis_up{${ns}} == 0`,
            summary: `Redis ${POD} is down`,
            description: `The exporter of ${POD} has not reached its Redis for ${RedisInstanceDown.for}.`,
            dashboard: DASHBOARDS.pod,
        },
        {
            alert: "RedisExporterDown",
            // When the exporter is gone, redis_up is gone too and nothing above can fire.
            expr: `up{${ns}, redis_setup_type!=""} == 0`,
            summary: `The Redis exporter of ${POD} cannot be scraped`,
            description: `Prometheus has not reached the exporter of ${POD} for ${RedisExporterDown.for}; no other alert on this pod can fire meanwhile.`,
            dashboard: DASHBOARDS.pod,
        },
        {
            alert: "RedisMasterDown",
            // Without Sentinel: pods answer, and none of them is master or linked to one. A master whose exporter alone
            // is gone still has its replicas.
            expr: `count by (namespace, app) (redis_up{${ns}, redis_setup_type="replication"} == 1) unless count by (namespace, app) (redis_instance_info{${ns}, role="master"} or redis_master_link_up{${ns}} == 1)`,
            labels: { seen_by: "pods" },
            summary: `Redis ${APP} has no master`,
            description: `{{ $value }} Redis pods of ${APP} answer and none of them is master: writes fail.`,
            dashboard: DASHBOARDS.namespacePods,
        },
        ...declared.flatMap((exporters) => absenceRules(namespace, exporters, settings)),
    ];
}

/** Per declared workload, with a fixed count: a pod that is gone leaves no series that could be 0. */
function absenceRules(
    namespace: string,
    { app, pods }: DeclaredExporters,
    { RedisPodsMissing }: AlertSettings,
): AlertRule[] {
    const up = `redis_up{namespace="${namespace}", app="${app}"}`;
    const labels = { namespace, app };
    return [
        {
            alert: "RedisInstanceDown",
            expr: `absent(${up} == 1)`,
            labels,
            summary: `Redis ${namespace}/${app} is down`,
            description: `No pod of ${namespace}/${app} answers, of ${pods} declared.`,
            dashboard: DASHBOARDS.namespacePods,
        },
        ...(pods > 1
            ? [
                  {
                      alert: "RedisPodsMissing",
                      expr: `count(${up} == 1) < ${pods}`,
                      labels,
                      summary: `Redis ${namespace}/${app} runs with fewer pods than declared`,
                      description: `{{ $value }} of ${pods} pods of ${namespace}/${app} have answered for ${RedisPodsMissing.for}.`,
                      dashboard: DASHBOARDS.namespacePods,
                  } as const,
              ]
            : []),
    ];
}
