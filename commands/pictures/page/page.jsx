/* global document, window */
import "@fontsource/inter/latin-400.css";
import "@fontsource/inter/latin-500.css";
import "@fontsource/roboto-mono/latin-400.css";
import {
    applyFieldOverrides,
    cacheFieldDisplayNames,
    createTheme,
    dateTime,
    FieldConfigOptionsRegistry,
    FieldType,
    getFieldDisplayValues,
    identityOverrideProcessor,
    renderMarkdown,
    standardTransformers,
    standardTransformersRegistry,
    ThemeContext,
    toDataFrame,
    transformDataFrame,
} from "@grafana/data";
import {
    BigValue,
    GlobalStyles,
    PanelChrome,
    PanelContextProvider,
    PortalContainer,
    TimeSeries,
    VizRepeater,
} from "@grafana/ui";
import { TableNG } from "@grafana/ui/unstable";
import { EventBusSrv } from "@grafana/data";
import { createRoot } from "react-dom/client";

/**
 * Draws one dashboard as Grafana lays it out, from its JSON and from what a Prometheus has answered to its queries.
 * `window.draw` is called by commands/pictures/browser.ts.
 */

/** Grafana's: columns, the height of a row, and the space between panels. */
const COLUMNS = 24;
const ROW = 30;
const GAP = 8;
/** Below this width Grafana puts each panel below the one before. */
const NARROW = 769;
const PADDING = 16;
/** Grafana's own bars: name, links, variables. */
const BARS = 150;

standardTransformersRegistry.setInit(() =>
    ["merge", "filterFieldsByName", "organize"].map((id) => {
        const transformation = Object.values(standardTransformers).find((each) => each.id === id);
        return { id, name: id, transformation: () => Promise.resolve(transformation) };
    }),
);

/** The settings of fields that our panels use: Grafana's server registers them, and publishes no list. */
const FIELD_SETTINGS = [
    ...[
        "unit",
        "decimals",
        "min",
        "max",
        "noValue",
        "color",
        "mappings",
        "thresholds",
        "links",
    ].map((id) => ({ id, path: id, isCustom: false })),
    ...[
        ...[
            "drawStyle",
            "lineInterpolation",
            "lineWidth",
            "fillOpacity",
            "showPoints",
            "spanNulls",
        ],
        ...[
            "stacking",
            "thresholdsStyle",
            "lineStyle",
            "align",
            "cellOptions",
            "inspect",
            "width",
            "minWidth",
            "axisSoftMax",
        ],
    ].map((path) => ({ id: `custom.${path}`, path, isCustom: true })),
];
const REGISTRY = new FieldConfigOptionsRegistry(() =>
    FIELD_SETTINGS.map((each) => ({
        ...each,
        name: each.id,
        process: identityOverrideProcessor,
        shouldApply: () => true,
        settings: {},
    })),
);

/** The frames that Grafana's data source makes of an answer. */
function framesOf({ refId, legend, table, result }, several) {
    const labels = [...new Set(result.flatMap(({ metric }) => Object.keys(metric)))].sort();
    if (table) {
        const rows = result.map(({ metric, values }) => ({ metric, last: values.at(-1) }));
        return [
            toDataFrame({
                refId,
                fields: [
                    field(
                        "Time",
                        FieldType.time,
                        rows.map(({ last: [at] }) => at * 1000),
                    ),
                    ...labels.map((label) =>
                        field(
                            label,
                            FieldType.string,
                            rows.map(({ metric }) => metric[label] ?? ""),
                        ),
                    ),
                    field(
                        several ? `Value #${refId}` : "Value",
                        FieldType.number,
                        rows.map(({ last: [, value] }) => Number(value)),
                    ),
                ],
            }),
        ];
    }
    return result.map(({ metric, values }) =>
        toDataFrame({
            refId,
            name: nameOf(legend, metric),
            fields: [
                field(
                    "Time",
                    FieldType.time,
                    values.map(([at]) => at * 1000),
                ),
                {
                    ...field(
                        "Value",
                        FieldType.number,
                        values.map(([, value]) => Number(value)),
                    ),
                    labels: metric,
                    config: { displayNameFromDS: nameOf(legend, metric) },
                },
            ],
        }),
    );
}

const field = (name, type, values) => ({ name, type, values, config: {} });

function nameOf(legend, { __name__: name = "", ...labels }) {
    if (legend) {
        return legend.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => labels[label] ?? "");
    }
    const text = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return text.length > 0 ? `${name}{${text.join(", ")}}` : name || "Value";
}

