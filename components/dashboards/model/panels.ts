import type { DashboardLink } from "./links";
import { orderedQueries, PrometheusQuery, PROMETHEUS, Query } from "./queries";
import type {
    FieldJson,
    LogsQueryJson,
    MappingJson,
    PanelJson,
    PanelKinds,
    ThresholdsJson,
    TransformationJson,
} from "./types";

/** A panel before it has an id and a place. */
export interface Panel {
    /** Columns, of 24, and rows of about 38 pixels. */
    readonly width: number;
    readonly height: number;
    readonly json: PanelJson;
}

/** What every panel has. */
interface PanelText {
    readonly title: string;
    /** What a reader learns from it, and what is good; shown at the panel's title. */
    readonly description: string;
    readonly width?: number;
    readonly height?: number;
    readonly links?: readonly DashboardLink[];
    /** What stands there while the query has no result. */
    readonly noValue?: string;
}

/** A panel with numbers. */
interface NumbersPanel extends PanelText {
    /** https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts */
    readonly unit: Unit;
    readonly queries: readonly Query[];
    readonly thresholds?: ThresholdsJson;
    readonly mappings?: readonly MappingJson[];
    readonly decimals?: number;
    readonly min?: number;
    readonly max?: number;
    /** No finer than this: a rate needs some scrapes. */
    readonly interval?: string;
    /** How far back, where that is not the dashboard's time. */
    readonly timeFrom?: string;
}

export type Unit =
    | "none"
    | "short"
    | "percentunit"
    | "bytes"
    | "Bps"
    | "s"
    | "dtdurations"
    | "ms"
    | "µs"
    | "ops"
    | "reqps"
    | "cps"
    | "cores"
    | "dateTimeFromNow"
    | "currency"
    | `currency${string}`
    | `suffix:${string}`;

/** As often as a dashboard refreshes. */
const INTERVAL = "1m";
const NO_DATA = "no data";
const EMPTY_CELL = "–";

/** One number or state each, with its colour; the newest value unless `calc` says otherwise. */
export function stat(
    args: NumbersPanel & {
        readonly calc?: "lastNotNull" | "max" | "sum";
        /** A line of the time before beside the number. */
        readonly spark?: boolean;
        readonly text?: "auto" | "value" | "name" | "value_and_name";
        /** A colour without a meaning, where no value is bad. */
        readonly plain?: boolean;
    },
): Panel {
    const options: PanelKinds["stat"]["options"] = {
        graphMode: args.spark ? "area" : "none",
        colorMode: args.plain ? "none" : "background_solid",
        justifyMode: "auto",
        textMode: args.text ?? "auto",
        wideLayout: true,
        showPercentChange: false,
        percentChangeColorMode: "standard",
        orientation: "auto",
        reduceOptions: { calcs: [args.calc ?? "lastNotNull"], fields: "", values: false },
    };
    return numbers("stat", args, { width: 3, height: 4 }, options, {
        color: { mode: "thresholds" },
        thresholds: args.thresholds ?? NEUTRAL,
    });
}

/** Lines over time; a query with `threshold` is a dashed line above which an alert fires. */
export function timeseries(
    args: NumbersPanel & {
        readonly stacked?: boolean;
        readonly bars?: boolean;
        /** Beside a line the last and the highest value of each. */
        readonly table?: boolean;
        /** By the name of a line, where its colour says something. */
        readonly colors?: Readonly<Record<string, "red" | "orange" | "blue">>;
    },
): Panel {
    const options: PanelKinds["timeseries"]["options"] = {
        legend: {
            showLegend: true,
            displayMode: args.table ? "table" : "list",
            placement: "bottom",
            calcs: args.table ? ["lastNotNull", "max"] : [],
        },
        tooltip: { mode: "multi", sort: "desc" },
    };
    const custom: PanelKinds["timeseries"]["custom"] = {
        drawStyle: args.bars ? "bars" : "line",
        lineInterpolation: "linear",
        lineWidth: 1,
        // Areas of many lines that lie on one another hide them.
        fillOpacity: args.stacked ? 30 : args.bars ? 60 : 0,
        showPoints: "never",
        spanNulls: false,
        stacking: { mode: args.stacked ? "normal" : "none" },
        thresholdsStyle: { mode: args.thresholds ? "dashed" : "off" },
        // A line of zeros would have an axis up to 10000 %.
        ...(args.unit === "percentunit" ? { axisSoftMax: 0.01 } : {}),
    };
    const panel = numbers("timeseries", args, { width: 8, height: 8 }, options, {
        color: { mode: "palette-classic" },
        custom,
        ...(args.thresholds ? { thresholds: args.thresholds } : {}),
    });
    const limits = args.queries
        .filter(({ threshold }) => threshold)
        .map(({ legend = "" }) => ({
            matcher: { id: "byRegexp", options: legendPattern(legend) },
            properties: [
                { id: "color", value: { mode: "fixed", fixedColor: "red" } },
                { id: "custom.lineStyle", value: { fill: "dash", dash: [10, 10] } },
                { id: "custom.fillOpacity", value: 0 },
                { id: "custom.stacking", value: { mode: "none" } },
            ],
        }));
    const colors = Object.entries(args.colors ?? {}).map(([name, fixedColor]) => ({
        matcher: { id: "byName", options: name },
        properties: [{ id: "color", value: { mode: "fixed", fixedColor } }],
    }));
    const { fieldConfig } = panel.json;
    return {
        ...panel,
        json: {
            ...panel.json,
            fieldConfig: {
                defaults: fieldConfig?.defaults ?? {},
                overrides: [...limits, ...colors],
            },
        },
    };
}

