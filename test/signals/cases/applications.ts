import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

/** The labels of a pod of an application, as its monitor gives them. */
export const ODE_API = {
    job: "ode-api",
    app: "ode-api",
    namespace: "ode",
    pod: "ode-api-0",
    container: "api",
    endpoint: "metrics",
    environment: "staging",
    instance: "10.0.7.1:9090",
};
const another = (labels: object) => ({ ...ODE_API, pod: "other-0", instance: "x:1", ...labels });

const samples = (over: History, labels: Readonly<Record<string, string>> = ODE_API): Series =>
    series("scrape_samples_post_metric_relabeling", labels, over);

function tooMany(job: string, namespace: string, count: number): ExpectedAlert {
    return {
        labels: { namespace, job },
        summary: `${namespace}/${job} exposes too many samples`,
        description: `A pod of ${job} in ${namespace} exposes ${count} samples. Of more than 5000, Prometheus takes nothing of the scrape, and the pod is down to it.`,
    };
}

const limitCases = [
    firing("ApplicationTooManySamples", "one of two pods exposes more than 90 % of the limit", {
        series: [
            samples(100),
            samples(from("5m", 4501, 4500), another({})),
            samples(9000, another({ job: "another" })),
        ],
        severity: "warning",
        at: "15m",
        alerts: [tooMany("ode-api", "ode", 4501)],
        until: "1h",
    }),
    firing("ApplicationTooManySamples", "an annotated pod is above the limit, and not scraped", {
        series: [
            samples(6000, another({ job: "annotated-pods", namespace: "shop" })),
            samples(4500, another({ job: "annotated-pods", namespace: "other" })),
        ],
        severity: "warning",
        at: "10m",
        alerts: [tooMany("annotated-pods", "shop", 6000)],
        until: "1h",
    }),
    quiet("ApplicationTooManySamples", "a pod exposes exactly 90 % of the limit", {
        series: [samples(4500)],
        until: "2h",
    }),
    quiet("ApplicationTooManySamples", "it is above just before 10 minutes are over", {
        series: [samples(between("5m", "15m", 4501, 100))],
        until: "2h",
    }),
];

const counted = (slo: string, over: History): Series =>
    series("slo:sli_errors:rate", { namespace: "ode", app: "ode-api", slo }, over);

function unmeasured(slo: string): ExpectedAlert {
    return {
        labels: { namespace: "ode", job: "ode-api", slo },
        summary: `The objective ${slo} is not measured`,
        description: `ode/ode-api is scraped, and for 1h it has had no series that ${slo} counts: the objective cannot be missed.`,
    };
}

const SLOS = ["ode-api-availability", "ode-api-latency"];
const objectiveCases = [
    ...SLOS.map((slo) =>
        firing("ApplicationObjectiveUnmeasured", `${slo} counts what the application lacks`, {
            recorded: true,
            series: [
                series("up", ODE_API, 1),
                ...SLOS.filter((each) => each !== slo).map((each) => counted(each, 0)),
                counted("another", 0),
            ],
            severity: "warning",
            at: "1h",
            alerts: [unmeasured(slo)],
            until: "2h",
        }),
    ),
    quiet("ApplicationObjectiveUnmeasured", "no request fails", {
        recorded: true,
        series: [series("up", ODE_API, 1), ...SLOS.map((slo) => counted(slo, 0))],
        until: "3h",
    }),
    quiet("ApplicationObjectiveUnmeasured", "it is down, which TargetMissing tells", {
        recorded: true,
        series: [series("up", ODE_API, 0)],
        until: "3h",
    }),
    quiet("ApplicationObjectiveUnmeasured", "its first request comes after 59 minutes", {
        recorded: true,
        series: [
            series("up", ODE_API, 1),
            ...SLOS.map((slo) => counted(slo, from("59m", 0, "gone"))),
        ],
        until: "3h",
    }),
];

/** What is told of every application, and of annotated pods. */
export const applicationCases: readonly AlertCase[] = [...limitCases, ...objectiveCases];
