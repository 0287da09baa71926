import type { AlertRule, RuleGroup } from "../../common/prometheusRule";
import { memoryShare } from "./workloads";

/** A declared Redis workload whose exporters Prometheus must see. */
export interface DeclaredExporters {
    /** Value of the label `app`: the operator's name for the workload. */
    readonly app: string;
    readonly pods: number;
}

/**
 * Alerts on the Redis instances of one namespace. Metric names are redis_exporter's
 * (https://github.com/oliver006/redis_exporter); `app` and `redis_setup_type` are target labels of the ServiceMonitors.
 */
export function redisInstanceRules(
    namespace: string,
    declared: readonly DeclaredExporters[],
): RuleGroup {
    return {
        name: `redis-${namespace}`,
        rules: [
            ...availabilityRules(namespace),
            ...declared.flatMap((exporters) => absenceRules(namespace, exporters)),
            ...saturationRules(namespace),
            ...sentinelRules(namespace),
        ],
    };
}

const POD = "{{ $labels.namespace }}/{{ $labels.pod }}";
const APP = "{{ $labels.namespace }}/{{ $labels.app }}";

function availabilityRules(namespace: string): AlertRule[] {
    const ns = `namespace="${namespace}"`;
    return [
        {
            alert: "RedisInstanceDown",
            expr: `redis_up{${ns}} == 0`,
            for: "1m",
            severity: "critical",
            summary: `Redis ${POD} is down`,
            description: `The exporter of ${POD} has not reached its Redis for 1 minute.`,
        },
        {
            alert: "RedisExporterDown",
            // When the exporter is gone, redis_up is gone too and nothing above can fire.
            expr: `up{${ns}, redis_setup_type!=""} == 0`,
            for: "5m",
            severity: "warning",
            summary: `The Redis exporter of ${POD} cannot be scraped`,
            description: `Prometheus has not reached the exporter of ${POD} for 5 minutes; no other alert on this pod can fire meanwhile.`,
        },
        {
            alert: "RedisMasterDown",
            // Without Sentinel: pods answer, and none of them is master or linked to one. A master whose exporter alone
            // is gone still has its replicas.
            expr: `count by (namespace, app) (redis_up{${ns}, redis_setup_type="replication"} == 1) unless count by (namespace, app) (redis_instance_info{${ns}, role="master"} or redis_master_link_up{${ns}} == 1)`,
            for: "1m",
            severity: "critical",
            labels: { seen_by: "pods" },
            summary: `Redis ${APP} has no master`,
            description: `{{ $value }} Redis pods of ${APP} answer and none of them is master: writes fail.`,
        },
    ];
}

/** Per declared workload, with a fixed count: a pod that is gone leaves no series that could be 0. */
function absenceRules(namespace: string, { app, pods }: DeclaredExporters): AlertRule[] {
    const up = `redis_up{namespace="${namespace}", app="${app}"}`;
    const labels = { namespace, app };
    return [
        {
            alert: "RedisInstanceDown",
            expr: `absent(${up} == 1)`,
            for: "1m",
            severity: "critical",
            labels,
            summary: `Redis ${namespace}/${app} is down`,
            description: `No pod of ${namespace}/${app} answers, of ${pods} declared.`,
        },
        ...(pods > 1
            ? [
                  {
                      alert: "RedisPodsMissing",
                      expr: `count(${up} == 1) < ${pods}`,
                      for: "5m",
                      severity: "warning",
                      labels,
                      summary: `Redis ${namespace}/${app} runs with fewer pods than declared`,
                      description: `{{ $value }} of ${pods} pods of ${namespace}/${app} have answered for 5 minutes.`,
                  } as const,
              ]
            : []),
    ];
}

function saturationRules(namespace: string): AlertRule[] {
    const ns = `namespace="${namespace}"`;
    return [
        {
            alert: "RedisHighMemoryUsage",
            // maxmemory is 0 when it is not set: then the limit of Redis' own container counts.
            expr: `redis_memory_used_bytes{${ns}} / (redis_memory_max_bytes{${ns}} > 0) > 0.9 or (${memoryShare(`${ns}, container!="redis-exporter", `)} > 0.9) and on (namespace, pod) (redis_memory_max_bytes{${ns}} == 0)`,
            for: "5m",
            severity: "warning",
            summary: `Redis ${POD} is close to its memory limit`,
            description: `${POD} has used {{ $value | humanizePercentage }} of its memory for 5 minutes; at 100 % it evicts keys or refuses writes.`,
        },
        {
            alert: "RedisHighConnections",
            expr: `redis_connected_clients{${ns}} / (redis_config_maxclients{${ns}} > 0) > 0.8 or redis_connected_clients{${ns}} > 1000`,
            for: "5m",
            severity: "warning",
            summary: `Redis ${POD} has many connections`,
            description: `${POD} has had more than 1000 connections, or 80 % of maxclients, for 5 minutes: {{ $value | printf "%.2f" }} (a share when at most 1).`,
        },
    ];
}

function sentinelRules(namespace: string): AlertRule[] {
    const ns = `namespace="${namespace}"`;
    const byMaster = "by (namespace, app, master_name)";
    return [
        {
            alert: "RedisSentinelQuorumLost",
            // `max by` drops the label `message`, whose text changes and would restart `for`.
            expr: `max ${byMaster} (redis_sentinel_master_ckquorum_status{${ns}}) == 0`,
            for: "1m",
            severity: "critical",
            summary: `Sentinels ${APP} have lost the quorum for {{ $labels.master_name }}`,
            description: `No Sentinel of ${APP} reaches enough others to fail {{ $labels.master_name }} over: the next loss of the master is an outage.`,
        },
        {
            alert: "RedisMasterDown",
            // An average over the Sentinels: one that is cut off sees every master as down.
            expr: `avg ${byMaster} (redis_sentinel_master_status{${ns}}) < 0.5`,
            for: "1m",
            severity: "critical",
            labels: { seen_by: "sentinels" },
            summary: `Redis master {{ $labels.master_name }} of ${APP} is down`,
            description: `More than half of the Sentinels ${APP} have seen the master {{ $labels.master_name }} as down for 1 minute, and no failover has ended it.`,
        },
    ];
}
