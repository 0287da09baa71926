import assert from "node:assert/strict";

import { LOG_FIELDS, STREAMS } from "../../../components/logging/logSchema";
import { savedObjects } from "../../../components/logging/savedObjects/savedObjects";
import type { SavedObject } from "../../../components/logging/setup/plan";
import { logMappings } from "../../../components/logging/setup/templates";
import { listAt, textAt, valueAt } from "../../../lab/program/objects";

const objects = savedObjects();
const ofType = (type: string) => objects.filter((object) => object.type === type);
const parsed = (object: SavedObject, ...path: string[]): unknown =>
    JSON.parse(textAt(object.attributes, ...path));
const searchSource = (object: SavedObject) =>
    parsed(object, "kibanaSavedObjectMeta", "searchSourceJSON");

/** Type of each field that can be searched, multi-fields included, as the index template maps it. */
const INDEXED = new Map(
    Object.entries(logMappings().properties ?? {}).flatMap(([name, property]) => [
        [name, property.type],
        ...Object.entries(valueAt(property, "fields") ?? {}).map(
            ([sub, field]) => [`${name}.${sub}`, valueAt(field, "type")] as const,
        ),
    ]) as [string, string][],
);

function aggregations(object: SavedObject): { type: string; field: string | undefined }[] {
    return listAt(parsed(object, "visState"), "aggs").map((agg) => ({
        type: textAt(agg, "type"),
        field: valueAt(agg, "params", "field") as string | undefined,
    }));
}

/** Names before a colon, outside of what is quoted. */
function queriedFields(kql: string): string[] {
    const unquoted = kql.replace(/"(?:[^"\\]|\\.)*"/g, '""');
    return [...unquoted.matchAll(/([\w@.]+):/g)].map(([, field = ""]) => field);
}

