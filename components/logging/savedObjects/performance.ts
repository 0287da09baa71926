import type { SavedObject } from "../setup/plan";
import { dashboard, savedSearch, visualization } from "./objects";
import { either, exists, is } from "./query";
import { VIEWS } from "./views";
import { linesOverTime, barsOverTime, topTable } from "./visualizations";

const view = VIEWS.redis;
const id = (name: string) => `observability-performance-${name}`;
const timed = exists("duration_ms");

/** What Redis itself writes when its disk or a fork holds it up. */
const heldUp = either(
    is("msg", "Asynchronous AOF fsync is taking too long"),
    is("msg", "fork"),
    is("msg", "overcommit_memory"),
    is("msg", "Transparent Huge Pages"),
);

/** How long operations took, where the line says so, and what slows Redis down. */
export function performance(): SavedObject[] {
    const p95 = { type: "percentile", field: "duration_ms", percent: 95 } as const;
    const slowest = { type: "max", field: "duration_ms" } as const;
    const percentile = visualization({
        id: id("p95"),
        title: "Duration by operation, 95th percentile",
        view,
        query: timed,
        state: linesOverTime(p95, "ms", "operation"),
    });
    const longest = visualization({
        id: id("longest"),
        title: "Longest duration by instance",
        view,
        query: timed,
        state: topTable(["namespace", "instance", "operation"], 10, slowest),
    });
    const saves = visualization({
        id: id("saves"),
        title: "Saves and synchronizations by instance",
        view: VIEWS.instance,
        query: exists("operation"),
        state: barsOverTime("operation"),
    });
    const delays = savedSearch({
        id: id("delays"),
        title: "Redis held up by its disk or a fork",
        view: VIEWS.instance,
        query: heldUp,
        columns: ["namespace", "instance", "pod", "role", "msg"],
    });
    const slow = savedSearch({
        id: id("operations"),
        title: "Operations with their duration",
        view,
        query: timed,
        columns: ["namespace", "instance", "operation", "duration_ms", "msg", "trace_id"],
    });
    return [
        percentile,
        longest,
        saves,
        delays,
        slow,
        dashboard({
            id: id("overview"),
            title: "Redis: performance from logs",
            description:
                "Durations of operations where the source writes them, and lines about slow disks and forks",
            rows: [
                [
                    { object: percentile, width: 24, height: 12 },
                    { object: saves, width: 24, height: 12 },
                ],
                [
                    { object: longest, width: 24, height: 14 },
                    { object: slow, width: 24, height: 14 },
                ],
                [{ object: delays, width: 48, height: 14 }],
            ],
        }),
    ];
}
