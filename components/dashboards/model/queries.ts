import type { PrometheusQueryJson } from "./types";

/** The data source that a reader has chosen: the variable `datasource`. */
export const PROMETHEUS = { type: "prometheus", uid: "${datasource}" };

/** A PromQL query of a panel. */
export interface PrometheusQuery {
    readonly expr: string;
}

export interface Query extends PrometheusQuery {
    /** Name of a result; `{{label}}` stands for the value of a label. */
    readonly legend?: string;
    /** The newest value alone. */
    readonly instant?: boolean;
    readonly table?: boolean;
    /** Where an alert fires: a dashed line. */
    readonly threshold?: boolean;
}

/** A query with the name of its results. */
export function query(expr: string, legend: string): Query {
    return { expr, legend };
}

/** One value, of now. */
export function now(expr: string, legend = ""): Query {
    return { expr, legend, instant: true };
}

/** The line above which an alert fires. */
export function threshold(expr: string, legend: string): Query {
    return { expr, legend, threshold: true };
}

/** The highest of many, so that a graph stays readable with All. */
export function top(expression: string, count = 20): string {
    return `topk(${count}, ${expression})`;
}

/** The lowest of many, where little is bad. */
export function bottom(expression: string, count = 20): string {
    return `bottomk(${count}, ${expression})`;
}

/** The queries of a panel with their names: A, B and so on. */
export function orderedQueries(queries: readonly Query[]): PrometheusQueryJson[] {
    return queries.map(({ expr, legend, instant = false, table = false }, place) => ({
        refId: String.fromCharCode(65 + place),
        datasource: PROMETHEUS,
        editorMode: "code",
        expr,
        ...(legend ? { legendFormat: legend } : {}),
        instant,
        range: !instant,
        format: table ? "table" : "time_series",
    }));
}
