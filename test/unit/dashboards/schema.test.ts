import assert from "node:assert/strict";
import * as path from "node:path";

import ts from "typescript";

import { alertSettings } from "../../../components/alerting/rules/settings";
import { renderDashboards } from "../../../components/dashboards/dashboards";
import { SHOWN_PARTS } from "../../../components/dashboards/definition";
import { dashboardsPart } from "../../../components/dashboards/settings";
import { INDICATORS } from "../../../components/alerting/slos/settings";
import { NAMESPACES } from "../../../components/stack/namespaceNames";

const ROOT = path.resolve(__dirname, "../../..");
/** Beside this file, so that its imports are found; it is never written. */
const FILE = path.join(__dirname, "rendered.ts");

/**
 * What the text of a dashboard must be for the compiler: Grafana's kinds of the SDK, which leave open what the options of a
 * panel are, what a query is, and the settings of a field that are the panel's own. Here each type of panel has its own.
 */
const KINDS = `
import type { DashboardJson, FieldJson, LogsQueryJson, PanelJson, PanelKinds, PrometheusQueryJson, RowJson } from "../../../components/dashboards/model/types";
type Of<Kind extends keyof PanelKinds> = Omit<PanelJson, "type" | "options" | "targets" | "fieldConfig"> & {
    type: Kind;
    options: PanelKinds[Kind]["options"];
    targets?: (Kind extends "logs" ? LogsQueryJson : PrometheusQueryJson)[];
    fieldConfig: Omit<NonNullable<PanelJson["fieldConfig"]>, "defaults"> & {
        defaults: Omit<FieldJson, "custom"> & { custom?: PanelKinds[Kind]["custom"] };
    };
};
type Panel = { [Kind in keyof PanelKinds]: Of<Kind> }[keyof PanelKinds];
type Row = Omit<RowJson, "panels"> & { panels: Panel[] };
export type Kind = Omit<DashboardJson, "panels"> & { panels: (Panel | Row)[] };
`;

/** What the compiler says of texts of JSON, by their names. */
function findings(texts: Readonly<Record<string, string>>): Readonly<Record<string, string[]>> {
    const names = Object.keys(texts);
    const source = [
        KINDS,
        ...Object.values(texts).map(
            (json, i) => `export const dashboard${i}: Kind = ${json.trim()};`,
        ),
    ].join("\n");
    const { config } = ts.readConfigFile(path.join(ROOT, "tsconfig.json"), (file) =>
        ts.sys.readFile(file),
    ) as { config: object };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    const host = ts.createCompilerHost(options);
    const getSourceFile = host.getSourceFile.bind(host);
    host.getSourceFile = (file, ...rest) =>
        path.resolve(file) === FILE
            ? ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true)
            : getSourceFile(file, ...rest);
    const fileExists = host.fileExists.bind(host);
    host.fileExists = (file) => path.resolve(file) === FILE || fileExists(file);
    const program = ts.createProgram([FILE], { ...options, types: [] }, host);
    const file = program.getSourceFile(FILE);
    assert.ok(file);
    const found: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]));
    const starts = names.map((_, i) => source.indexOf(`export const dashboard${i}:`));
    for (const { start = 0, messageText } of [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
    ]) {
        const name = names[starts.filter((each) => each <= start).length - 1] ?? "the kinds";
        (found[name] ??= []).push(ts.flattenDiagnosticMessageText(messageText, "\n"));
    }
    return found;
}

describe("The JSON of dashboards", function () {
    // The compiler reads the SDK.
    this.timeout(60_000);
    const dashboards = dashboardsPart.keys.dashboards.parse({
        "flux-control-plane": { enabled: true },
        prices: { currency: "EUR", cpu: 20, memoryGi: 3, storageGi: 0.1 },
    });
    const rendered = Object.fromEntries(
        renderDashboards({
            settings: dashboards,
            alerts: alertSettings.parse({}),
            runbookBaseUrl: "https://example.com/runbooks",
            parts: new Set(SHOWN_PARTS),
            namespaces: NAMESPACES,
            instances: {},
            fluxWithin: "1h",
            slos: Object.fromEntries(
                INDICATORS.map((name) => [name, { objective: 99, window: "30d" }]),
            ),
        }).map(({ uid, json }) => [uid, json]),
    );

    it("is of Grafana's kinds, each panel with the options of its type", () => {
        assert.deepEqual(
            findings(rendered),
            Object.fromEntries(Object.keys(rendered).map((uid) => [uid, []])),
        );
    });

    it("is refused where the kinds do not know a field, a value or a type of panel", () => {
        const change = (from: RegExp, to: string) => {
            const { home = "" } = rendered;
            assert.match(home, from);
            return home.replace(from, to);
        };
        const broken = {
            "a field of the dashboard": change(/"fiscalYearStartMonth"/, '"fiscalYear"'),
            "an option of a panel": change(/"wideLayout"/, '"widelayout"'),
            "a value of an option": change(/"background_solid"/, '"background_solidd"'),
            "a setting of a graph": change(/"drawStyle": "line"/, '"drawStyle": "lines"'),
            "a field of a query": change(/"legendFormat"/, '"legend"'),
            "a type of panel": change(/"type": "timeseries"/, '"type": "graph"'),
            "a colour's mode": change(/"mode": "thresholds"/, '"mode": "threshold"'),
        };
        for (const [what, found] of Object.entries(findings(broken))) {
            assert.notDeepEqual(found, [], what);
        }
    });
});