/** Any value of a label may stand in its place. */
function legendPattern(legend: string): string {
    const escaped = legend
        .split(/\{\{[^}]*\}\}/)
        .map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
    return `/^${escaped.join(".*")}$/`;
}

/** A column of a table: a label of the results, or a query by its place. */
export interface Column {
    readonly title: string;
    readonly unit?: Unit;
    readonly decimals?: number;
    readonly thresholds?: ThresholdsJson;
    readonly mappings?: readonly MappingJson[];
    /** Where a click on the cell leads. */
    readonly link?: { readonly title: string; readonly url: string };
    readonly width?: number;
}

/** The newest value of each query, a row for each set of labels. */
export function table(
    args: PanelText & {
        readonly queries: readonly PrometheusQuery[];
        /** Labels that are shown, in this order; others are hidden. */
        readonly labels: Readonly<Record<string, Column | string>>;
        /** What the value of each query is; `undefined` hides it. */
        readonly values: readonly (Column | undefined)[];
        /** Title of the column that rows are sorted by, the largest first unless `ascending`. */
        readonly sort?: string;
        readonly ascending?: boolean;
    },
): Panel {
    const { queries, values } = args;
    const asked = queries.map((query) => ({ ...query, instant: true, table: true }));
    const labels = Object.entries(args.labels).map(([field, column]): [string, Column] => [
        field,
        typeof column === "string" ? { title: column } : column,
    ]);
    const valueField = (place: number): string =>
        queries.length === 1 ? "Value" : `Value #${refId(place)}`;
    const columns = [
        ...labels,
        ...values.flatMap((column, place): [string, Column][] =>
            column ? [[valueField(place), column]] : [],
        ),
    ];
    const hidden = values.flatMap((column, place) => (column ? [] : [valueField(place)]));
    const transformations: TransformationJson[] = [
        ...(queries.length > 1 ? [{ id: "merge", options: {} }] : []),
        {
            id: "filterFieldsByName",
            options: { include: { names: columns.map(([field]) => field) } },
        },
        {
            id: "organize",
            options: {
                excludeByName: Object.fromEntries(hidden.map((field) => [field, true])),
                indexByName: Object.fromEntries(columns.map(([field], place) => [field, place])),
                renameByName: Object.fromEntries(
                    columns.map(([field, { title }]) => [field, title]),
                ),
            },
        },
    ];
    const options: PanelKinds["table"]["options"] = {
        frameIndex: 0,
        showHeader: true,
        cellHeight: "sm",
        ...(args.sort ? { sortBy: [{ displayName: args.sort, desc: !args.ascending }] } : {}),
    };
    const custom: PanelKinds["table"]["custom"] = {
        align: "auto",
        // Columns share the width of the panel: with Grafana's own 150, the last ones would be out of sight.
        minWidth: 60,
        inspect: false,
        cellOptions: { type: "auto" },
    };
    const panel = numbers(
        "table",
        { ...args, unit: "none", queries: asked },
        { width: 12, height: 8 },
        options,
        { color: { mode: "thresholds" }, thresholds: NEUTRAL, custom },
    );
    return {
        ...panel,
        json: {
            ...panel.json,
            transformations,
            fieldConfig: {
                defaults: panel.json.fieldConfig?.defaults ?? {},
                overrides: columns.map(([, column]) => override(column)),
            },
        },
    };
}

const NOTHING: MappingJson = {
    type: "special",
    options: { match: "null", result: { text: EMPTY_CELL, color: "text" } },
};

function override({ title, unit, decimals, thresholds, mappings, link, width }: Column) {
    const coloured = thresholds ?? mappings;
    // What is not there is neither good nor bad.
    const mapped = thresholds ? [...(mappings ?? []), NOTHING] : mappings;
    return {
        matcher: { id: "byName", options: title },
        properties: [
            ...(unit ? [{ id: "unit", value: unit }] : []),
            ...(decimals === undefined ? [] : [{ id: "decimals", value: decimals }]),
            ...(thresholds ? [{ id: "thresholds", value: thresholds }] : []),
            ...(mapped ? [{ id: "mappings", value: mapped }] : []),
            ...(coloured ? [{ id: "custom.cellOptions", value: { type: "color-text" } }] : []),
            ...(link ? [{ id: "links", value: [link] }] : []),
            ...(width ? [{ id: "custom.width", value: width }] : []),
            // A cell without a value would say what the whole panel says without any.
            { id: "noValue", value: EMPTY_CELL },
        ],
    };
}

