import type { AlertCase, RecordCase } from "./alertCase";
import { backupCases } from "./cases/backup";
import { containerUsageCases } from "./cases/containerUsage";
import { deliveryCases } from "./cases/delivery";
import { elasticsearchCases } from "./cases/elasticsearch";
import { fluentBitCases } from "./cases/fluentBit";
import { fluxCases } from "./cases/flux";
import { jaegerCases } from "./cases/jaeger";
import { platformEdgeCases } from "./cases/platformEdges";
import { redisAvailabilityCases } from "./cases/redisAvailability";
import { redisClusterCases } from "./cases/redisCluster";
import { redisEdgeCases } from "./cases/redisEdges";
import { redisOperatorCases } from "./cases/redisOperator";
import { redisPersistenceCases } from "./cases/redisPersistence";
import { redisReplicationCases } from "./cases/redisReplication";
import { redisSaturationCases } from "./cases/redisSaturation";
import { redisSentinelCases } from "./cases/redisSentinel";
import { sloCountCases } from "./cases/sloCounts";
import { sloRecordCases } from "./cases/sloRecords";
import { sloCases } from "./cases/slos";
import { targetCases } from "./cases/targets";
import { workloadCases } from "./cases/workloads";

/** Every scenario for an alert. */
export const CASES: readonly AlertCase[] = [
    ...redisAvailabilityCases,
    ...redisSentinelCases,
    ...redisSaturationCases,
    ...redisOperatorCases,
    ...fluxCases,
    ...workloadCases,
    ...containerUsageCases,
    ...redisReplicationCases,
    ...redisPersistenceCases,
    ...redisClusterCases,
    ...elasticsearchCases,
    ...fluentBitCases,
    ...jaegerCases,
    ...deliveryCases,
    ...targetCases,
    ...sloCases,
    ...backupCases,
    ...redisEdgeCases,
    ...platformEdgeCases,
];

/** Every scenario for a recording rule. */
export const RECORD_CASES: readonly RecordCase[] = [...sloCountCases, ...sloRecordCases];
