import type { LogFieldName } from "../logSchema";
import type { Json, SavedObject } from "../setup/plan";
import type { IndexedField, Query } from "./query";

/**
 * Kibana's saved objects, as its import takes them. Each says by which migration its shape was made, so that Kibana
 * brings it to its own: https://www.elastic.co/docs/explore-analyze/find-and-organize/saved-objects.
 */

interface Named {
    /** Fixed: an import replaces the object of this id. */
    readonly id: string;
    readonly title: string;
}

const CORE = { coreMigrationVersion: "8.8.0" };
const SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index";

export interface DataView extends Named {
    /** Streams. */
    readonly pattern: readonly string[];
}

/** URL for a field's values; `{{value}}` in it becomes the value. */
export type FieldLinks = Readonly<Partial<Record<LogFieldName, string>>>;

export function dataView({ id, title, pattern }: DataView, links: FieldLinks = {}): SavedObject {
    const formats = Object.entries(links).map(([field, urlTemplate]) => [
        field,
        { id: "url", params: { urlTemplate, labelTemplate: "{{value}}" } },
    ]);
    return {
        type: "index-pattern",
        id,
        attributes: {
            name: title,
            title: pattern.join(","),
            timeFieldName: "@timestamp",
            allowNoIndex: true,
            // Also when it is empty: whether an import is needed shows in what is written only.
            fieldFormatMap: JSON.stringify(Object.fromEntries(formats)),
        },
        references: [],
        ...CORE,
        typeMigrationVersion: "8.0.0",
    };
}

export interface SavedSearch extends Named {
    readonly view: DataView;
    readonly query: Query;
    readonly columns: readonly IndexedField[];
}

/** Documents as a table, the newest first. */
export function savedSearch({ id, title, view, query, columns }: SavedSearch): SavedObject {
    return {
        type: "search",
        id,
        attributes: {
            title,
            description: "",
            columns,
            sort: [["@timestamp", "desc"]],
            grid: {},
            hideChart: false,
            isTextBasedQuery: false,
            kibanaSavedObjectMeta: searchSource(query),
        },
        references: [{ name: SOURCE, type: "index-pattern", id: view.id }],
        ...CORE,
        typeMigrationVersion: "8.0.0",
    };
}

export interface Visualization extends Named {
    readonly view: DataView;
    readonly query: Query;
    /** Type, aggregations and parameters. */
    readonly state: {
        readonly type: string;
        readonly aggs: readonly Json[];
        readonly params: Json;
    };
}

export function visualization({ id, title, view, query, state }: Visualization): SavedObject {
    return {
        type: "visualization",
        id,
        attributes: {
            title,
            description: "",
            version: 1,
            uiStateJSON: "{}",
            visState: JSON.stringify({ title, ...state }),
            kibanaSavedObjectMeta: searchSource(query),
        },
        references: [{ name: SOURCE, type: "index-pattern", id: view.id }],
        ...CORE,
        typeMigrationVersion: "8.5.0",
    };
}

/** A panel: a visualization or a saved search; the grid is 48 columns wide. */
export interface Panel {
    readonly object: SavedObject;
    readonly width: number;
    readonly height: number;
}

export interface Dashboard extends Named {
    readonly description: string;
    /** Row by row. */
    readonly rows: readonly (readonly Panel[])[];
}

export function dashboard({ id, title, description, rows }: Dashboard): SavedObject {
    const panels = placed(rows);
    return {
        type: "dashboard",
        id,
        attributes: {
            title,
            description,
            version: 1,
            timeRestore: true,
            timeFrom: "now-24h",
            timeTo: "now",
            refreshInterval: { pause: true, value: 60_000 },
            optionsJSON: JSON.stringify({
                useMargins: true,
                syncColors: true,
                hidePanelTitles: false,
            }),
            panelsJSON: JSON.stringify(
                panels.map(({ object, gridData }) => ({
                    type: object.type,
                    panelIndex: gridData.i,
                    gridData,
                    embeddableConfig: { enhancements: {} },
                    panelRefName: `panel_${gridData.i}`,
                })),
            ),
            kibanaSavedObjectMeta: {
                searchSourceJSON: JSON.stringify({ query: kuery(""), filter: [] }),
            },
        },
        references: panels.map(({ object, gridData }) => ({
            name: `${gridData.i}:panel_${gridData.i}`,
            type: object.type,
            id: object.id,
        })),
        ...CORE,
        typeMigrationVersion: "10.2.0",
    };
}

interface Placed {
    readonly object: SavedObject;
    readonly gridData: {
        readonly x: number;
        readonly y: number;
        readonly w: number;
        readonly h: number;
        readonly i: string;
    };
}

function placed(rows: Dashboard["rows"]): Placed[] {
    let y = 0;
    return rows.flatMap((row, rowAt) => {
        let x = 0;
        const panels = row.map(({ object, width: w, height: h }, at) => {
            const gridData = { x, y, w, h, i: `${rowAt + 1}-${at + 1}` };
            x += w;
            return { object, gridData };
        });
        y += Math.max(...row.map(({ height }) => height));
        return panels;
    });
}

function searchSource({ kql }: Query): { readonly searchSourceJSON: string } {
    return {
        searchSourceJSON: JSON.stringify({ query: kuery(kql), filter: [], indexRefName: SOURCE }),
    };
}

function kuery(query: string): { readonly language: "kuery"; readonly query: string } {
    return { language: "kuery", query };
}
