import { MetricIndex } from "../../components/metrics/catalogue/metricIndex";
import { EXTERNAL_LABELS } from "../../components/metrics/catalogue/targets";
import { LOG_FIELDS } from "../../components/logging/logSchema";
import { suggestion } from "../../components/settings/problems";
import type { Registration } from "../program/program";
import { checkExpression } from "./check";
import type { Drop } from "./drops";
import type { Expression } from "./expressions";
import type { Finding } from "./gate";
import { Labels, union } from "./labels";

/** The parts of Grafana's JSON that name metrics, labels and fields. */
interface Target {
    readonly refId?: string;
    readonly datasource?: string | { readonly type?: string } | null;
    readonly expr?: string;
    readonly legendFormat?: string;
    readonly format?: string;
    readonly instant?: boolean;
    /** Of Elasticsearch. */
    readonly query?: string;
    readonly timeField?: string;
}

interface Panel {
    readonly type?: string;
    readonly title?: string;
    readonly panels?: readonly Panel[];
    readonly targets?: readonly Target[];
    /** Least time between two points. */
    readonly interval?: string;
    readonly links?: readonly { readonly url?: string }[];
    readonly transformations?: readonly {
        readonly id: string;
        readonly options?: {
            readonly include?: { readonly names?: readonly string[] };
            readonly indexByName?: Readonly<Record<string, unknown>>;
            readonly excludeByName?: Readonly<Record<string, unknown>>;
            readonly renameByName?: Readonly<Record<string, string>>;
        };
    }[];
    readonly options?: { readonly sortBy?: readonly { readonly displayName: string }[] };
    readonly fieldConfig?: {
        readonly overrides?: readonly {
            readonly matcher: { readonly id: string; readonly options?: unknown };
            readonly properties?: readonly { readonly id: string; readonly value?: unknown }[];
        }[];
    };
}

export interface Variable {
    readonly type?: string;
    readonly name?: string;
    readonly query?: string | { readonly query?: string };
    readonly definition?: string;
    readonly current?: { readonly value?: unknown };
    readonly includeAll?: boolean;
    readonly allValue?: string;
}

interface Annotation {
    readonly name?: string;
    readonly expr?: string;
    readonly titleFormat?: string;
    readonly textFormat?: string;
    readonly tagKeys?: string;
}

export interface GrafanaDashboard {
    readonly uid?: string;
    readonly panels?: readonly Panel[];
    readonly templating?: { readonly list?: readonly Variable[] };
    readonly annotations?: { readonly list?: readonly Annotation[] };
    readonly links?: readonly { readonly url?: string }[];
}

/** A dashboard and the file that has it. */
export interface PlacedDashboard {
    readonly place: string;
    readonly dashboard: GrafanaDashboard;
}

interface ConfigMap {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    readonly data?: Readonly<Record<string, string>>;
}

/** The dashboards in the ConfigMaps that Grafana's sidecar reads. */
export function dashboardsIn({ metadata, data = {} }: ConfigMap, place: string): PlacedDashboard[] {
    return metadata?.labels?.grafana_dashboard === undefined
        ? []
        : Object.entries(data).map(([file, text]) => ({
              place: `${place}, ${file}`,
              dashboard: JSON.parse(text) as GrafanaDashboard,
          }));
}

/** The same of all objects that a program registers. */
export function dashboardsOf(registrations: readonly Registration[]): PlacedDashboard[] {
    return registrations.flatMap(({ inputs }) => {
        const object = inputs as ConfigMap & {
            readonly kind?: string;
            readonly metadata?: { readonly name?: string; readonly namespace?: string };
        };
        const { name = "", namespace = "" } = object.metadata ?? {};
        return object.kind === "ConfigMap"
            ? dashboardsIn(object, `ConfigMap ${namespace}/${name}`)
            : [];
    });
}

/** Every panel, those of closed rows too. */
export function panelsIn({ panels = [] }: Pick<Panel, "panels">): Panel[] {
    return panels.flatMap((panel) => [panel, ...panelsIn(panel)]);
}

/** Whether a query is for this kind of data source; one that names none may be. */
function isFor({ datasource }: Target, type: string): boolean {
    return typeof datasource !== "object" || (datasource?.type ?? type) === type;
}

const placeOf = (place: string, { title = "without a title" }: Panel) =>
    `${place}, panel "${title}"`;

