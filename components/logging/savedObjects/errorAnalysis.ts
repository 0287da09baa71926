import type { SavedObject } from "../setup/plan";
import { dashboard, savedSearch, visualization } from "./objects";
import { both, exists, is } from "./query";
import { VIEWS } from "./views";
import { barsOverTime, firstAndLastSeen, topTable } from "./visualizations";

const view = VIEWS.redis;
const id = (name: string) => `observability-errors-${name}`;
const bad = is("level", "warning", "error", "fatal");

/** Errors and warnings of the operator and of Redis: when, where, which, since when. */
export function errorAnalysis(): SavedObject[] {
    const operator = visualization({
        id: id("operator"),
        title: "Errors and warnings of the operator",
        view: VIEWS.operator,
        query: bad,
        state: barsOverTime("level"),
    });
    const instance = visualization({
        id: id("instance"),
        title: "Errors and warnings of Redis",
        view: VIEWS.instance,
        query: bad,
        state: barsOverTime("level"),
    });
    const messages = visualization({
        id: id("messages"),
        title: "Errors: first and last seen",
        view,
        query: bad,
        state: firstAndLastSeen("msg.keyword", 20),
    });
    const pods = visualization({
        id: id("pods"),
        title: "Errors by pod",
        view,
        query: bad,
        state: topTable(["namespace", "pod"], 20),
    });
    const stacks = savedSearch({
        id: id("stacks"),
        title: "Errors with a stack trace",
        view,
        query: both(bad, exists("stacktrace")),
        columns: ["namespace", "pod", "msg", "error", "stacktrace", "trace_id"],
    });
    const events = savedSearch({
        id: id("events"),
        title: "Kubernetes events: warnings",
        view: VIEWS.events,
        query: bad,
        columns: ["namespace", "pod", "operation", "msg"],
    });
    return [
        operator,
        instance,
        messages,
        pods,
        stacks,
        events,
        dashboard({
            id: id("analysis"),
            title: "Redis: error analysis",
            description:
                "Errors and warnings by time, message, pod and stack trace, with Kubernetes' own warnings",
            rows: [
                [
                    { object: operator, width: 24, height: 12 },
                    { object: instance, width: 24, height: 12 },
                ],
                [
                    { object: messages, width: 32, height: 14 },
                    { object: pods, width: 16, height: 14 },
                ],
                [{ object: stacks, width: 48, height: 14 }],
                [{ object: events, width: 48, height: 12 }],
            ],
        }),
    ];
}
