import type { AlertCase, RecordCase } from "./alertCase";
import { applicationCases } from "./cases/applications";
import { autoscalingCases, queueCases } from "./cases/autoscaling";
import { backupCases } from "./cases/backup";
import { containerUsageCases, usageRecordCases } from "./cases/containerUsage";
import { deliveryCases } from "./cases/delivery";
import { elasticsearchCases } from "./cases/elasticsearch";
import { fluentBitCases } from "./cases/fluentBit";
import { fluxCases } from "./cases/flux";
import { jaegerCases } from "./cases/jaeger";
import { platformEdgeCases } from "./cases/platformEdges";
import { probeCases } from "./cases/probes";
import { redisAwayCases } from "./cases/redisAway";
import { redisAwayRecordedCases } from "./cases/redisAwayRecorded";
import { redisConditionCases } from "./cases/redisCondition";
import { redisEdgeCases } from "./cases/redisEdges";
import { redisOperatorCases } from "./cases/redisOperator";
import { redisRecordedCases } from "./cases/redisRecorded";
import { redisStateCases } from "./cases/redisState";
import { redisThresholdCases } from "./cases/redisThresholds";
import { sloCountCases } from "./cases/sloCounts";
import { sloRecordCases } from "./cases/sloRecords";
import { sloCases } from "./cases/slos";
import { targetCases } from "./cases/targets";
import { workloadCases, workloadRecordCases } from "./cases/workloads";

/** Every scenario for an alert. */
export const CASES: readonly AlertCase[] = [
    ...redisAwayCases,
    ...redisConditionCases,
    ...redisOperatorCases,
    ...fluxCases,
    ...workloadCases,
    ...containerUsageCases,
    ...elasticsearchCases,
    ...fluentBitCases,
    ...jaegerCases,
    ...deliveryCases,
    ...targetCases,
    ...applicationCases,
    ...autoscalingCases,
    ...probeCases,
    ...sloCases,
    ...backupCases,
    ...redisEdgeCases,
    ...redisRecordedCases,
    ...redisAwayRecordedCases,
    ...platformEdgeCases,
];

/** Every scenario for a recording rule. */
export const RECORD_CASES: readonly RecordCase[] = [
    ...queueCases,
    ...usageRecordCases,
    ...workloadRecordCases,
    ...sloCountCases,
    ...sloRecordCases,
    ...redisThresholdCases,
    ...redisStateCases,
];
