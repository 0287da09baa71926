import assert from "node:assert/strict";

import {
    dashboardExpressions,
    GrafanaDashboard,
    PlacedDashboard,
} from "../../lab/promql/dashboards";
import { Finding, findingsOf } from "../../lab/promql/gate";

function findings(dashboard: GrafanaDashboard): Finding[] {
    const placed: PlacedDashboard = { place: "d", dashboard };
    return findingsOf(dashboardExpressions(placed), { dashboards: [placed] });
}

const panel = (more: object): GrafanaDashboard => ({
    panels: [{ title: "Row", panels: [{ title: "Clients", type: "timeseries", ...more }] }],
});
const table = (more: object) =>
    panel({
        type: "table",
        targets: [
            { refId: "A", expr: "max by (namespace, pod) (redis_connected_clients)" },
            { refId: "B", expr: "max by (namespace, pod, role) (redis_instance_info)" },
        ],
        ...more,
    });
const columns = (options: object) => table({ transformations: [{ id: "organize", options }] });
const renamed = [{ id: "organize", options: { renameByName: { pod: "Pod" } } }];
const variable = (query: string): GrafanaDashboard => ({
    templating: { list: [{ type: "query", name: "pod", query: { query } }] },
});
const marks = (more: object): GrafanaDashboard => ({
    annotations: { list: [{ name: "Restarts", expr: "sum by (pod) (redis_up)", ...more }] },
});
const search = (query: string, timeField = "@timestamp") =>
    panel({ type: "logs", targets: [{ query, timeField }] });
const explore = (query: string) => {
    const panes = { a: { queries: [{ query, timeField: "@timestamp" }] } };
    const url = `/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify(panes))}`;
    return { links: [{ url }] };
};

describe("the gate of dashboards", () => {
    const inPanel = 'd, panel "Clients"';
    const inVariable = "d, variable pod";
    const typos: Readonly<Record<string, readonly [GrafanaDashboard, string, RegExp]>> = {
        "a metric of a panel": [
            panel({ targets: [{ expr: "rate(redis_conected_clients[$__rate_interval])" }] }),
            inPanel,
            /metric "redis_conected_clients".* did you mean "redis_connected_clients"\?/,
        ],
        "a label of a matcher": [
            panel({ targets: [{ expr: 'redis_up{namspace=~"$namespace"}' }] }),
            inPanel,
            /label "namspace".* did you mean "namespace"\?/,
        ],
        "a label of a legend": [
            panel({ targets: [{ expr: "sum by (pod) (redis_up)", legendFormat: "of {{ pdo }}" }] }),
            inPanel,
            /label "pdo": a text of the panel/,
        ],
        "a label of a legend that is aggregated away": [
            panel({
                targets: [{ expr: "sum by (pod) (redis_up)", legendFormat: "{{namespace}}" }],
            }),
            inPanel,
            /label "namespace": a text of the panel/,
        ],
        "the metric of label_values": [
            variable("label_values(redis_upp, pod)"),
            inVariable,
            /metric "redis_upp".* did you mean "redis_up"\?/,
        ],
        "the label of label_values": [
            variable('label_values(redis_up{namespace="a"}, podd)'),
            inVariable,
            /label "podd".* did you mean "pod"\?/,
        ],
        "the label of label_values without a metric": [
            variable("label_values(namspace)"),
            inVariable,
            /label "namspace": no series is stored with it; did you mean "namespace"\?/,
        ],
        "a metric of query_result": [
            variable("query_result(topk(3, redis_upp))"),
            inVariable,
            /metric "redis_upp"/,
        ],
        "a metric of an annotation": [
            marks({ expr: "redis_upp == 0" }),
            'd, annotation "Restarts"',
            /metric "redis_upp"/,
        ],
        "a label of an annotation's text": [
            marks({ textFormat: "{{podd}}" }),
            'd, annotation "Restarts"',
            /label "podd"/,
        ],
        "a label of an annotation's tags": [
            marks({ tagKeys: "pod,rol" }),
            'd, annotation "Restarts"',
            /label "rol"/,
        ],
        "a field of a search for log lines": [
            search("namespace:${namespace:lucene} AND levl:(error OR fatal)"),
            inPanel,
            /field "levl": no log document has it; did you mean "level"\?/,
        ],
        "the field of the time of log lines": [
            search("*", "timestamp"),
            inPanel,
            /field "timestamp": no log document has it/,
        ],
        "a field of a link to log lines": [
            explore("pood:${pod:lucene}"),
            "d, links",
            /field "pood".* did you mean "pod"\?/,
        ],
        "a field of a panel's link to log lines": [
            panel(explore("pood:x")),
            inPanel,
            /field "pood"/,
        ],
        "a field that a transformation filters": [
            table({
                transformations: [
                    { id: "filterFieldsByName", options: { include: { names: ["rol"] } } },
                ],
            }),
            inPanel,
            /field "rol": a transformation names it and no query has it; did you mean "role"\?/,
        ],
        "a field that a transformation renames": [
            columns({ renameByName: { podd: "Pod" } }),
            inPanel,
            /field "podd": a transformation/,
        ],
        "a value that a transformation hides": [
            columns({ excludeByName: { "Value #C": true } }),
            inPanel,
            /field "Value #C": a transformation/,
        ],
        "a column that an override is for": [
            table({
                transformations: renamed,
                fieldConfig: { overrides: [{ matcher: { id: "byName", options: "Podd" } }] },
            }),
            inPanel,
            /field "Podd": an override names it; did you mean "Pod"\?/,
        ],
        "a column that rows are sorted by": [
            table({ transformations: renamed, options: { sortBy: [{ displayName: "Podd" }] } }),
            inPanel,
            /field "Podd": rows are sorted by it/,
        ],
        "a column that a link of a cell names": [
            table({
                transformations: renamed,
                links: [{ url: "/d/x?var-pod=${__data.fields.Podd}" }],
            }),
            inPanel,
            /field "Podd": a link names it/,
        ],
    };
    for (const [what, [dashboard, place, message]] of Object.entries(typos)) {
        it(`finds a typo in ${what}, and says where`, () => {
            const [found, ...others] = findings(dashboard);
            assert.deepEqual(others, []);
            assert.equal(found?.place, place);
            assert.match(found?.message ?? "", message);
        });
    }

    it("finds nothing in what is right", () => {
        const right: GrafanaDashboard[] = [
            panel({ targets: [{ expr: "sum by (pod) (redis_up)", legendFormat: "of {{pod}}" }] }),
            // Any alert has labels of its own.
            panel({ targets: [{ expr: "ALERTS", legendFormat: "{{whatever}}" }] }),
            variable('label_values(redis_up{cluster=~"$cluster"}, cluster)'),
            variable("label_values(namespace)"),
            variable("query_result(redis_up)"),
            marks({ titleFormat: "{{pod}}", tagKeys: "pod" }),
            search('namespace:a AND fields.reason:"OOM: killed" AND @timestamp:[now-1h TO now]'),
            explore("level:(error OR fatal)"),
            columns({ renameByName: { role: "Role", "Value #A": "Clients", Time: "At" } }),
        ];
        assert.deepEqual(right.flatMap(findings), []);
    });
});
