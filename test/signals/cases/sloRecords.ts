import { NAMESPACES } from "../../../components/common/namespaceNames";
import type { RecordCase } from "../alertCase";
import { NAMESPACE } from "../redisWorld";
import { Series, series } from "../timeline";

type Labels = Readonly<Record<string, string>>;

/** Every objective of the stack under test, with the labels and the texts of its alerts. All are 99.9 % over 30d. */
export const SLOS: readonly {
    readonly slo: string;
    readonly labels: Labels;
    readonly subject: string;
    readonly events: string;
}[] = [
    {
        slo: "redis-availability",
        labels: { namespace: NAMESPACE, app: "orders" },
        subject: "Redis shop/orders",
        events: "the time of the declared pods of Redis shop/orders",
    },
    {
        slo: "redis-commands",
        labels: { namespace: NAMESPACE, app: "orders" },
        subject: "Redis shop/orders",
        events: "the commands of Redis shop/orders",
    },
    {
        slo: "elasticsearch-availability",
        labels: { namespace: NAMESPACES.logging },
        subject: "Elasticsearch",
        events: "the time of Elasticsearch",
    },
    {
        slo: "log-delivery",
        labels: { namespace: NAMESPACES.logging },
        subject: "Fluent Bit",
        events: "the log records",
    },
    {
        slo: "trace-delivery",
        labels: { namespace: NAMESPACES.tracing },
        subject: "Jaeger",
        events: "the spans",
    },
];
const ERRORS = "slo:sli_errors:rate";
const EVENTS = "slo:sli_events:rate";

/** What is counted for an objective. */
function counted(labels: Labels, errors: number, events: number): Series[] {
    return [series(ERRORS, labels, errors), series(EVENTS, labels, events)];
}

const windowCases = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"].map((window): RecordCase => ({
    record: `slo:sli_error:ratio_rate${window}`,
    title: "each objective has its own share, and one without events has none",
    series: [
        ...counted({ slo: "a", app: "x" }, 1, 8),
        ...counted({ slo: "a", app: "y" }, 4, 8),
        ...counted({ slo: "b", app: "x" }, 2, 8),
        ...counted({ slo: "c", app: "x" }, 0, 0),
    ],
    at: "10m",
    samples: [
        { labels: { slo: "a", app: "x" }, value: 0.125 },
        { labels: { slo: "a", app: "y" }, value: 0.5 },
        { labels: { slo: "b", app: "x" }, value: 0.25 },
    ],
}));

const PAIRS = [
    ["1h", "5m"],
    ["6h", "30m"],
    ["1d", "2h"],
    ["3d", "6h"],
] as const;
const pairCases = PAIRS.map(([long, short]): RecordCase => ({
    record: `slo:sli_error:ratio_min${long}_${short}`,
    title: "the lower of the two, and none where nothing was counted of late",
    series: [
        series(`slo:sli_error:ratio_rate${long}`, { slo: "recovered" }, 0.4),
        series(`slo:sli_error:ratio_rate${short}`, { slo: "recovered" }, 0.1),
        series(`slo:sli_error:ratio_rate${long}`, { slo: "begins" }, 0.1),
        series(`slo:sli_error:ratio_rate${short}`, { slo: "begins" }, 0.4),
        series(`slo:sli_error:ratio_rate${long}`, { slo: "idle" }, 0.4),
    ],
    at: "5m",
    samples: [
        { labels: { slo: "recovered" }, value: 0.1 },
        { labels: { slo: "begins" }, value: 0.1 },
    ],
}));

/** The labels of each objective as its budget has them. */
const budgets = SLOS.map(({ slo, labels }) => ({ ...labels, slo }));
const budgetCases: readonly RecordCase[] = [
    {
        record: "slo:error_budget_remaining:ratio",
        title: "half of each budget is left, and others' are no concern",
        series: [
            // Of 1000 one may be bad.
            ...budgets.flatMap((labels) => counted(labels, 0.5, 1000)),
            ...budgets.flatMap((labels) => counted({ ...labels, slo: "another" }, 9, 1000)),
            ...budgets.flatMap((labels) => counted({ ...labels, namespace: "other" }, 9, 1000)),
            ...budgets.flatMap((labels) => counted({ ...labels, app: "idle" }, 0, 0)),
        ],
        at: "10m",
        samples: budgets.map((labels) => ({ labels, value: 0.5 })),
    },
    {
        record: "slo:objective:ratio",
        title: "what is promised",
        series: [],
        at: "1m",
        samples: SLOS.map(({ slo, labels: { namespace = "" } }) => ({
            labels: { namespace, slo },
            value: 0.999,
        })),
    },
];

/** What dashboards and the alerts read. */
export const sloRecordCases: readonly RecordCase[] = [...windowCases, ...pairCases, ...budgetCases];