/** Every PromQL expression of a dashboard; its templates are the labels that texts beside it name. */
export function dashboardExpressions({ place, dashboard }: PlacedDashboard): Expression[] {
    const expression = (where: string, text: string, ...templates: string[]): Expression => ({
        place: where,
        text: withoutVariables(text),
        added: [],
        // As an alert's texts name them.
        templates: templates.map((each) => each.replace(/\{\{\s*(\w+)\s*\}\}/g, "$labels.$1")),
        dashboard: true,
    });
    return [
        ...panelsIn(dashboard).flatMap((panel) =>
            (panel.targets ?? []).flatMap((target) =>
                target.expr && isFor(target, "prometheus")
                    ? [expression(placeOf(place, panel), target.expr, target.legendFormat ?? "")]
                    : [],
            ),
        ),
        ...(dashboard.templating?.list ?? []).flatMap((variable) => {
            const where = `${place}, variable ${variable.name}`;
            const { series, label, query } = variableQuery(variable);
            return [
                ...(series
                    ? [expression(where, series, ...(isExternal(label) ? [] : [`{{${label}}}`]))]
                    : []),
                ...(query ? [expression(where, query)] : []),
            ];
        }),
        ...(dashboard.annotations?.list ?? []).flatMap(
            ({ name, expr, titleFormat = "", textFormat = "", tagKeys = "" }) =>
                expr
                    ? [
                          expression(
                              `${place}, annotation "${name}"`,
                              expr,
                              titleFormat,
                              textFormat,
                              ...tagKeys.split(",").flatMap((key) => (key ? [`{{${key}}}`] : [])),
                          ),
                      ]
                    : [],
        ),
    ];
}

/** A store of several Prometheus has them, and a cluster's own has not. */
const isExternal = (label: string | undefined) => EXTERNAL_LABELS.includes(label ?? "");

/** What a variable asks for, https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/. */
export function variableQuery({ type, query, definition }: Variable): {
    readonly series?: string;
    readonly label?: string;
    readonly query?: string;
} {
    const text = (typeof query === "string" ? query : query?.query) ?? definition ?? "";
    const values = /^label_values\((?:(.+),)?\s*(\w+)\s*\)$/s.exec(text);
    const result = /^query_result\((.+)\)$/s.exec(text);
    if (type !== "query" && type !== undefined) {
        return {};
    }
    return {
        ...(values?.[1] ? { series: values[1] } : {}),
        ...(values?.[2] ? { label: values[2] } : {}),
        ...(result?.[1] ? { query: result[1] } : {}),
    };
}

/** Durations that Grafana fills in; variables within quotes stay, as any value is allowed there. */
export function withoutVariables(query: string): string {
    return query.replace(
        /\$\{?__?(rate_interval|interval|range|auto)\w*\}?|\$\{?interval\}?/g,
        "5m",
    );
}

/**
 * Names in dashboards that are no PromQL: labels of variables, fields of log searches, and fields of transformations,
 * columns and links, which are labels of the results or what a transformation makes of them.
 */
export function fieldFindings(
    dashboards: readonly PlacedDashboard[],
    index: MetricIndex,
): Finding[] {
    return dashboards.flatMap((placed) => [
        ...variableFindings(placed, index),
        ...searchFindings(placed),
        ...panelsIn(placed.dashboard).flatMap((panel) =>
            columnFindings(placeOf(placed.place, panel), panel, index),
        ),
    ]);
}

/** `label_values(label)` alone: a label of anything. */
function variableFindings({ place, dashboard }: PlacedDashboard, index: MetricIndex): Finding[] {
    return (dashboard.templating?.list ?? []).flatMap((variable) => {
        const { series, label } = variableQuery(variable);
        if (label === undefined || series !== undefined || isExternal(label)) {
            return [];
        }
        const known = new Set(
            index.names().flatMap((name) => index.find(name).flatMap(({ labels }) => [...labels])),
        );
        return known.has(label)
            ? []
            : [
                  finding(
                      `${place}, variable ${variable.name}`,
                      `label_values(${label})`,
                      "label",
                      label,
                      known,
                      "no series is stored with it",
                  ),
              ];
    });
}

