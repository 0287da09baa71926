import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { Series, writeOpenMetrics } from "../../commands/bench/ruleSeries";
import { newSeries, otherSeries, redisSeries } from "../../commands/pictures/world";
import { AlertName, alertSettings } from "../../components/alerting/rules/settings";
import { renderDashboards } from "../../components/dashboards/dashboards";
import { SHOWN_PARTS } from "../../components/dashboards/definition";
import type { DashboardJson, PanelJson } from "../../components/dashboards/model/types";
import { dashboardsPart } from "../../components/dashboards/settings";
import { NAMESPACES } from "../../components/stack/namespaceNames";
import { freePorts } from "../../lab/cluster/ports";
import { withoutVariables } from "../../lab/promql/dashboards";
import { parsePromql, selectorsOf } from "../../lab/promql/syntax";
import { eventually, run, start } from "../../lab/tools/commands";
import { goTool } from "../support/goTool";
import { EXPRESSIONS, ruleFile, SLOS } from "./renderedRules";

const WEEK = 7 * 86_400;
/** Seconds of samples before now, and between two. */
const HISTORY = 40 * 60;
const STEP = 30;

/** The alert that waits for its time; the others fire at once. */
const PENDING: AlertName = "FluxSuspended";

/** Panels that show nothing here, and why. */
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "redis-performance": {
        "Latency spikes": "the Redis whose answers were recorded had none",
    },
    slo: {
        Alerts: "an error budget burns after half an hour has been counted, and the test ends before",
    },
};
const ELASTICSEARCH = "asks Elasticsearch, which this ring does not run";

const settings = dashboardsPart.keys.dashboards.parse({
    "flux-control-plane": { enabled: true },
    prices: { currency: "EUR", cpu: 20, memoryGi: 3, storageGi: 0.1 },
});
const DASHBOARDS = renderDashboards({
    settings,
    alerts: alertSettings.parse({}),
    runbookBaseUrl: "",
    parts: new Set(SHOWN_PARTS),
    namespaces: NAMESPACES,
    instances: {},
    fluxWithin: "1h",
    slos: SLOS,
}).map(({ uid, json }) => ({ uid, panels: panelsOf(JSON.parse(json) as DashboardJson) }));

function panelsOf({ panels = [] }: DashboardJson): PanelJson[] {
    return panels
        .flatMap((panel) => ("panels" in panel ? [panel, ...panel.panels] : [panel]))
        .filter((panel): panel is PanelJson => "targets" in panel);
}

/** The queries of a panel, with All in every variable. */
function queriesOf({ targets = [] }: PanelJson): string[] {
    return targets.flatMap((target) =>
        "expr" in target && typeof target.expr === "string"
            ? [withoutVariables(target.expr).replaceAll(/\$\{?[a-z]\w*\}?/g, ".*")]
            : [],
    );
}

