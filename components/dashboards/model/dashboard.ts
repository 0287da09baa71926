import type { DashboardLink } from "./links";
import type { Panel } from "./panels";
import { PROMETHEUS } from "./queries";
import type { AnnotationJson, DashboardJson, PanelJson, RowJson, VariableJson } from "./types";

/** Panels side by side, as many as fit. */
export interface Row {
    /** None for the first row, which is the answer. */
    readonly title?: string;
    readonly panels: readonly Panel[];
    /** Closed until a reader opens it: its queries run then. */
    readonly collapsed?: true;
    /** Variable for each of whose values the row is there once. */
    readonly repeat?: string;
}

/** A dashboard as a whole. */
export interface DashboardSpec {
    readonly uid: string;
    readonly title: string;
    readonly description: string;
    readonly tags: readonly string[];
    readonly variables: readonly VariableJson[];
    readonly rows: readonly Row[];
    readonly links: readonly DashboardLink[];
    readonly annotations?: readonly AnnotationJson[];
    /** How far back it looks at first; one hour when not given. */
    readonly from?: string;
    readonly refresh?: string;
}

const COLUMNS = 24;
/** Version of the schema that this is written in, of https://github.com/grafana/grafana/blob/main/kinds/dashboard/dashboard_kind.cue. */
const SCHEMA_VERSION = 42;

/** The JSON of a dashboard: panels get their ids and places. */
export function dashboardJson(spec: DashboardSpec): DashboardJson {
    return {
        uid: spec.uid,
        title: spec.title,
        description: spec.description,
        tags: [...spec.tags],
        timezone: "browser",
        editable: false,
        graphTooltip: 1,
        refresh: spec.refresh ?? "1m",
        time: { from: spec.from ?? "now-1h", to: "now" },
        fiscalYearStartMonth: 0,
        schemaVersion: SCHEMA_VERSION,
        templating: { list: [...spec.variables] },
        annotations: { list: [...(spec.annotations ?? [])] },
        links: [...spec.links],
        panels: placed(spec.rows),
    };
}

/** Marks at the times at which a query has a value. */
export function marks(args: {
    readonly name: string;
    readonly expr: string;
    readonly title: string;
    readonly text: string;
    readonly color: string;
    readonly tags?: string;
}): AnnotationJson {
    return {
        name: args.name,
        enable: true,
        iconColor: args.color,
        datasource: PROMETHEUS,
        expr: args.expr,
        step: "60s",
        titleFormat: args.title,
        textFormat: args.text,
        ...(args.tags ? { tagKeys: args.tags } : {}),
        useValueForTime: false,
    };
}

function placed(rows: readonly Row[]): (PanelJson | RowJson)[] {
    let id = 0;
    let top = 0;
    // Without a part, its panels are not there, and maybe none of their row.
    return rows
        .filter(({ panels }) => panels.length > 0)
        .flatMap(({ title, panels, collapsed, repeat }): (PanelJson | RowJson)[] => {
            const header: RowJson[] =
                title === undefined
                    ? []
                    : [
                          {
                              type: "row",
                              id: ++id,
                              title,
                              collapsed: collapsed ?? false,
                              gridPos: { x: 0, y: top++, w: COLUMNS, h: 1 },
                              panels: [],
                              ...(repeat ? { repeat } : {}),
                          },
                      ];
            const { height, places } = flow(panels);
            const inside = panels.map(({ json }, index): PanelJson => ({
                ...json,
                id: ++id,
                gridPos: { ...(places[index] ?? NOWHERE), y: top + (places[index]?.y ?? 0) },
            }));
            const [row] = header;
            if (collapsed && row) {
                return [{ ...row, panels: inside }];
            }
            top += height;
            return [...header, ...inside];
        });
}

const NOWHERE = { x: 0, y: 0, w: COLUMNS, h: 1 };

type Place = PanelJson["gridPos"] & object;

/** Places from left to right, in lines of panels of one height, which fill the width. */
function flow(panels: readonly Panel[]): {
    readonly height: number;
    readonly places: readonly Place[];
} {
    let y = 0;
    const places = linesOf(panels).flatMap((line) => {
        const free = COLUMNS - line.reduce((sum, { width }) => sum + width, 0);
        const wider = Math.floor(free / line.length);
        let x = 0;
        const placed = line.map(({ width, height }, i): Place => {
            // What cannot be shared goes to the first ones.
            const w = width + wider + (i < free % line.length ? 1 : 0);
            x += w;
            return { x: x - w, y, w, h: height };
        });
        y += line[0]?.height ?? 0;
        return placed;
    });
    return { height: y, places };
}

/** Panels that stand beside each other. As many of one size as need two lines are shared out between them. */
function linesOf(panels: readonly Panel[]): Panel[][] {
    const lines: Panel[][] = [];
    for (let at = 0; at < panels.length;) {
        const first = panels[at] as Panel;
        const isAlike = ({ width, height }: Panel) =>
            width === first.width && height === first.height;
        const end = panels.findIndex((each, i) => i > at && !isAlike(each));
        const alike = (end < 0 ? panels.length : end) - at;
        const count = Math.ceil(alike / Math.floor(COLUMNS / first.width));
        const most = count > 1 ? Math.ceil(alike / count) : COLUMNS;
        const line: Panel[] = [];
        let width = 0;
        for (const panel of panels.slice(at)) {
            const fits = width + panel.width <= COLUMNS && line.length < most;
            if (!fits || panel.height !== first.height) {
                break;
            }
            line.push(panel);
            width += panel.width;
        }
        lines.push(line);
        at += line.length;
    }
    return lines;
}
