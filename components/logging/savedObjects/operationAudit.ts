import type { SavedObject } from "../setup/plan";
import { dashboard, savedSearch, visualization } from "./objects";
import { exists } from "./query";
import { VIEWS } from "./views";
import { barsOverTime, shares, topTable } from "./visualizations";

const view = VIEWS.redis;
const id = (name: string) => `observability-audit-${name}`;
const done = exists("operation");

/** What was done to which Redis, by which program, when. */
export function operationAudit(): SavedObject[] {
    const timeline = visualization({
        id: id("timeline"),
        title: "Operations over time",
        view,
        query: done,
        state: barsOverTime("operation"),
    });
    const kinds = visualization({
        id: id("kinds"),
        title: "Operations by kind",
        view,
        query: done,
        state: shares("operation"),
    });
    const instances = visualization({
        id: id("instances"),
        title: "Operations by Redis resource",
        view,
        query: done,
        state: topTable(["namespace", "instance", "operation"], 20),
    });
    const actors = visualization({
        id: id("actors"),
        title: "Operations by who did them",
        view,
        query: done,
        state: topTable(["container", "logger", "role"], 10),
    });
    const log = savedSearch({
        id: id("log"),
        title: "Operations, one by one",
        view,
        query: done,
        columns: [
            "operation",
            "namespace",
            "instance",
            "role",
            "container",
            "logger",
            "msg",
            "trace_id",
        ],
    });
    return [
        timeline,
        kinds,
        instances,
        actors,
        log,
        dashboard({
            id: id("overview"),
            title: "Redis: operation audit",
            description:
                "Creations, changes, failovers and saves by resource, by who did them and by time",
            rows: [
                [
                    { object: timeline, width: 32, height: 12 },
                    { object: kinds, width: 16, height: 12 },
                ],
                [
                    { object: instances, width: 28, height: 14 },
                    { object: actors, width: 20, height: 14 },
                ],
                [{ object: log, width: 48, height: 18 }],
            ],
        }),
    ];
}
