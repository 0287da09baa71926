import type { Registration } from "../program/program";

/** A PromQL expression and where an object has it. */
export interface Expression {
    /** Kind, namespace and name of the object, and the rule, panel or metric in it. */
    readonly place: string;
    readonly text: string;
    /** Of a recording rule: the name that it writes. */
    readonly record?: string;
    /** Labels that the rule adds to what it writes or sends. */
    readonly added: readonly string[];
    /** Texts of an alert, which may name labels of the result. */
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
    ConfigMap: dashboardExpressions,
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

/** ConfigMaps for Grafana's sidecar: every Prometheus query of their panels, annotations and variables. */
function dashboardExpressions({ metadata, data }: KubernetesObject, place: string): Expression[] {
    return metadata?.labels?.grafana_dashboard === undefined
        ? []
        : Object.entries(data ?? {}).flatMap(([file, text]) =>
              queriesIn(JSON.parse(text)).map((query) => ({
                  ...PLAIN,
                  place: `${place}, ${file}`,
                  text: withoutVariables(query),
                  dashboard: true,
              })),
          );
}

/** `expr` of targets, and what `label_values(...)` of a variable reads. */
function queriesIn(value: unknown): string[] {
    if (Array.isArray(value)) {
        return value.flatMap(queriesIn);
    }
    if (typeof value === "string") {
        const [, selector] = /^label_values\((.+),[^,]+\)$/s.exec(value) ?? [];
        return selector === undefined ? [] : [selector];
    }
    return Object.entries((value ?? {}) as Record<string, unknown>).flatMap(([key, each]) =>
        key === "expr" && typeof each === "string" && each !== "" ? [each] : queriesIn(each),
    );
}

/** Durations that Grafana fills in; variables within quotes stay, as any value is allowed there. */
function withoutVariables(query: string): string {
    return query.replace(
        /\$\{?__?(rate_interval|interval|range|auto)\w*\}?|\$\{?interval\}?/g,
        "5m",
    );
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
