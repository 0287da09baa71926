import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { APP, POD } from "../texts";
import { DECLARED_PODS } from "./declared";
import { ANSWERING, growing, perPod, Scope } from "./state";

/** Whether replicas follow their master, and whether there is only one. */
export function replicationRules(scope: Scope, settings: AlertSettings): AlertRule[] {
    const { RedisReplicaLinkDown, RedisReplicationLag, RedisSplitBrain } = settings;
    return [
        {
            alert: "RedisReplicaLinkDown",
            // The master's address is a label, and changes when the replica is told another one.
            expr: scope.owned(`${perPod("redis_master_link_up", "min")} == 0`),
            summary: `Redis replica ${POD} has lost its master`,
            description: `The link of ${POD} to its master has been down for ${RedisReplicaLinkDown.for}: it serves old data, and cannot take over without loss.`,
            dashboard: DASHBOARDS.redisPod,
        },
        {
            alert: "RedisReplicationLag",
            // Both numbers are the master's, of one moment: those of two scrapes differ by what was written between them.
            expr: `${perPod("redis_master_repl_offset")} - on (namespace, pod) group_right () max by (namespace, app, pod, slave_ip) (redis_connected_slave_offset_bytes) > ${scope.threshold("RedisReplicationLag", "lag")}`,
            summary: `A replica of Redis ${POD} lags behind`,
            description: `The replica {{ $labels.slave_ip }} of ${POD} has been behind for ${RedisReplicationLag.for}, now by {{ $value | humanize1024 }}B: a failover to it would lose that much.`,
            dashboard: DASHBOARDS.redisPod,
        },
        {
            alert: "RedisSplitBrain",
            expr: scope.owned(
                `count by (namespace, app) (${perPod('redis_instance_info{redis_setup_type="replication", role="master"}')}) > 1 unless ${growing(scope)}`,
            ),
            summary: `Redis ${APP} has more than one master`,
            description: `{{ $value }} pods of ${APP} have called themselves master for ${RedisSplitBrain.for}: each takes writes that the others will never have.`,
            dashboard: DASHBOARDS.redisInstance,
        },
        {
            alert: "RedisFailoverHappened",
            // Sentinel's epochs do not tell: their series name the master, so that a new one begins with each failover.
            expr: scope.owned(
                `${perPod('redis_instance_info{role="master"}')} and on (namespace, pod) present_over_time(redis_instance_info{role="slave"}[15m])`,
            ),
            summary: `Redis ${APP} has failed over to ${POD}`,
            description: `${POD} was a replica within the last 15 minutes and is master now. Writes that had not reached it before are lost.`,
            dashboard: DASHBOARDS.redisPod,
        },
        disconnected(scope, settings),
    ];
}

/** Replicas that run and are not connected: with pods gone as well, RedisPodsMissing tells. */
function disconnected(scope: Scope, { RedisReplicasDisconnected }: AlertSettings): AlertRule {
    const pods = scope.of(DECLARED_PODS);
    const complete = `on (namespace, app) (${scope.of(ANSWERING)} >= on (namespace, app) ${pods})`;
    const ofMaster = `max by (namespace, app) (redis_connected_slaves{redis_setup_type="replication"})`;
    const ofShard = `${perPod('redis_connected_slaves{redis_setup_type="cluster"}')} == 0 and on (namespace, pod) redis_instance_info{role="master"}`;
    return {
        alert: "RedisReplicasDisconnected",
        expr: `${ofMaster} < on (namespace, app) group_left (instance_name, team) (${pods} - 1) and ${complete} or ${scope.owned(`${ofShard} and ${complete}`)}`,
        summary: `Redis ${APP} has fewer replicas connected than declared`,
        description: `{{ with $labels.pod }}{{ . }}{{ else }}The master{{ end }} of ${APP} has had {{ $value }} replicas for ${RedisReplicasDisconnected.for}, fewer than declared: the next failure costs more than one pod should.`,
        dashboard: DASHBOARDS.redisInstance,
    };
}
