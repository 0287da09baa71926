import type { SavedObject } from "../setup/plan";
import { dashboard, savedSearch, visualization } from "./objects";
import { everything, is } from "./query";
import { VIEWS } from "./views";
import { barsOverTime, shares, topTable } from "./visualizations";

const view = VIEWS.operator;
const id = (name: string) => `observability-operator-${name}`;

/** How much the operator writes, about what, and what went wrong last. */
export function operatorOverview(): SavedObject[] {
    const volume = visualization({
        id: id("volume"),
        title: "Operator: lines by level",
        view,
        query: everything,
        state: barsOverTime("level"),
    });
    const loggers = visualization({
        id: id("loggers"),
        title: "Operator: lines by controller",
        view,
        query: everything,
        state: shares("logger"),
    });
    const instances = visualization({
        id: id("instances"),
        title: "Operator: most named Redis resources",
        view,
        query: everything,
        state: topTable(["namespace", "instance"], 10),
    });
    const operations = visualization({
        id: id("operations"),
        title: "Operator: operations over time",
        view,
        query: everything,
        state: barsOverTime("operation"),
    });
    const errors = savedSearch({
        id: id("errors"),
        title: "Operator: last errors",
        view,
        query: is("level", "error", "fatal"),
        columns: ["level", "logger", "namespace", "instance", "msg", "error"],
    });
    return [
        volume,
        loggers,
        instances,
        operations,
        errors,
        dashboard({
            id: id("overview"),
            title: "Redis operator: log overview",
            description:
                "Volume by level and controller, the resources it works on, and its last errors",
            rows: [
                [
                    { object: volume, width: 32, height: 12 },
                    { object: loggers, width: 16, height: 12 },
                ],
                [
                    { object: operations, width: 24, height: 12 },
                    { object: instances, width: 24, height: 12 },
                ],
                [{ object: errors, width: 48, height: 16 }],
            ],
        }),
    ];
}
