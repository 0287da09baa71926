import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { ENVIRONMENT, RecordCase, TEAM } from "../alertCase";
import { ofApp } from "../redisWorld";
import { Series, series } from "../timeline";

type Labels = Readonly<Record<string, string>>;

const ORDERS = { ...ofApp("orders"), environment: ENVIRONMENT, team: TEAM };

/** Every objective of the stack under test, with the labels and the texts of its alerts. All are 99.9 % over 30d. */
export const SLOS: readonly {
    readonly slo: string;
    readonly labels: Labels;
    readonly subject: string;
    readonly events: string;
}[] = [
    {
        slo: "redis-availability",
        labels: ORDERS,
        subject: "Redis shop/orders",
        events: "the time of Redis shop/orders",
    },
    {
        slo: "redis-commands",
        labels: ORDERS,
        subject: "Redis shop/orders",
        events: "the commands of Redis shop/orders",
    },
    {
        slo: "redis-latency",
        labels: ORDERS,
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
    ...["ode-api-availability", "ode-api-latency"].map((slo) => ({
        slo,
        labels: { namespace: "ode", app: "ode-api" },
        subject: "ode/ode-api",
        events: "the requests of ode/ode-api",
    })),
];
/** What is counted for an objective, at each moment or in each 5 minutes. */
function counted(by: "rate" | "avg5m", labels: Labels, errors: number, events: number): Series[] {
    return [
        series(`slo:sli_errors:${by}`, labels, errors),
        series(`slo:sli_events:${by}`, labels, events),
    ];
}

const averageCases = ["errors", "events"].map((counts): RecordCase => ({
    record: `slo:sli_${counts}:avg5m`,
    title: "of 5 minutes, every moment counts",
    series: [
        series(`slo:sli_${counts}:rate`, { slo: "a" }, [
            ["150s", 8],
            ["10m", 0],
        ]),
        series(`slo:sli_${counts}:rate`, { slo: "b" }, 2),
    ],
    // Five of the ten in (0, 5m].
    at: "5m",
    samples: [
        { labels: { slo: "a" }, value: 3.2 },
        { labels: { slo: "b" }, value: 2 },
    ],
}));

/** Windows of days are made of averages. */
const by = (window: string) => (["6h", "1d", "3d"].includes(window) ? "avg5m" : "rate");

const windowCases = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"].map((window): RecordCase => ({
    record: `slo:sli_error:ratio_rate${window}`,
    title: "each objective has its own share, and one without events has none",
    series: [
        ...counted(by(window), { slo: "a", app: "x" }, 1, 8),
        ...counted(by(window), { slo: "a", app: "y" }, 4, 8),
        ...counted(by(window), { slo: "b", app: "x" }, 2, 8),
        ...counted(by(window), { slo: "c", app: "x" }, 0, 0),
    ],
    at: "10m",
    samples: [
        { labels: { slo: "a", app: "x" }, value: 0.125 },
        { labels: { slo: "a", app: "y" }, value: 0.5 },
        { labels: { slo: "b", app: "x" }, value: 0.25 },
    ],
}));

/** And half of the long window, in hours. */
const PAIRS = [
    ["1h", "5m", 0.5],
    ["6h", "30m", 3],
    ["1d", "2h", 12],
    ["3d", "6h", 36],
] as const;
const pairCases = PAIRS.map(([long, short, half]): RecordCase => ({
    record: `slo:sli_error:ratio_min${long}_${short}`,
    title: "the lower of the two, and none where nothing was counted of late, or for too short",
    step: "5m",
    series: [
        ...["recovered", "begins", "idle"].map((slo) =>
            series(`slo:sli_events:${long === "1h" ? "rate" : "avg5m"}`, { slo }, [["80h", 1]]),
        ),
        series(`slo:sli_events:${long === "1h" ? "rate" : "avg5m"}`, { slo: "young" }, [
            ["10m", "gone"],
            ["80h", 1],
        ]),
        series(`slo:sli_error:ratio_rate${long}`, { slo: "young" }, [["80h", 0.4]]),
        series(`slo:sli_error:ratio_rate${short}`, { slo: "young" }, [["80h", 0.4]]),
        series(`slo:sli_error:ratio_rate${long}`, { slo: "recovered" }, [["80h", 0.4]]),
        series(`slo:sli_error:ratio_rate${short}`, { slo: "recovered" }, [["80h", 0.1]]),
        series(`slo:sli_error:ratio_rate${long}`, { slo: "begins" }, [["80h", 0.1]]),
        series(`slo:sli_error:ratio_rate${short}`, { slo: "begins" }, [["80h", 0.4]]),
        series(`slo:sli_error:ratio_rate${long}`, { slo: "idle" }, [["80h", 0.4]]),
    ],
    at: `${half * 60 + 5}m`,
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
            ...budgets.flatMap((labels) => counted("avg5m", labels, 0.5, 1000)),
            ...budgets.flatMap((labels) =>
                counted("avg5m", { ...labels, slo: "another" }, 9, 1000),
            ),
            ...budgets.flatMap((labels) =>
                counted(
                    "avg5m",
                    {
                        ...labels,
                        ...("environment" in labels
                            ? { environment: "other" }
                            : { namespace: "other" }),
                    },
                    9,
                    1000,
                ),
            ),
            ...budgets.flatMap((labels) => counted("avg5m", { ...labels, app: "idle" }, 0, 0)),
        ],
        at: "10m",
        samples: budgets.map((labels) => ({ labels, value: 0.5 })),
    },
    {
        record: "slo:objective:ratio",
        title: "what is promised",
        series: [],
        at: "1m",
        samples: SLOS.map(({ slo, labels: { namespace = "", environment } }) => ({
            labels: environment ? { environment, slo } : { namespace, slo },
            value: 0.999,
        })),
    },
];

/** What dashboards and the alerts read. */
export const sloRecordCases: readonly RecordCase[] = [
    ...averageCases,
    ...windowCases,
    ...pairCases,
    ...budgetCases,
];