async function dataOf(panel, answers, theme, context) {
    const asked = answers.filter(({ refId }) => panel.targets.some((each) => each.refId === refId));
    const several = panel.targets.length > 1;
    const frames = asked.flatMap((answer) => framesOf(answer, several));
    const filled = frames.filter(({ length }) => length > 0);
    const transformed =
        filled.length > 0 && panel.transformations
            ? await new Promise((resolve, reject) =>
                  transformDataFrame(panel.transformations, filled, {
                      interpolate: (text) => text,
                  }).subscribe({ next: resolve, error: reject }),
              )
            : filled;
    const data = applyFieldOverrides({
        data: transformed,
        fieldConfig: panel.fieldConfig,
        fieldConfigRegistry: REGISTRY,
        replaceVariables: context.replace,
        theme,
        timeZone: "utc",
    });
    cacheFieldDisplayNames(data);
    return data;
}

function Centred({ children, theme }) {
    return (
        <div
            style={{
                display: "flex",
                height: "100%",
                alignItems: "center",
                justifyContent: "center",
                textAlign: "center",
                color: theme.colors.text.secondary,
            }}
        >
            {children}
        </div>
    );
}

function Stat({ panel, data, theme, width, height }) {
    const { options, fieldConfig } = panel;
    const values = getFieldDisplayValues({
        fieldConfig,
        reduceOptions: options.reduceOptions,
        replaceVariables: (text) => text,
        theme,
        data,
        sparkline: options.graphMode !== "none",
        timeZone: "utc",
    });
    return (
        <VizRepeater
            getValues={() => values}
            source={data}
            width={width}
            height={height}
            itemSpacing={3}
            orientation={options.orientation}
            autoGrid={true}
            renderCounter={0}
            renderValue={({ value: { display, sparkline }, width, height, count }) => (
                <BigValue
                    value={display}
                    count={count}
                    sparkline={sparkline}
                    colorMode={options.colorMode}
                    graphMode={options.graphMode}
                    justifyMode={options.justifyMode}
                    textMode={options.textMode}
                    wideLayout={options.wideLayout}
                    theme={theme}
                    width={width}
                    height={height}
                />
            )}
        />
    );
}

function Graph({ panel, data, theme, width, height, range }) {
    return data.length === 0 ? (
        <Centred theme={theme}>{panel.fieldConfig.defaults.noValue}</Centred>
    ) : (
        <TimeSeries
            frames={data}
            structureRev={1}
            width={width}
            height={height}
            legend={panel.options.legend}
            options={panel.options}
            timeRange={range}
            timeZone="utc"
        />
    );
}

function Rows({ panel, data, theme, width, height, range }) {
    return data.length === 0 || data[0].length === 0 ? (
        <Centred theme={theme}>{panel.fieldConfig.defaults.noValue}</Centred>
    ) : (
        <TableNG
            data={data[0]}
            width={width}
            height={height}
            cellHeight={panel.options.cellHeight}
            sortBy={panel.options.sortBy}
            fieldConfig={panel.fieldConfig}
            getActions={() => []}
            timeRange={range}
            structureRev={1}
        />
    );
}

function Links({ panel, context, theme }) {
    const shown = context.dashboards.filter(({ tags }) =>
        panel.options.tags.every((tag) => tags.includes(tag)),
    );
    return (
        <div style={{ overflow: "hidden", height: "100%", columns: 2 }}>
            {shown.map(({ uid, title }) => (
                <div key={uid} style={{ padding: "3px 8px", color: theme.colors.text.link }}>
                    {title}
                </div>
            ))}
        </div>
    );
}

const KINDS = {
    stat: Stat,
    timeseries: Graph,
    table: Rows,
    dashlist: Links,
    text: ({ panel }) => (
        <div
            className="markdown-html"
            dangerouslySetInnerHTML={{ __html: renderMarkdown(panel.options.content) }}
        />
    ),
    logs: ({ theme }) => (
        <Centred theme={theme}>Log lines: no Elasticsearch is asked for this picture</Centred>
    ),
};

function Framed({ panel, data, place, ...rest }) {
    const Kind = KINDS[panel.type];
    return (
        <div style={{ position: "absolute", ...place }}>
            <PanelChrome
                title={panel.title}
                description={panel.description}
                width={place.width}
                height={place.height}
                padding={panel.type === "stat" || panel.type === "table" ? "none" : "md"}
            >
                {(width, height) => (
                    <Kind panel={panel} data={data} width={width} height={height} {...rest} />
                )}
            </PanelChrome>
        </div>
    );
}

