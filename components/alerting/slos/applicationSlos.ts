import { APP } from "../rules/texts";
import { rateWindow } from "./declaredSlos";
import type { Count, Indicator } from "./indicators";
import type { Slo } from "./sloRules";

interface Promise {
    /** Percent. */
    readonly objective: number;
    readonly window: string;
}

/** What an application promises of its requests. */
export interface ApplicationObjectives {
    readonly availability?:
        | (Promise & {
              /** A counter, and its label with the status of HTTP. */
              readonly requests: string;
              readonly status: string;
          })
        | undefined;
    readonly latency?:
        | (Promise & {
              /** A histogram of seconds, and a bound of its buckets. */
              readonly durations: string;
              readonly within: number;
          })
        | undefined;
}

/** An application with its objectives. */
export interface MeasuredApplication {
    readonly namespace: string;
    /** Also the job of its targets. */
    readonly name: string;
    /** Between two scrapes. */
    readonly interval: string;
    readonly slo: ApplicationObjectives;
}

/** The objectives of an application, named after it and what is measured. */
export function applicationSlos(application: MeasuredApplication): Slo[] {
    const { name, slo } = application;
    return [
        ...(slo.availability
            ? [
                  {
                      name: `${name}-availability`,
                      settings: slo.availability,
                      indicator: indicator(application, answered(application, slo.availability)),
                  },
              ]
            : []),
        ...(slo.latency
            ? [
                  {
                      name: `${name}-latency`,
                      settings: slo.latency,
                      indicator: indicator(application, fast(application, slo.latency)),
                  },
              ]
            : []),
    ];
}

function indicator(
    { namespace, name }: MeasuredApplication,
    counted: Omit<Count, "labels">,
): Indicator {
    return {
        namespace,
        causes: [],
        subject: APP,
        events: `the requests of ${APP}`,
        counts: [{ ...counted, labels: { namespace, app: name } }],
    };
}

function rateOf(
    { namespace, name, interval }: MeasuredApplication,
    series: string,
    matcher?: string,
): string {
    const matchers = [`namespace="${namespace}"`, `job="${name}"`, ...(matcher ? [matcher] : [])];
    return `sum(rate(${series}{${matchers.join(", ")}}[${rateWindow([interval])}]))`;
}

type Availability = NonNullable<ApplicationObjectives["availability"]>;
type Latency = NonNullable<ApplicationObjectives["latency"]>;

/** Bad are the answers 5xx; before the first of them there is no series. */
function answered(
    application: MeasuredApplication,
    { requests, status }: Availability,
): Omit<Count, "labels"> {
    const all = rateOf(application, requests);
    return {
        errors: `${rateOf(application, requests, `${status}=~"5.."`)} or 0 * ${all}`,
        events: all,
    };
}

/** Bad are those above the bound. Without a bucket of this bound nothing is counted, rather than all as slow. */
function fast(
    application: MeasuredApplication,
    { durations, within }: Latency,
): Omit<Count, "labels"> {
    const all = rateOf(application, `${durations}_count`);
    return {
        errors: `${all} - ${rateOf(application, `${durations}_bucket`, `le="${bound(within)}"`)}`,
        events: all,
    };
}

/** As Prometheus 3 stores it, whatever the application writes: `1` is `1.0`. */
export function bound(seconds: number): string {
    return Number.isInteger(seconds) ? seconds.toFixed(1) : String(seconds);
}
