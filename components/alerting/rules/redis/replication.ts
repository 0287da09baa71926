import { bytes } from "../../../settings/quantity";
import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { APP, POD } from "../texts";
import type { DeclaredExporters } from "./declared";

/** Whether replicas follow their master, and whether there is only one. */
export function replicationRules(
    namespace: string,
    declared: readonly DeclaredExporters[],
    settings: AlertSettings,
): AlertRule[] {
    const ns = `namespace="${namespace}"`;
    const { RedisReplicaLinkDown, RedisReplicationLag, RedisSplitBrain } = settings;
    return [
        {
            alert: "RedisReplicaLinkDown",
            // The master's address is a label, and changes when the replica is told another one.
            expr: `min without (master_host, master_port) (redis_master_link_up{${ns}}) == 0`,
            summary: `Redis replica ${POD} has lost its master`,
            description: `The link of ${POD} to its master has been down for ${RedisReplicaLinkDown.for}: it serves old data, and cannot take over without loss.`,
            dashboard: DASHBOARDS.pod,
        },
        {
            alert: "RedisReplicationLag",
            // Both numbers are the master's, of one moment: those of two scrapes differ by what was written between them.
            expr: `redis_master_repl_offset{${ns}} - on (namespace, pod) group_right () max without (slave_state) (redis_connected_slave_offset_bytes{${ns}}) > ${bytes(RedisReplicationLag.lag)}`,
            summary: `A replica of Redis ${POD} lags behind`,
            description: `The replica {{ $labels.slave_ip }} of ${POD} has been more than ${RedisReplicationLag.lag} behind for ${RedisReplicationLag.for}, now by {{ $value | humanize1024 }}B: a failover to it would lose that much.`,
            dashboard: DASHBOARDS.pod,
        },
        {
            alert: "RedisSplitBrain",
            expr: `count by (namespace, app) (redis_instance_info{${ns}, redis_setup_type="replication", role="master"}) > 1`,
            summary: `Redis ${APP} has more than one master`,
            description: `{{ $value }} pods of ${APP} have called themselves master for ${RedisSplitBrain.for}: each takes writes that the others will never have.`,
            dashboard: DASHBOARDS.namespacePods,
        },
        {
            alert: "RedisFailoverHappened",
            // Sentinel's epochs do not tell: their series name the master, so that a new one begins with each failover.
            expr: `max by (namespace, app, pod) (redis_instance_info{${ns}, role="master"}) and on (namespace, pod) max_over_time(redis_instance_info{${ns}, role="slave"}[15m])`,
            summary: `Redis ${APP} has failed over to ${POD}`,
            description: `${POD} was a replica within the last 15 minutes and is master now. Writes that had not reached it before are lost.`,
            dashboard: DASHBOARDS.pod,
        },
        ...disconnectedRules(namespace, declared, settings),
    ];
}

/** Replicas that run and are not connected: with the pods gone as well, RedisPodsMissing tells. */
function disconnectedRules(
    namespace: string,
    declared: readonly DeclaredExporters[],
    { RedisReplicasDisconnected }: AlertSettings,
): AlertRule[] {
    const ns = `namespace="${namespace}"`;
    const hold = RedisReplicasDisconnected.for;
    const clusters = declared.some(({ setupType }) => setupType === "cluster");
    return [
        ...declared
            .filter(({ setupType }) => setupType === "replication")
            .map(({ app, pods }): AlertRule => ({
                alert: "RedisReplicasDisconnected",
                expr: `max by (namespace, app) (redis_connected_slaves{${ns}, app="${app}"}) < ${pods - 1}`,
                labels: { namespace, app },
                summary: `Redis ${APP} has fewer replicas connected than declared`,
                description: `The master of ${APP} has had {{ $value }} of ${pods - 1} replicas for ${hold}: the next failure costs more than one pod should.`,
                dashboard: DASHBOARDS.namespacePods,
            })),
        ...(clusters
            ? [
                  {
                      alert: "RedisReplicasDisconnected",
                      expr: `redis_connected_slaves{${ns}, redis_setup_type="cluster"} == 0 and on (namespace, pod) redis_instance_info{${ns}, role="master"}`,
                      summary: `Redis ${POD} has no replica`,
                      description: `No replica has been connected to ${POD} for ${hold}: when it fails, its slots are gone.`,
                      dashboard: DASHBOARDS.pod,
                  } as const,
              ]
            : []),
    ];
}