/** A field of a search in Lucene's language stands before a colon. */
const SEARCHED = /(?<![\w\\"$.{])([@\w]+(?:\.[\w.-]+)?):(?!:)/g;

function searchFindings({ place, dashboard }: PlacedDashboard): Finding[] {
    const known = new Set<string>(Object.keys(LOG_FIELDS));
    const inText = (where: string, query: string) =>
        [...query.replaceAll(/\$\{[^}]*\}/g, "x").matchAll(SEARCHED)].flatMap(([, field = ""]) =>
            known.has(field.split(".")[0] ?? "")
                ? []
                : [finding(where, query, "field", field, known, "no log document has it")],
        );
    const inTarget = (where: string, target: Target) => {
        const { expr, query, timeField } = target;
        return isFor(target, "elasticsearch")
            ? [
                  ...(expr === undefined && query !== undefined ? inText(where, query) : []),
                  ...(timeField !== undefined && !known.has(timeField)
                      ? [
                            finding(
                                where,
                                timeField,
                                "field",
                                timeField,
                                known,
                                "no log document has it",
                            ),
                        ]
                      : []),
              ]
            : [];
    };
    const inLink = (where: string, { url = "" }: { readonly url?: string }) =>
        searchesOf(url).flatMap((each) => inTarget(where, each));
    return [
        ...panelsIn(dashboard).flatMap((panel) => {
            const where = placeOf(place, panel);
            return [
                ...(panel.targets ?? []).flatMap((target) => inTarget(where, target)),
                ...(panel.links ?? []).flatMap((link) => inLink(where, link)),
            ];
        }),
        ...(dashboard.links ?? []).flatMap((link) => inLink(`${place}, links`, link)),
    ];
}

/** The searches that a link to Explore opens. */
function searchesOf(url: string): Target[] {
    const [, panes] = /^\/explore\?.*\bpanes=([^&]+)/.exec(url) ?? [];
    if (panes === undefined) {
        return [];
    }
    const read = JSON.parse(decodeURIComponent(panes)) as Readonly<
        Record<string, { readonly queries?: readonly Target[] }>
    >;
    return Object.values(read).flatMap(({ queries = [] }) => queries);
}

function columnFindings(place: string, panel: Panel, index: MetricIndex): Finding[] {
    const targets = (panel.targets ?? []).filter((each) => each.expr && isFor(each, "prometheus"));
    if (targets.length === 0) {
        return [];
    }
    const labels = union(
        ...targets.map(
            ({ expr = "" }): Labels =>
                checkExpression(index, withoutVariables(expr), { externalLabels: true }).labels,
        ),
    );
    const values =
        targets.length === 1 ? ["Value"] : targets.map(({ refId = "" }) => `Value #${refId}`);
    const fields = labels && new Set([...labels, ...values, "Time"]);
    const unknown = (field: string, known: Labels, why: string) =>
        known && !known.has(field) ? [finding(place, field, "field", field, known, why)] : [];
    const transformed = (panel.transformations ?? []).map(({ options = {} }) => options);
    const named = transformed.flatMap((options) => [
        ...(options.include?.names ?? []),
        ...Object.keys(options.indexByName ?? {}),
        ...Object.keys(options.excludeByName ?? {}),
        ...Object.keys(options.renameByName ?? {}),
    ]);
    const titles = transformed.flatMap(({ renameByName = {} }) => Object.values(renameByName));
    const columns = fields && new Set([...fields, ...titles]);
    const overrides = panel.fieldConfig?.overrides ?? [];
    const linked = [
        ...JSON.stringify(panel).matchAll(/\$\{__data\.fields(?:\.(\w+)|\[\\?"([^"\\]+)\\?"\])/g),
    ].map(([, name, quoted]) => name ?? quoted ?? "");
    return [
        ...[...new Set(named)].flatMap((field) =>
            unknown(field, fields, "a transformation names it and no query has it"),
        ),
        ...(panel.type === "table"
            ? [
                  ...overrides.flatMap(({ matcher: { id, options } }) =>
                      id === "byName"
                          ? unknown(String(options), columns, "an override names it")
                          : [],
                  ),
                  ...(panel.options?.sortBy ?? []).flatMap(({ displayName }) =>
                      unknown(displayName, columns, "rows are sorted by it"),
                  ),
                  ...linked.flatMap((field) => unknown(field, columns, "a link names it")),
              ]
            : []),
    ];
}

function finding(
    place: string,
    text: string,
    kind: Finding["kind"],
    name: string,
    known: ReadonlySet<string>,
    why: string,
): Finding {
    const candidates = [...known].sort();
    const near = suggestion(name, candidates).trim() || "nothing has a similar name";
    return { place, text, kind, unknown: name, message: `${kind} "${name}": ${why}; ${near}` };
}

/** The index without what drop lists remove. */
export function indexWithout(drops: readonly Drop[]): MetricIndex {
    const index = MetricIndex.ofCatalogue();
    drops.forEach(({ exposer, pattern }) => index.drop(exposer, pattern));
    return index;
}