function Bars({ dashboard, context, theme }) {
    const line = {
        display: "flex",
        gap: 8,
        alignItems: "center",
        height: BARS / 3,
        overflow: "hidden",
    };
    const box = {
        border: `1px solid ${theme.colors.border.medium}`,
        borderRadius: 4,
        padding: "3px 8px",
        whiteSpace: "nowrap",
    };
    const { border: _, ...link } = { ...box, color: theme.colors.text.link };
    return (
        <div style={{ height: BARS, padding: `0 ${PADDING}px`, width: "100%", overflow: "hidden" }}>
            <div style={line}>
                <strong style={{ whiteSpace: "nowrap" }}>{dashboard.title}</strong>
                <span
                    style={{
                        color: theme.colors.text.secondary,
                        overflow: "hidden",
                        whiteSpace: "nowrap",
                    }}
                >
                    {context.note}
                </span>
            </div>
            <div style={line}>
                <span style={box}>{context.time}</span>
                {dashboard.links.map(({ title }) => (
                    <span key={title} style={link}>
                        {title} ↗
                    </span>
                ))}
            </div>
            <div style={line}>
                {context.variables.map(({ label, value }) => (
                    <span key={label} style={box}>
                        <span style={{ color: theme.colors.text.secondary }}>{label}</span> {value}
                    </span>
                ))}
            </div>
        </div>
    );
}

/** Where each panel is, in pixels; a row's header has its own height. */
function placesOf(panels, width) {
    const inner = width - 2 * PADDING;
    const column = (inner - (COLUMNS - 1) * GAP) / COLUMNS;
    const height = (h) => h * ROW + (h - 1) * GAP;
    if (width < NARROW) {
        let top = 0;
        return panels.map(({ gridPos: { h } }) => {
            const place = { left: PADDING, top: BARS + top, width: inner, height: height(h) };
            top += height(h) + GAP;
            return place;
        });
    }
    return panels.map(({ gridPos: { x, y, w, h } }) => ({
        left: PADDING + x * (column + GAP),
        top: BARS + y * (ROW + GAP),
        width: w * column + (w - 1) * GAP,
        height: height(h),
    }));
}

const root = createRoot(document.getElementById("page"));

/** Draws, and returns the height of the whole, in pixels. */
window.draw = async ({ dashboard, answers, mode, width, context }) => {
    const theme = createTheme({ colors: { mode } });
    const range = { from: dateTime(context.from * 1000), to: dateTime(context.to * 1000) };
    const replaced = { ...context, replace: (text) => text };
    const data = await Promise.all(
        dashboard.panels.map((panel) =>
            panel.targets ? dataOf(panel, answers[panel.id] ?? [], theme, replaced) : [],
        ),
    );
    const places = placesOf(dashboard.panels, width);
    const bottom = Math.max(...places.map(({ top, height }) => top + height)) + PADDING;
    const eventBus = new EventBusSrv();
    root.render(
        <ThemeContext.Provider key={`${dashboard.uid} ${mode} ${width}`} value={theme}>
            <GlobalStyles />
            <PanelContextProvider value={{ eventsScope: "x", eventBus }}>
                <div
                    style={{
                        position: "relative",
                        width,
                        height: bottom,
                        background: theme.colors.background.canvas,
                        overflow: "hidden",
                    }}
                >
                    <Bars dashboard={dashboard} context={context} theme={theme} />
                    {dashboard.panels.map((panel, i) =>
                        panel.type === "row" ? (
                            <div
                                key={panel.id}
                                style={{
                                    position: "absolute",
                                    ...places[i],
                                    paddingTop: 6,
                                    fontWeight: 500,
                                }}
                            >
                                ⌄ {panel.title}
                            </div>
                        ) : (
                            <Framed
                                key={panel.id}
                                panel={panel}
                                data={data[i]}
                                place={places[i]}
                                theme={theme}
                                range={{ ...range, raw: range }}
                                context={context}
                            />
                        ),
                    )}
                </div>
                <PortalContainer />
            </PanelContextProvider>
        </ThemeContext.Provider>,
    );
    await document.fonts.ready;
    return bottom;
};

/** Resolves when everything is drawn: nothing has changed on the page for a while. */
window.settled = () =>
    new Promise((resolve) => {
        let timer;
        const quiet = () => {
            clearTimeout(timer);
            timer = setTimeout(() => {
                observer.disconnect();
                resolve(window.failures);
            }, 400);
        };
        const observer = new MutationObserver(quiet);
        observer.observe(document.body, { subtree: true, childList: true, attributes: true });
        quiet();
    });
