import type { AlertName } from "../../../components/alerting/rules/settings";
import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { AlertCase, ENVIRONMENT, ExpectedAlert, firing, quiet, TEAM } from "../alertCase";
import { info, ofApp, target } from "../redisWorld";
import { from, Phase, Series, series, Value } from "../timeline";
import { SLOS } from "./sloRecords";

type History = Value | readonly Phase[];

type Slo = (typeof SLOS)[number];

function sloOf(name: string): Slo {
    const found = SLOS.find(({ slo }) => slo === name);
    if (found === undefined) {
        throw new Error(`no objective ${name}`);
    }
    return found;
}

/** What the alert says of a share of errors. */
function burn(
    alert: AlertName,
    { slo, labels, subject, events }: Slo,
    share: string,
): ExpectedAlert {
    const fast = alert === "ErrorBudgetBurnFast";
    const spent = fast
        ? "2 % of it within 1h, or 5 % of it within 6h"
        : "10 % of it within 1d, or 10 % of it within 3d";
    return {
        labels: { ...labels, slo },
        summary: `${subject}: the error budget of ${slo} burns ${fast ? "fast" : "steadily"}`,
        description: `${share} of ${events} are bad, and the objective ${slo} allows 0.1 % over 30d (99.9 % good). That spends ${spent}, or more.`,
    };
}

/** The lower of a pair's two windows, the edge, and what is just above it. */
interface Edge {
    readonly ratio: string;
    readonly edge: number;
    readonly above: number;
    readonly share: string;
}
const EDGES: Readonly<Record<"ErrorBudgetBurnFast" | "ErrorBudgetBurnSlow", readonly Edge[]>> = {
    ErrorBudgetBurnFast: [
        { ratio: "slo:sli_error:ratio_min1h_5m", edge: 0.0144, above: 0.01441, share: "1.441%" },
        { ratio: "slo:sli_error:ratio_min6h_30m", edge: 0.006, above: 0.00601, share: "0.601%" },
    ],
    ErrorBudgetBurnSlow: [
        { ratio: "slo:sli_error:ratio_min1d_2h", edge: 0.003, above: 0.00301, share: "0.301%" },
        { ratio: "slo:sli_error:ratio_min3d_6h", edge: 0.001, above: 0.00101, share: "0.101%" },
    ],
};

/** Each threshold of each objective, from the ratios as they are recorded. */
const edgeCases = SLOS.flatMap((slo) => {
    const ratio = (name: string, over: History) =>
        series(name, { ...slo.labels, slo: slo.slo }, over);
    const another = (name: string) => series(name, { ...slo.labels, slo: "another" }, 1);
    return (["ErrorBudgetBurnFast", "ErrorBudgetBurnSlow"] as const).flatMap((alert) => [
        ...EDGES[alert].map((each) =>
            firing(alert, `${each.ratio} of ${slo.slo} is just above the edge`, {
                recorded: true,
                series: [ratio(each.ratio, from("5m", each.above, each.edge)), another(each.ratio)],
                severity: alert === "ErrorBudgetBurnFast" ? "critical" : "warning",
                at: alert === "ErrorBudgetBurnFast" ? "11m" : "20m",
                alerts: [burn(alert, slo, each.share)],
                until: "30m",
            }),
        ),
        quiet(alert, `every window of ${slo.slo} is exactly at the edge`, {
            slo: slo.slo,
            recorded: true,
            series: EDGES[alert].map(({ ratio: name, edge }) => ratio(name, edge)),
            until: "1h",
        }),
    ]);
});

const cache = { ...target("cache", 0) };
const availability: Slo = {
    ...sloOf("redis-availability"),
    labels: { ...ofApp("cache"), environment: ENVIRONMENT, team: TEAM },
    subject: "Redis shop/cache",
    events: "the time of Redis shop/cache",
};
/** Of each other instance a master, which answers. */
const others = (...except: readonly string[]): Series[] =>
    ["orders", "sessions", "carts-leader"]
        .filter((app) => !except.includes(app))
        .flatMap((app) => [
            series("redis_up", target(app, 0), [["10h", 1]]),
            series("redis_instance_info", { ...target(app, 0), ...info("master") }, [["10h", 1]]),
        ]);
/** The only pod of an instance answers, but for some checks. */
const answers = (...phases: readonly Phase[]): Series[] => [
    ...others(),
    series("up", cache, [["10h", 1]]),
    series("redis_up", cache, phases),
];

