import type { Json } from "../setup/plan";
import type { Visualization } from "./objects";
import type { IndexedField } from "./query";

/** States of Kibana's aggregation-based visualizations. */

type State = Visualization["state"];

/** The number that a chart shows. */
export type Metric =
    | { readonly type: "count" }
    | { readonly type: "max"; readonly field: IndexedField }
    | { readonly type: "percentile"; readonly field: IndexedField; readonly percent: number };

const COUNT: Metric = { type: "count" };
const METRIC_ID = "1";

/** Bars over time, stacked by a field. */
export function barsOverTime(split: IndexedField): State {
    return {
        type: "histogram",
        aggs: [metric(COUNT), timeAgg(), terms("3", "group", split, 10)],
        params: axes("histogram", "stacked", "Lines"),
    };
}

/** A line over time for each value of a field. */
export function linesOverTime(shown: Metric, label: string, split: IndexedField): State {
    return {
        type: "line",
        aggs: [metric(shown), timeAgg(), terms("3", "group", split, 10)],
        params: axes("line", "normal", label),
    };
}

/** The most frequent values of fields, one row for each combination. */
export function topTable(
    fields: readonly IndexedField[],
    rows: number,
    shown: Metric = COUNT,
): State {
    return {
        type: "table",
        aggs: [
            metric(shown),
            ...fields.map((field, at) => terms(String(at + 2), "bucket", field, rows)),
        ],
        params: {
            perPage: 10,
            showPartialRows: false,
            showMetricsAtAllLevels: false,
            showTotal: false,
            showToolbar: true,
            totalFunc: "sum",
            percentageCol: "",
        },
    };
}

/** When each value of a field came first and last, and how often. */
export function firstAndLastSeen(field: IndexedField, rows: number): State {
    const { params } = topTable([field], rows);
    const seen = (id: string, type: "min" | "max") =>
        agg(id, type, "metric", { field: "@timestamp" });
    return {
        type: "table",
        aggs: [
            metric(COUNT),
            seen("3", "min"),
            seen("4", "max"),
            terms("2", "bucket", field, rows),
        ],
        params,
    };
}

/** The shares of a field's values. */
export function shares(field: IndexedField): State {
    return {
        type: "pie",
        aggs: [metric(COUNT), terms("2", "segment", field, 10)],
        params: {
            type: "pie",
            addTooltip: true,
            legendDisplay: "show",
            legendPosition: "right",
            nestedLegend: false,
            truncateLegend: true,
            maxLegendLines: 1,
            distinctColors: true,
            isDonut: true,
            emptySizeRatio: 0.3,
            palette: { type: "palette", name: "default" },
            labels: {
                show: true,
                last_level: true,
                values: true,
                valuesFormat: "percent",
                percentDecimals: 0,
                truncate: 100,
                position: "default",
            },
        },
    };
}

function metric(shown: Metric): Json {
    switch (shown.type) {
        case "count":
            return agg(METRIC_ID, "count", "metric", {});
        case "max":
            return agg(METRIC_ID, "max", "metric", { field: shown.field });
        case "percentile":
            return agg(METRIC_ID, "percentiles", "metric", {
                field: shown.field,
                percents: [shown.percent],
            });
    }
}

function timeAgg(): Json {
    return agg("2", "date_histogram", "segment", {
        field: "@timestamp",
        interval: "auto",
        useNormalizedEsInterval: true,
        scaleMetricValues: false,
        drop_partials: false,
        min_doc_count: 1,
        extended_bounds: {},
    });
}

function terms(id: string, schema: string, field: IndexedField, size: number): Json {
    return agg(id, "terms", schema, {
        field,
        ...BY_COUNT,
        size,
        otherBucket: false,
        missingBucket: false,
    });
}

/** Whatever a chart shows: a percentile cannot be ordered by. */
const BY_COUNT = {
    orderBy: "custom",
    order: "desc",
    orderAgg: { id: "order", enabled: true, type: "count", schema: "orderAgg", params: {} },
};

function agg(id: string, type: string, schema: string, params: Json): Json {
    return { id, enabled: true, type, schema, params };
}

function axes(type: "histogram" | "line", mode: "stacked" | "normal", label: string): Json {
    return {
        type,
        grid: { categoryLines: false },
        categoryAxes: [
            {
                id: "CategoryAxis-1",
                type: "category",
                position: "bottom",
                show: true,
                scale: { type: "linear" },
                labels: { show: true, filter: true, truncate: 100 },
                title: {},
                style: {},
            },
        ],
        valueAxes: [
            {
                id: "ValueAxis-1",
                name: "LeftAxis-1",
                type: "value",
                position: "left",
                show: true,
                scale: { type: "linear", mode: "normal" },
                labels: { show: true, rotate: 0, filter: false, truncate: 100 },
                title: { text: label },
                style: {},
            },
        ],
        seriesParams: [
            {
                show: true,
                type,
                mode,
                data: { id: METRIC_ID, label },
                valueAxis: "ValueAxis-1",
                drawLinesBetweenPoints: true,
                lineWidth: 2,
                showCircles: true,
                interpolate: "linear",
            },
        ],
        addTooltip: true,
        addLegend: true,
        legendPosition: "right",
        times: [],
        addTimeMarker: false,
        labels: { show: false },
        thresholdLine: { show: false, value: 10, width: 1, style: "full", color: "#E7664C" },
    };
}
