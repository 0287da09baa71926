import type { Registration } from "../program/program";
import { dashboardExpressions, dashboardsIn } from "./dashboards";

/** A PromQL expression and where an object has it. */
export interface Expression {
    /** Kind, namespace and name of the object, and the rule, panel or metric in it. */
    readonly place: string;
    readonly text: string;
    /** Of a recording rule: the name that it writes. */
    readonly record?: string;
    /** Labels that the rule adds to what it writes or sends. */
    readonly added: readonly string[];
    /** Texts of an alert, or names of a panel's results, which may name labels of the result. */
    readonly templates: readonly string[];
    readonly dashboard: boolean;
}

interface KubernetesObject {
    readonly kind?: string;
    readonly chart?: string;
    readonly metadata?: {
        readonly name?: string;
        readonly namespace?: string;
        readonly labels?: Readonly<Record<string, string>>;
    };
    readonly spec?: unknown;
    readonly data?: Readonly<Record<string, string>>;
    readonly values?: unknown;
}

type Collector = (object: KubernetesObject, place: string) => Expression[];

/** What has PromQL in it, by kind; a Helm release by its chart. */
const COLLECTORS: Readonly<Record<string, Collector>> = {
    PrometheusRule: ruleExpressions,
    ConfigMap: (object, place) => dashboardsIn(object, place).flatMap(dashboardExpressions),
    "prometheus-adapter": adapterExpressions,
    // KEDA's triggers and Flagger's metric templates.
    ScaledObject: queryExpressions,
    MetricTemplate: queryExpressions,
};

/** Every PromQL expression of the objects that a program registers. */
export function expressionsOf(registrations: readonly Registration[]): Expression[] {
    return registrations.flatMap(({ inputs }) => {
        const object = inputs as KubernetesObject;
        const { name = "", namespace = "" } = object.metadata ?? {};
        const kind = object.chart === undefined ? object.kind : chartName(object.chart);
        const collect = COLLECTORS[kind ?? ""];
        return collect?.(object, `${kind} ${namespace}/${name}`) ?? [];
    });
}

const PLAIN = { added: [], templates: [], dashboard: false } as const;

interface Rule {
    readonly alert?: string;
    readonly record?: string;
    readonly expr: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
}

/** The rules of a group that Prometheus' rule files and PrometheusRules have alike. */
export function groupExpressions(
    groups: readonly { readonly rules: readonly Rule[] }[],
    place: string,
): Expression[] {
    return groups
        .flatMap(({ rules }) => rules)
        .map(({ alert, record, expr, labels = {}, annotations = {} }) => ({
            place: `${place}, ${alert ?? record ?? ""}`,
            text: expr,
            ...(record === undefined ? {} : { record }),
            added: Object.keys(labels),
            templates: [...Object.values(annotations), ...Object.values(labels)],
            dashboard: false,
        }));
}

function ruleExpressions({ spec }: KubernetesObject, place: string): Expression[] {
    return groupExpressions((spec as { groups: { rules: Rule[] }[] }).groups, place);
}

interface AdapterRule {
    readonly seriesQuery: string;
    readonly metricsQuery: string;
}

/** Rules of prometheus-adapter: https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md. */
function adapterExpressions({ values }: KubernetesObject, place: string): Expression[] {
    const { rules = {} } = values as {
        rules?: { custom?: AdapterRule[]; external?: AdapterRule[] };
    };
    return [...(rules.custom ?? []), ...(rules.external ?? [])].flatMap(
        ({ seriesQuery, metricsQuery }) => [
            { ...PLAIN, place, text: seriesQuery },
            {
                ...PLAIN,
                place,
                text: metricsQuery
                    .replaceAll("<<.Series>>{<<.LabelMatchers>>}", seriesQuery)
                    .replaceAll("<<.Series>>", seriesQuery)
                    .replaceAll(/,?\s*<<\.LabelMatchers>>\s*,?/g, "")
                    .replaceAll("<<.GroupBy>>", "namespace"),
            },
        ],
    );
}

function queryExpressions({ spec }: KubernetesObject, place: string): Expression[] {
    const { query, triggers = [] } = spec as {
        query?: string;
        triggers?: { type: string; metadata: { query?: string } }[];
    };
    const queries = [
        query,
        ...triggers
            .filter(({ type }) => type === "prometheus")
            .map(({ metadata }) => metadata.query),
    ];
    return (
        queries
            .filter((each) => each !== undefined)
            // Flagger fills in `{{ namespace }}` and its like.
            .map((text) => text.replaceAll("[{{ interval }}]", "[1m]"))
            .map((text) => ({ ...PLAIN, place, text: text.replaceAll(/\{\{.*?\}\}/g, "x") }))
    );
}

function chartName(chart: string): string {
    return (chart.split("/").at(-1) ?? chart).replace(/-\d.*$/, "");
}