const availabilityCases = [
    firing("ErrorBudgetBurnFast", "an instance is away for half a minute, again and again", {
        slo: "redis-availability",
        // One of 119 checks is below the edge, and two are above it.
        series: answers(["1h", 1], ...again(20, ["30s", 0], ["150s", 1])),
        severity: "critical",
        at: "4170s",
        alerts: [burn("ErrorBudgetBurnFast", availability, "3.361%")],
    }),
    quiet("ErrorBudgetBurnFast", "an instance restarts within a minute and a half", {
        slo: "redis-availability",
        series: answers(["1h", 1], ["90s", 0], ["3h", 1]),
        until: "3h",
    }),
    quiet("ErrorBudgetBurnFast", "one of three pods is gone", {
        slo: "redis-availability",
        series: [...others("orders"), series("redis_up", cache, [["10h", 1]])].concat(
            [0, 1, 2].flatMap((i) => [
                series("redis_up", target("orders", i), [
                    ["1h", 1],
                    ["2h", i === 2 ? "gone" : 1],
                ]),
                series(
                    "redis_instance_info",
                    { ...target("orders", i), ...info(i === 0 ? "master" : "slave") },
                    [["3h", 1]],
                ),
            ]),
        ),
        until: "3h",
    }),
    quiet("ErrorBudgetBurnFast", "the exporter of an instance hangs", {
        slo: "redis-availability",
        series: [
            ...others(),
            series("up", cache, [
                ["1h", 1],
                ["2h", 0],
            ]),
            series("redis_up", cache, [
                ["1h", 1],
                ["2h", "gone"],
            ]),
        ],
        until: "3h",
    }),
    quiet("ErrorBudgetBurnFast", "an alert names the cause", {
        slo: "redis-availability",
        recorded: true,
        series: [
            series(
                "slo:sli_error:ratio_min1h_5m",
                { ...availability.labels, slo: "redis-availability" },
                0.5,
            ),
            series(
                "ALERTS",
                {
                    ...availability.labels,
                    alertname: "RedisInstanceDown",
                    alertstate: "firing",
                    severity: "critical",
                },
                1,
            ),
        ],
        until: "1h",
    }),
    firing("ErrorBudgetBurnFast", "an alert of another instance names a cause", {
        slo: "redis-availability",
        recorded: true,
        series: [
            series(
                "slo:sli_error:ratio_min1h_5m",
                { ...availability.labels, slo: "redis-availability" },
                0.5,
            ),
            series(
                "ALERTS",
                {
                    ...availability.labels,
                    instance_name: "other",
                    app: "other",
                    alertname: "RedisInstanceDown",
                    alertstate: "firing",
                    severity: "critical",
                },
                1,
            ),
        ],
        severity: "critical",
        at: "6m",
        alerts: [burn("ErrorBudgetBurnFast", availability, "50%")],
    }),
    quiet("ErrorBudgetBurnSlow", "it burns fast, of the same instance", {
        slo: "redis-availability",
        recorded: true,
        series: [
            series(
                "slo:sli_error:ratio_min1d_2h",
                { ...availability.labels, slo: "redis-availability" },
                0.5,
            ),
            series(
                "ALERTS",
                {
                    ...availability.labels,
                    slo: "redis-availability",
                    alertname: "ErrorBudgetBurnFast",
                    alertstate: "firing",
                    severity: "critical",
                },
                1,
            ),
        ],
        until: "1h",
    }),
];

function again(times: number, ...phases: Phase[]): Phase[] {
    return Array.from({ length: times }, () => phases).flat();
}

const climb = (perMinute: number): Value => ({ from: 0, perMinute });

/** Counters over 7 hours, of which one begins to rise after 6. */
function counters(
    of: (counter: string, over: History) => Series,
    good: string,
    bad: readonly string[],
    rises: string,
): Series[] {
    return [
        of(good, [["7h", climb(1140)]]),
        ...bad.filter((each) => each !== rises).map((each): Series => of(each, [["7h", 0]])),
        of(rises, [
            ["6h", 0],
            ["1h", climb(60)],
        ]),
    ];
}

