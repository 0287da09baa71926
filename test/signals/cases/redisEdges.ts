import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { AlertCase, firing, quiet } from "../alertCase";
import { NAMESPACE } from "../redisWorld";
import { Series, series, Value } from "../timeline";

/*
 * What only a rule that is almost right gets wrong: `npm run test:mutation` has found these.
 */

/** A metric of a pod beside the Redis operator, or of the operator itself. */
function controller(
    metric: string,
    over: Value,
    labels: Readonly<Record<string, string>> = {},
    job = "another-operator",
): Series {
    const own = { namespace: NAMESPACES.redisOperator, pod: `${job}-0`, job };
    return series(metric, { ...own, ...labels }, over);
}
const climb = (perMinute: number): Value => ({ from: 0, perMinute });

const operatorCases = [
    firing("RedisOperatorNoLeader", "another controller of the namespace has a leader", {
        series: [
            controller("leader_election_master_status", 0, { name: "a" }, "redis-operator"),
            controller("leader_election_master_status", 1, { name: "b" }),
        ],
        severity: "critical",
        at: "5m",
        alerts: [
            {
                labels: { namespace: NAMESPACES.redisOperator },
                summary: "No pod of the Redis operator leads",
                description:
                    "The pods of the Redis operator answer, and none of them has been leader for 5m: nothing is reconciled.",
            },
        ],
    }),
    quiet("RedisOperatorReconcileStuck", "another controller of the namespace hangs", {
        series: [controller("workqueue_longest_running_processor_seconds", 5000, { name: "x" })],
        until: "1h",
    }),
    quiet("RedisReconcileSkipped", "an operator of another job says so", {
        series: ["redisreplication", "rediscluster"].map((kind) =>
            series(
                `${kind}_skipreconcile`,
                { namespace: NAMESPACE, instance: "orders", job: "another-operator" },
                [["25h", 1]],
            ),
        ),
        until: "25h",
    }),
    quiet("RedisOperatorHighReconcileErrors", "a controller is exactly at both edges", {
        series: [
            // 0.1 a second, of which those of the other are a quarter of all.
            ...errors("redisreplication", 6, 600),
            ...errors("rediscluster", 1, 4),
        ],
        until: "2h",
    }),
];

function errors(name: string, failed: number, all: number): Series[] {
    const of = (metric: string, perMinute: number): Series =>
        controller(
            `controller_runtime_reconcile_${metric}`,
            climb(perMinute),
            { controller: name },
            "redis-operator",
        );
    return [of("errors_total", failed), of("total", all)];
}

/** Edges of the rules on the operator. */
export const redisEdgeCases: readonly AlertCase[] = [...operatorCases];