describe("The dashboards in a real Prometheus", function () {
    let folder: string;
    let stop: (() => Promise<void>) | undefined;
    let address: string;

    before(async function () {
        // It may have to be built.
        this.timeout(0);
        const prometheus = await goTool(this, "prometheus");
        const promtool = await goTool(this, "promtool");
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "dashboards-"));
        const queries = DASHBOARDS.flatMap(({ panels }) => panels.flatMap(queriesOf));
        const read = new Set(
            [...queries, ...EXPRESSIONS].flatMap((text) =>
                selectorsOf(parsePromql(text)).flatMap(({ name, matchers }) =>
                    name === undefined
                        ? matchers.flatMap(({ label, value }) =>
                              label === "__name__" ? value.split("|") : [],
                          )
                        : [name],
                ),
            ),
        );
        const now = Math.floor(Date.now() / 1000);
        const redis = redisSeries(read);
        const data = path.join(folder, "data");
        const blocks = async (
            series: readonly Series[],
            end: number,
            history = HISTORY,
        ): Promise<void> => {
            const input = path.join(folder, "series.txt");
            const first = end - history;
            // What grows does from the epoch on, and begins here.
            const begun = series.map((each) => ({
                ...each,
                value: each.value - each.perSecond * first,
            }));
            writeOpenMetrics(input, begun, () => ({ start: first, end, step: STEP }));
            await run(promtool, [
                "tsdb",
                "create-blocks-from",
                "openmetrics",
                "--quiet",
                input,
                data,
            ]);
        };
        await blocks(redis, now - WEEK);
        await blocks([...redis, ...otherSeries(read, now)], now);
        await blocks(newSeries(), now, 5 * 60);

        const rules = path.join(folder, "rules.json");
        const { groups } = ruleFile(undefined, (_, rule) =>
            "alert" in rule ? { ...rule, for: rule.alert === PENDING ? "3d" : "0s" } : rule,
        );
        fs.writeFileSync(
            rules,
            JSON.stringify({
                groups: groups.map(({ name, rules: all }) => ({ name, rules: all })),
            }),
        );
        const config = path.join(folder, "prometheus.json");
        const global = { evaluation_interval: "3s" };
        fs.writeFileSync(config, JSON.stringify({ global, rule_files: [rules] }));
        const [port = 0] = await freePorts(1);
        address = `http://127.0.0.1:${port}`;
        stop = start(
            prometheus,
            [
                `--config.file=${config}`,
                `--storage.tsdb.path=${data}`,
                `--web.listen-address=127.0.0.1:${port}`,
                // The series end when they were written.
                "--query.lookback-delta=30m",
                "--log.level=error",
            ],
            process.env,
        );
        // Alerts are series once Prometheus has looked for what they were before it started.
        const lasts = ["FlaggerCanaryFailed", "RedisReconcileSkipped", PENDING];
        for (const last of [
            "slo:error_budget_remaining:ratio",
            ...lasts.map((alert) => `ALERTS{alertname="${alert}"}`),
        ]) {
            await eventually(last, 120, async () =>
                (await seriesNow(last)) > 0 ? true : undefined,
            );
        }
    });

    after(async () => {
        await stop?.();
        if (folder) {
            fs.rmSync(folder, { recursive: true });
        }
    });

    /** How many series a query has now. */
    async function seriesNow(query: string): Promise<number> {
        const body = new URLSearchParams({ query });
        const answer = await fetch(`${address}/api/v1/query`, { method: "POST", body });
        const { status, error, data } = (await answer.json()) as {
            status: string;
            error?: string;
            data?: { result: unknown[] };
        };
        assert.equal(status, "success", `${query}: ${error}`);
        return data?.result.length ?? 0;
    }

    /** Titles of the panels none of whose queries has a series now. */
    async function emptyOf(panels: readonly PanelJson[]): Promise<string[]> {
        const empty: string[] = [];
        for (const panel of panels) {
            const queries = queriesOf(panel);
            const found = await Promise.all(queries.map(seriesNow));
            if (queries.length > 0 && !found.some((count) => count > 0)) {
                empty.push(panel.title ?? "");
            }
        }
        return empty;
    }

    for (const { uid, panels } of DASHBOARDS) {
        it(`${uid}: each panel shows data`, async function () {
            this.timeout(150_000);
            // Rules read what others have recorded, so that some panels have data only some evaluations after the start.
            await eventually(`data in each panel of ${uid}`, 120, async () => {
                assert.deepEqual(
                    await emptyOf(panels),
                    Object.keys(EXCEPTIONS[uid] ?? {}),
                    `panels of ${uid} without data, or with data that were thought to have none`,
                );
                return true;
            });
        });
    }

    it("leave out at most one panel of ten, each with its reason", () => {
        const all = DASHBOARDS.flatMap(({ panels }) => panels);
        const searches = all.filter((panel) => queriesOf(panel).length === 0);
        const listed = Object.values(EXCEPTIONS).flatMap((each) => Object.values(each));
        const reasons = [...listed, ...searches.map(() => ELASTICSEARCH)];
        assert.ok(reasons.every(Boolean));
        assert.ok(reasons.length <= all.length / 10, `${reasons.length} of ${all.length}`);
    });
});
