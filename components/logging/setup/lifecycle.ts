import type { estypes } from "@elastic/elasticsearch";

import { days } from "../../settings/duration";
import { STREAMS } from "../logSchema";

export const LIFECYCLE_POLICY = "observability-logs";
export const SNAPSHOT_POLICY = "observability-daily";

/** Seconds between two snapshots. */
export const SNAPSHOT_INTERVAL = 86400;

/** Indices begin anew each day, so that what is deleted as a whole is at most a day older than the retention. */
const ROLLOVER_AGE = "1d";
/** https://www.elastic.co/docs/deploy-manage/production-guidance/optimize-performance/size-shards: 10 to 50 GB. */
const ROLLOVER_SIZE = "30gb";
/** Days after which an index is merged to be searched seldom; half the retention when that is shorter. */
const WARM_DAYS = 7;

/**
 * Deletes logs when their index is `retention` past its rollover, and with snapshots not before one has them.
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-ilm-put-lifecycle
 */
export function logLifecycle(
    retention: string,
    snapshots: boolean,
): estypes.IlmPutLifecycleRequest & { readonly policy: estypes.IlmPolicy } {
    const keptDays = days(retention);
    return {
        name: LIFECYCLE_POLICY,
        policy: {
            phases: {
                hot: {
                    actions: {
                        rollover: {
                            max_age: ROLLOVER_AGE,
                            max_primary_shard_size: ROLLOVER_SIZE,
                        },
                        set_priority: { priority: 100 },
                    },
                },
                warm: {
                    min_age: `${Math.min(WARM_DAYS, Math.floor(keptDays / 2))}d`,
                    actions: {
                        forcemerge: { max_num_segments: 1 },
                        set_priority: { priority: 50 },
                    },
                },
                delete: {
                    min_age: `${keptDays}d`,
                    actions: {
                        ...(snapshots ? { wait_for_snapshot: { policy: SNAPSHOT_POLICY } } : {}),
                        delete: {},
                    },
                },
            },
        },
    };
}

/** What every snapshot must have whatever its age, so that an outage of the snapshots does not delete the last ones. */
const KEPT_ANYWAY = 7;

/**
 * A snapshot a day of logs, traces and Kibana's own objects, kept for `retention`.
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-slm-put-lifecycle
 */
export function snapshotLifecycle(
    retention: string,
    repository: string,
    traceIndices: string,
): estypes.SlmPutLifecycleRequest {
    const keptDays = days(retention);
    return {
        policy_id: SNAPSHOT_POLICY,
        name: "<observability-{now/d}>",
        schedule: "0 30 1 * * ?",
        repository,
        config: {
            indices: [...Object.values(STREAMS), traceIndices],
            // A stream without a document may not be there yet.
            ignore_unavailable: true,
            include_global_state: false,
            feature_states: ["kibana"],
        },
        retention: {
            expire_after: `${keptDays}d`,
            min_count: Math.min(KEPT_ANYWAY, keptDays),
            // Never the reason for a deletion: room for one by hand a day.
            max_count: 2 * keptDays + KEPT_ANYWAY,
        },
    };
}