/** All counters begin again at 0 after an hour, as after a restart. */
function restart(
    of: (counter: string, over: History) => Series,
    good: string,
    bad: readonly string[],
): Series[] {
    return [
        of(good, [
            ["1h", climb(1140)],
            ["2h", climb(1140)],
        ]),
        ...bad.map((each) =>
            of(each, [
                ["1h", 5000],
                ["2h", 0],
            ]),
        ),
    ];
}

interface Counted {
    readonly slo: string;
    readonly of: (counter: string, over: History) => Series;
    readonly good: string;
    /** The bad ones, and their share of all that is counted when the alert fires. */
    readonly bad: Readonly<Record<string, string>>;
}

const COUNTED: readonly Counted[] = [
    {
        slo: "redis-commands",
        of: (counter, over) =>
            counter === "processed"
                ? series("redis_commands_processed_total", target("orders", 0), over)
                : series("redis_errors_total", { ...target("orders", 0), err: counter }, over),
        good: "processed",
        bad: { OOM: "1.973%", MASTERDOWN: "1.973%" },
    },
    {
        slo: "log-delivery",
        of: (counter, over) =>
            series(
                `fluentbit_output_${counter}`,
                {
                    job: "fluent-bit",
                    namespace: NAMESPACES.logging,
                    pod: "fluent-bit-a",
                    name: "instance",
                },
                over,
            ),
        good: "proc_records_total",
        bad: { dropped_records_total: "1.973%" },
    },
    {
        slo: "trace-delivery",
        of: (counter, over) =>
            series(
                `otelcol_${counter}`,
                {
                    job: "jaeger-collector",
                    namespace: NAMESPACES.tracing,
                    pod: "jaeger-collector-a",
                },
                over,
            ),
        good: "receiver_accepted_spans_total",
        bad: {
            receiver_refused_spans_total: "1.973%",
            exporter_send_failed_spans_total: "2.012%",
            exporter_enqueue_failed_spans_total: "2.012%",
        },
    },
];

const countedCases = COUNTED.flatMap(({ slo, of, good, bad }) => [
    ...Object.entries(bad).map(([counter, share]) =>
        firing("ErrorBudgetBurnFast", `about a twentieth of all is in ${counter}`, {
            slo,
            series: counters(of, good, Object.keys(bad), counter),
            severity: "critical",
            at: "384m",
            alerts: [burn("ErrorBudgetBurnFast", sloOf(slo), share)],
        }),
    ),
    quiet("ErrorBudgetBurnFast", `the counters of ${slo} begin again at 0`, {
        slo,
        series: restart(of, good, Object.keys(bad)),
        until: "150m",
    }),
    quiet("ErrorBudgetBurnFast", `nothing is counted for ${slo}, and before it was bad`, {
        slo,
        series: [good, ...Object.keys(bad)].map((each) => of(each, [["10m", 0]])),
        until: "2h",
    }),
]);

/** Elasticsearch's health, one series for each color. */
function health(...over: readonly (readonly [color: string, over: History])[]): Series[] {
    const labels = { job: "elasticsearch-exporter", namespace: NAMESPACES.logging };
    const up = series("up", { ...labels, pod: "e" }, [["10h", 1]]);
    return [up].concat(
        over.map(([color, each]) =>
            series("elasticsearch_cluster_health_status", { ...labels, color }, each),
        ),
    );
}
const elasticsearch = burn("ErrorBudgetBurnFast", sloOf("elasticsearch-availability"), "11.76%");

const elasticsearchCases = [
    firing("ErrorBudgetBurnFast", "Elasticsearch is red", {
        slo: "elasticsearch-availability",
        series: health(["green", from("2h", 0)], ["yellow", 0], ["red", from("2h", 1, 0)]),
        severity: "critical",
        at: "127m",
        alerts: [elasticsearch],
        until: "3h",
    }),
    firing("ErrorBudgetBurnFast", "Elasticsearch does not answer, and its series are gone", {
        slo: "elasticsearch-availability",
        series: health(["green", from("2h", "gone")], ["yellow", from("2h", "gone", 0)]),
        severity: "critical",
        at: "127m",
        alerts: [elasticsearch],
    }),
    quiet("ErrorBudgetBurnFast", "Elasticsearch is yellow", {
        slo: "elasticsearch-availability",
        series: health(["green", 0], ["yellow", 1], ["red", 0]),
        until: "3h",
    }),
];

export const sloCases: readonly AlertCase[] = [
    ...edgeCases,
    ...availabilityCases,
    ...countedCases,
    ...elasticsearchCases,
];
