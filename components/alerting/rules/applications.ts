import { DASHBOARDS } from "../dashboardLinks";
import { AlertRule, isAlert, RuleGroup } from "../prometheusRule";
import { applicationSlos, MeasuredApplication } from "../slos/applicationSlos";
import { MEASURED_ERRORS, Slo, sloRules } from "../slos/sloRules";
import type { AlertSettings } from "./settings";
import { missing } from "./targets";

/** What is known of an application that is scraped. */
export interface ScrapedApplication extends MeasuredApplication {
    /** Who owns its alerts, where that is not the stack's team. */
    readonly team: string | undefined;
    /** Jobs of its sidecars that are always there. */
    readonly proxies: readonly string[];
    /** Samples above which nothing of a scrape is taken. */
    readonly sampleLimit: number;
}

/** Alerts and objectives of one application. */
export function applicationRules(
    application: ScrapedApplication,
    settings: AlertSettings,
): RuleGroup[] {
    const { namespace, name, team, proxies } = application;
    const slos = applicationSlos(application);
    const groups: RuleGroup[] = [
        {
            name: `application-${name}`,
            rules: [
                missing({ namespace, job: name, knows: "alerts on it" }, settings),
                ...proxies.map((job) =>
                    missing({ namespace, job, knows: "alerts on its requests" }, settings),
                ),
                samplesNearLimit({ ...application, job: name }, settings),
                ...slos.map((slo) => unmeasured(application, slo, settings)),
            ],
        },
        ...(slos.length > 0 ? sloRules(`application-${name}`, slos, settings) : []),
    ];
    return team === undefined ? groups : groups.map((group) => owned(group, team));
}

/** The alerts of a group with their owner. */
function owned(group: RuleGroup, team: string): RuleGroup {
    return {
        ...group,
        rules: group.rules.map((rule) =>
            isAlert(rule) ? { ...rule, labels: { ...rule.labels, team } } : rule,
        ),
    };
}

/** Of what is scraped with a limit: of pods of one job, in one namespace or in all. */
export function samplesNearLimit(
    {
        namespace,
        job,
        sampleLimit,
    }: { readonly namespace?: string; readonly job: string; readonly sampleLimit: number },
    { ApplicationTooManySamples: { share } }: AlertSettings,
): AlertRule {
    const matchers = [...(namespace ? [`namespace="${namespace}"`] : []), `job="${job}"`];
    return {
        alert: "ApplicationTooManySamples",
        // It counts what comes, taken or not: https://prometheus.io/docs/concepts/jobs_instances/.
        expr: `max by (namespace, job) (scrape_samples_post_metric_relabeling{${matchers.join(", ")}}) > ${Math.floor(share * sampleLimit)}`,
        summary: "{{ $labels.namespace }}/{{ $labels.job }} exposes too many samples",
        description: `A pod of {{ $labels.job }} in {{ $labels.namespace }} exposes {{ $value }} samples. Of more than ${sampleLimit}, Prometheus takes nothing of the scrape, and the pod is down to it.`,
        dashboard: DASHBOARDS.prometheus,
    };
}

/** Misspelt names of metrics: nothing else would ever tell. */
function unmeasured(
    { namespace, name }: ScrapedApplication,
    slo: Slo,
    { ApplicationObjectiveUnmeasured }: AlertSettings,
): AlertRule {
    return {
        alert: "ApplicationObjectiveUnmeasured",
        expr: `max by (namespace, job) (up{namespace="${namespace}", job="${name}"}) == 1 unless on (namespace) ${MEASURED_ERRORS}{namespace="${namespace}", slo="${slo.name}"}`,
        labels: { slo: slo.name },
        summary: `The objective ${slo.name} is not measured`,
        description: `{{ $labels.namespace }}/{{ $labels.job }} is scraped, and for ${ApplicationObjectiveUnmeasured.for} it has had no series that ${slo.name} counts: the objective cannot be missed.`,
        dashboard: DASHBOARDS.prometheus,
    };
}