describe("Dashboards of Kibana", () => {
    it("are the four: operator overview, errors, performance and audit", () => {
        assert.deepEqual(
            ofType("dashboard").map(({ id }) => id),
            [
                "observability-operator-overview",
                "observability-errors-analysis",
                "observability-performance-overview",
                "observability-audit-overview",
            ],
        );
    });

    it("have ids that stay: each object has one of its own, the same at every run", () => {
        const ids = objects.map(({ type, id }) => `${type} ${id}`);
        assert.equal(new Set(ids).size, ids.length);
        assert.ok(objects.every(({ id }) => /^observability-[a-z0-9-]+$/.test(id)));
        assert.deepEqual(savedObjects(), objects);
    });

    it("refer to objects that come before them in the import", () => {
        const known: string[] = [];
        for (const { type, id, references } of objects) {
            for (const reference of references) {
                const name = `${reference.type} ${reference.id}`;
                assert.ok(known.includes(name), `${type} ${id} refers to ${name}`);
            }
            known.push(`${type} ${id}`);
        }
    });

    it("name each reference that their content uses, and no other", () => {
        for (const object of objects) {
            const used =
                object.type === "dashboard"
                    ? (parsed(object, "panelsJSON") as object[]).map(
                          (panel) =>
                              `${textAt(panel, "panelIndex")}:${textAt(panel, "panelRefName")}`,
                      )
                    : object.type === "index-pattern"
                      ? []
                      : [textAt(searchSource(object), "indexRefName")];
            const named = object.references.map(({ name }) => name);
            assert.deepEqual(named, used, object.id);
        }
    });

    it("query, list and group by fields of the schema only", () => {
        for (const object of [...ofType("search"), ...ofType("visualization")]) {
            const columns = (object.attributes.columns ?? []) as string[];
            const grouped =
                object.type === "visualization"
                    ? aggregations(object).flatMap(({ field }) => field ?? [])
                    : [];
            const queried = queriedFields(textAt(searchSource(object), "query", "query"));
            for (const field of [...columns, ...grouped, ...queried]) {
                assert.ok(INDEXED.has(field), `${object.id}: ${field}`);
            }
        }
    });

    it("group and calculate by fields that Elasticsearch can: a text cannot be grouped by", () => {
        const allowed: Record<string, string[]> = {
            terms: ["keyword"],
            date_histogram: ["date"],
            percentiles: ["double", "long"],
            max: ["double", "long", "date"],
            min: ["double", "long", "date"],
        };
        for (const object of ofType("visualization")) {
            for (const { type, field } of aggregations(object).filter((agg) => agg.field)) {
                const mapped = INDEXED.get(field ?? "") ?? "nothing";
                assert.ok(allowed[type]?.includes(mapped), `${object.id}: ${type} of ${mapped}`);
            }
        }
    });

    it("ask for levels that documents have", () => {
        const queries = objects
            .filter(({ attributes }) => "kibanaSavedObjectMeta" in attributes)
            .map((object) => textAt(searchSource(object), "query", "query"));
        const levels = queries.flatMap((kql) =>
            [...kql.matchAll(/level: \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
                [...list.matchAll(/"([^"]+)"/g)].map(([, level]) => level),
            ),
        );
        const known = ["debug", "info", "warning", "error", "fatal"];
        assert.ok(levels.length > 0);
        assert.deepEqual(
            levels.filter((level) => !known.includes(level ?? "")),
            [],
        );
    });

    it("see streams that Fluent Bit writes, every one in a data view", () => {
        const patterns = ofType("index-pattern").flatMap(({ attributes }) =>
            textAt(attributes, "title").split(","),
        );
        assert.deepEqual(new Set(patterns), new Set(Object.values(STREAMS)));
        for (const { attributes } of ofType("index-pattern")) {
            assert.equal(attributes.timeFieldName, "@timestamp");
            assert.ok(String(attributes.timeFieldName) in LOG_FIELDS);
        }
    });

    it("lead from a trace_id to Jaeger, where Jaeger has an address outside of the cluster", () => {
        const id = "5b8efff798038103d269b633813fc60c";
        const views = savedObjects((each) => `https://jaeger.example.com/trace/${each}`).filter(
            ({ type }) => type === "index-pattern",
        );
        assert.equal(views.length, Object.keys(STREAMS).length + 1);
        for (const view of views) {
            const { trace_id } = parsed(view, "fieldFormatMap") as Record<string, unknown>;
            assert.equal(valueAt(trace_id, "id"), "url");
            const url = textAt(trace_id, "params", "urlTemplate").replace("{{value}}", id);
            assert.equal(url, `https://jaeger.example.com/trace/${id}`);
        }
    });

    it("take the link to Jaeger away again from a stack whose Jaeger has no such address", () => {
        for (const view of ofType("index-pattern")) {
            assert.deepEqual(parsed(view, "fieldFormatMap"), {});
        }
    });

    it("lay their panels out side by side, within the 48 columns of the grid", () => {
        for (const object of ofType("dashboard")) {
            const taken = new Set<string>();
            const panels = parsed(object, "panelsJSON") as { gridData: Record<string, number> }[];
            for (const { x = 0, y = 0, w = 0, h = 0 } of panels.map((panel) => panel.gridData)) {
                assert.ok(x + w <= 48, object.id);
                for (let cell = 0; cell < w * h; cell++) {
                    const place = `${x + (cell % w)} ${y + Math.floor(cell / w)}`;
                    assert.ok(!taken.has(place), `${object.id}: two panels at ${place}`);
                    taken.add(place);
                }
            }
        }
    });

    it("show every visualization and every search", () => {
        const shown = new Set(
            ofType("dashboard").flatMap(({ references }) => references.map(({ id }) => id)),
        );
        const unseen = [...ofType("search"), ...ofType("visualization")].filter(
            ({ id }) => !shown.has(id),
        );
        assert.deepEqual(unseen, []);
    });

    it("show each number of a chart from an aggregation that there is", () => {
        for (const object of ofType("visualization")) {
            const state = parsed(object, "visState");
            const ids = listAt(state, "aggs").map((agg) => valueAt(agg, "id"));
            assert.equal(new Set(ids).size, ids.length, object.id);
            const series = (valueAt(state, "params", "seriesParams") ?? []) as object[];
            for (const each of series) {
                assert.ok(ids.includes(valueAt(each, "data", "id")), object.id);
            }
        }
    });
});