/** Lines of a log, the newest first. `query` is Lucene's. */
export function logs(
    args: PanelText & { readonly dataSource: string; readonly query: string },
): Panel {
    const dataSource = { type: "elasticsearch", uid: args.dataSource };
    const target: LogsQueryJson = {
        refId: "A",
        datasource: dataSource,
        query: args.query,
        timeField: "@timestamp",
        metrics: [{ id: "1", type: "logs", settings: { limit: "200" } }],
        bucketAggs: [],
    };
    const options: PanelKinds["logs"]["options"] = {
        showLabels: false,
        showCommonLabels: false,
        showTime: true,
        showLogContextToggle: false,
        wrapLogMessage: true,
        prettifyLogMessage: false,
        enableLogDetails: true,
        sortOrder: "Descending",
        dedupStrategy: "none",
    };
    return {
        width: args.width ?? 24,
        height: args.height ?? 10,
        json: {
            ...heading("logs", args),
            datasource: dataSource,
            targets: [target],
            options,
            fieldConfig: {
                defaults: { unit: "none", noValue: args.noValue ?? "no lines" },
                overrides: [],
            },
        },
    };
}

/** Markdown. */
export function text(args: PanelText & { readonly content: string }): Panel {
    const options: PanelKinds["text"]["options"] = { mode: "markdown", content: args.content };
    return {
        width: args.width ?? 6,
        height: args.height ?? 8,
        json: {
            ...heading("text", args),
            options,
            fieldConfig: { defaults: { unit: "none" }, overrides: [] },
        },
    };
}

/** Links to the dashboards with a tag, with the variables and the time of this one. */
export function dashboardList(args: PanelText & { readonly tags: readonly string[] }): Panel {
    const options: PanelKinds["dashlist"]["options"] = {
        keepTime: true,
        includeVars: true,
        showStarred: false,
        showRecentlyViewed: false,
        showSearch: true,
        showHeadings: false,
        showFolderNames: true,
        maxItems: 30,
        query: "",
        tags: [...args.tags],
    };
    return {
        width: args.width ?? 6,
        height: args.height ?? 8,
        json: {
            ...heading("dashlist", args),
            options,
            fieldConfig: { defaults: { unit: "none" }, overrides: [] },
        },
    };
}

function numbers<Kind extends keyof PanelKinds>(
    type: Kind,
    args: NumbersPanel,
    size: { readonly width: number; readonly height: number },
    options: PanelKinds[Kind]["options"],
    field: FieldJson,
): Panel {
    const { unit, decimals, min, max, mappings, interval = INTERVAL, timeFrom } = args;
    return {
        width: args.width ?? size.width,
        height: args.height ?? size.height,
        json: {
            ...heading(type, args),
            datasource: PROMETHEUS,
            targets: orderedQueries(args.queries),
            interval,
            ...(timeFrom ? { timeFrom } : {}),
            options,
            fieldConfig: {
                defaults: {
                    ...field,
                    unit,
                    noValue: args.noValue ?? NO_DATA,
                    ...(decimals === undefined ? {} : { decimals }),
                    ...(min === undefined ? {} : { min }),
                    ...(max === undefined ? {} : { max }),
                    ...(mappings ? { mappings: [...mappings] } : {}),
                },
                overrides: [],
            },
        },
    };
}

function heading(type: string, { title, description, links = [] }: PanelText) {
    return { type, title, description, ...(links.length > 0 ? { links: [...links] } : {}) };
}

/** Name of a query by its place. */
export function refId(place: number): string {
    return String.fromCharCode(65 + place);
}

const NEUTRAL: ThresholdsJson = { mode: "absolute", steps: [{ value: null, color: "text" }] };

/** Good below the first value, then worse with each. */
export function worseFrom(
    ...steps: readonly (readonly [number, "orange" | "red"])[]
): ThresholdsJson {
    return {
        mode: "absolute",
        steps: [
            { value: null, color: "green" },
            ...steps.map(([value, color]) => ({ value, color })),
        ],
    };
}

/** Bad below the first value, then better with each. */
export function betterFrom(
    ...steps: readonly (readonly [number, "orange" | "green"])[]
): ThresholdsJson {
    return {
        mode: "absolute",
        steps: [
            { value: null, color: "red" },
            ...steps.map(([value, color]) => ({ value, color })),
        ],
    };
}

/** Words in place of values. */
export function words(
    values: Readonly<
        Record<string, readonly [text: string, color: "green" | "orange" | "red" | "blue" | "text"]>
    >,
): MappingJson[] {
    return [
        {
            type: "value",
            options: Object.fromEntries(
                Object.entries(values).map(([value, [text, color]], index) => [
                    value,
                    { text, color, index },
                ]),
            ),
        },
    ];
}
