import assert from "node:assert/strict";

import { alertSettings } from "../../../components/alerting/rules/settings";
import { SHOWN_PARTS, ShownPart } from "../../../components/dashboards/definition";
import { homeDashboard, renderDashboards } from "../../../components/dashboards/dashboards";
import type { DashboardJson, PanelJson } from "../../../components/dashboards/model/types";
import { dashboardsPart, DashboardSettings } from "../../../components/dashboards/settings";
import { DASHBOARD_UIDS } from "../../../components/dashboards/uids";
import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { stackRun, tenantRun } from "../../../lab/program/runs";

const DEFAULTS = dashboardsPart.keys.dashboards.parse(undefined);
/** With what nothing of ours scrapes, too. */
const EVERY: DashboardSettings = {
    ...DEFAULTS,
    "flux-control-plane": { ...DEFAULTS["flux-control-plane"], enabled: true },
    prices: { currency: "EUR", cpu: 20, memoryGi: 3, storageGi: 0.1 },
};
const SLOS = {
    "redis-availability": { objective: 99.9, window: "30d" },
    "log-delivery": { objective: 99, window: "7d" },
};
const ALL = new Set<ShownPart>(SHOWN_PARTS);

function rendered(
    parts: ReadonlySet<ShownPart> = ALL,
    settings: DashboardSettings = EVERY,
    alerts: object = {},
): ReturnType<typeof renderDashboards> {
    return renderDashboards({
        settings,
        alerts: alertSettings.parse(alerts),
        runbookBaseUrl: "https://example.com/runbooks",
        parts,
        namespaces: NAMESPACES,
        slos: SLOS,
    });
}

const parsed = (json: string) => JSON.parse(json) as DashboardJson;

/** Every panel, those of closed rows too; rows left out. */
function panelsOf({ panels = [] }: DashboardJson): PanelJson[] {
    return panels.flatMap((panel) =>
        panel.type === "row" && "panels" in panel ? panel.panels : [panel],
    );
}

describe("Dashboards", () => {
    const all = rendered();

    it("are all there, with the uid of their settings, below the limit of a ConfigMap", () => {
        assert.deepEqual(all.map(({ uid }) => uid).sort(), [...DASHBOARD_UIDS].sort());
        for (const { uid, json } of all) {
            assert.equal(parsed(json).uid, uid);
            assert.ok(json.length <= 900 * 1024, `${uid} has ${json.length} bytes`);
        }
    });

    it("are the same at every rendering", () => {
        assert.deepEqual(rendered(), all);
    });

    for (const { uid, json } of all) {
        const dashboard = parsed(json);
        const panels = panelsOf(dashboard);

        it(`${uid}: at most 30 panels, each with a title, a description and a unit`, () => {
            assert.ok(panels.length <= 30, `${panels.length} panels`);
            for (const { title, description, fieldConfig } of panels) {
                assert.ok(title, "a panel without a title");
                assert.ok(description, `${title} has no description`);
                assert.ok(fieldConfig?.defaults.unit, `${title} has no unit`);
            }
            const titles = panels.map(({ title }) => title);
            assert.deepEqual([...new Set(titles)], titles);
        });

        it(`${uid}: panels do not lie on one another, and have ids of their own`, () => {
            const cells = panels.flatMap(({ title, gridPos }) => {
                const { x, y, w, h } = gridPos ?? { x: 0, y: 0, w: 0, h: 0 };
                assert.ok(x + w <= 24 && w > 0 && h > 0, `${title} does not fit`);
                return Array.from(
                    { length: w * h },
                    (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`,
                );
            });
            assert.equal(new Set(cells).size, cells.length);
            const ids = (dashboard.panels ?? []).map(({ id }) => id);
            assert.equal(new Set(ids).size, ids.length);
        });

        it(`${uid}: the title of each number fits above it`, () => {
            // Of 1440 pixels, as docs/dashboards/ has them: by width, how many letters are not cut off.
            const fit: Readonly<Record<number, number>> = { 3: 15, 4: 22, 5: 29 };
            const cut = panels.filter(
                ({ type, title = "", gridPos }) =>
                    type === "stat" && title.length > (fit[gridPos?.w ?? 0] ?? 36),
            );
            assert.deepEqual(
                cut.map(({ title }) => title),
                [],
            );
        });

        it(`${uid}: the answer is in what a screen of 900 pixels shows`, () => {
            // A unit is 38 pixels high; the bars above take 150.
            const first = panels[0]?.gridPos;
            assert.equal(first?.y, 0);
            const seen = panels.filter(
                ({ gridPos }) => (gridPos?.y ?? 99) + (gridPos?.h ?? 0) <= 19,
            );
            assert.ok(seen.length >= 4, `${seen.length} panels`);
        });

        it(`${uid}: asks for the Prometheus, the cluster and the environment first`, () => {
            const [source, cluster, environment] = dashboard.templating.list ?? [];
            assert.equal(source?.name, "datasource");
            // Series without such a label are of all of them.
            assert.deepEqual([cluster?.name, cluster?.allValue], ["cluster", ".*"]);
            assert.deepEqual([environment?.name, environment?.allValue], ["environment", ".*"]);
        });

        it(`${uid}: uses each variable, and no other`, () => {
            const list = dashboard.templating.list ?? [];
            const names = list.map(({ name }) => name);
            for (const name of names) {
                const others = JSON.stringify({
                    ...dashboard,
                    templating: list.filter((each) => each.name !== name),
                });
                assert.match(others, new RegExp(`\\$\\{?${name}\\b`), `nothing uses ${name}`);
            }
            const used = [...json.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name = ""]) => name);
            assert.deepEqual(
                used.filter((name) => !names.includes(name)),
                [],
            );
        });

        it(`${uid}: links only to dashboards that are there`, () => {
            const targets = [...json.matchAll(/"\/d\/([\w-]+)/g)].map(([, target = ""]) => target);
            const known = all.map((each) => each.uid);
            assert.deepEqual(
                targets.filter((target) => !known.includes(target)),
                [],
            );
        });
    }

    it("turn red where the configured alert fires", () => {
        // Each with a number that is none of the defaults, and the panels that must have it.
        const changed = {
            RedisHighMemoryUsage: { share: 0.71 },
            RedisHighConnections: { share: 0.72 },
            RedisMainThreadBusy: { share: 0.73 },
            RedisHighLatency: { share: 0.074 },
            RedisSlowCommands: { perSecond: 0.75 },
            RedisOperatorHighReconcileErrors: { errorShare: 0.76 },
            RedisOperatorReconcileStuck: { running: "77s" },
            HighCPUUsage: { share: 0.78 },
            HighMemoryUsage: { share: 0.79 },
            FluentBitBufferNearlyFull: { share: 0.61 },
            ElasticsearchDiskLow: { share: 0.62 },
            ElasticsearchDiskFull: { share: 0.63 },
            ElasticsearchHeapHigh: { share: 0.64 },
            ElasticsearchRejections: { perSecond: 6.5 },
            ElasticsearchSnapshotOld: { age: "66s" },
            JaegerQueueNearlyFull: { share: 0.67 },
            JaegerStorageFailing: { share: 0.068 },
            JaegerSpansRefused: { perSecond: 6.9 },
            IstioHighErrorRate: { share: 0.051 },
            // 0.1 of 30 days within an hour is 72 times faster than evenly; 0.5 within a day 15 times.
            ErrorBudgetBurnFast: { shareIn1h: 0.1 },
            ErrorBudgetBurnSlow: { shareIn1d: 0.5 },
        };
        const expected: Readonly<Record<string, readonly number[]>> = {
            "redis-instance: Memory used": [0.71],
            "redis-instance: Clients": [0.72],
            "redis-performance: Main thread": [0.73],
            "redis-performance: Slow commands": [0.074],
            "redis-performance: Slow log, now": [0.75],
            "redis-operator: Errors": [0.76],
            "redis-operator: Share of errors": [0.76],
            "redis-operator: Longest running": [77],
            "redis-operator: Longest running reconciliation": [77],
            "redis-operator: CPU of the limit": [0.78],
            "application: Memory of the limit": [0.79],
            "logs-pipeline: Fullest buffer": [0.61],
            "logs-pipeline: Buffer, by node and stream": [0.61],
            "logs-pipeline: Fullest disk": [0.62, 0.63],
            "logs-pipeline: Disk, by node": [0.62, 0.63],
            "logs-pipeline: Heap, by node": [0.64],
            "logs-pipeline: Rejected": [6.5],
            "logs-pipeline: Newest snapshot": [66],
            "backups: Snapshot": [66],
            "traces-pipeline: Fullest queue": [0.67],
            "traces-pipeline: Queue, by collector": [0.67],
            "traces-pipeline: Storage errors": [0.068],
            "traces-pipeline: Refused": [6.9],
            "application: Errors": [0.051],
            "application: Share of errors": [0.051],
            "slo: Burn of redis-availability": [15, 72],
        };
        const found = Object.fromEntries(
            rendered(ALL, EVERY, changed).flatMap(({ uid, json }) =>
                panelsOf(parsed(json)).map(({ title, fieldConfig }) => [
                    `${uid}: ${title}`,
                    (fieldConfig?.defaults.thresholds?.steps ?? []).flatMap(({ value }) =>
                        value === null ? [] : [value],
                    ),
                ]),
            ),
        );
        for (const [panel, steps] of Object.entries(expected)) {
            assert.deepEqual(found[panel], steps, panel);
        }
    });

    it("of a part that is off are not there, and not linked", () => {
        const without = new Set(
            SHOWN_PARTS.filter((part) => part !== "redis" && part !== "logging"),
        );
        const left = rendered(without);
        assert.deepEqual(
            left.filter(({ uid }) => uid.startsWith("redis-") && uid !== "redis-operator"),
            [],
        );
        for (const { uid, json } of left) {
            assert.doesNotMatch(json, /"\/d\/redis-instance|redis:instance|"elasticsearch"/, uid);
        }
    });

    const ofPart: Readonly<Partial<Record<ShownPart, RegExp>>> = {
        redis: /\bredis(:|_(up|instance_info|memory|commands|key))/,
        redisOperator: /\b(rediscluster|redisreplication)_|job=\\"redis-operator/,
        logging: /\b(fluentbit|elasticsearch)_|"elasticsearch"/,
        tracing: /\b(otelcol|jaeger|traces_span)_|"jaeger"/,
        alertmanager: /\balertmanager_/,
        kubeStateMetrics: /\b(kube|gotk)_/,
    };
    for (const [part, metrics] of Object.entries(ofPart)) {
        it(`read no metric of ${part} where it is off`, () => {
            const shows = rendered().filter(({ json }) => metrics.test(json));
            assert.notEqual(shows.length, 0);
            const left = rendered(new Set(SHOWN_PARTS.filter((each) => each !== part)));
            assert.deepEqual(
                left.filter(({ json }) => metrics.test(json)).map(({ uid }) => uid),
                [],
            );
        });
    }

    it("are an owner's alone", async () => {
        const dashboardsOf = ({ registrations }: ProgramRun) =>
            registrations.filter(
                ({ inputs }) => valueAt(inputs, "metadata", "labels", "grafana_dashboard") === "1",
            ).length;
        assert.equal(dashboardsOf(await stackRun("prod")), DASHBOARD_UIDS.length - 1);
        assert.equal(dashboardsOf(await tenantRun()), 0);
    });

    it("of Flux' controllers are there where these are scraped, and where somebody says so", () => {
        const there = (parts: ReadonlySet<ShownPart>, enabled?: boolean) =>
            rendered(parts, {
                ...DEFAULTS,
                "flux-control-plane": { folder: "Delivery", enabled },
            }).some(({ uid }) => uid === "flux-control-plane");
        const without = new Set(SHOWN_PARTS.filter((part) => part !== "fluxControllers"));
        assert.deepEqual(
            [there(ALL), there(without), there(without, true), there(ALL, false)],
            [true, false, true, false],
        );
    });

    it("can be left out and put into other folders", () => {
        const settings: DashboardSettings = {
            ...DEFAULTS,
            home: { enabled: false, folder: "Platform" },
            "redis-instance": { enabled: true, folder: "Databases" },
        };
        const folders = new Map(rendered(ALL, settings).map(({ uid, folder }) => [uid, folder]));
        assert.equal(folders.get("home"), undefined);
        assert.equal(folders.get("redis-instance"), "Databases");
        assert.equal(homeDashboard({ settings, parts: ALL }), undefined);
        assert.equal(homeDashboard({ settings: DEFAULTS, parts: ALL }), "Platform/home.json");
    });

    it("refuse a folder within a folder, and a dashboard that is none of ours", () => {
        const { dashboards } = dashboardsPart.keys;
        const refused = (value: unknown) =>
            dashboards.safeParse(value).error?.issues[0]?.message ?? "";
        assert.match(refused({ home: { folder: "a/b" } }), /one folder, without a slash/);
        assert.match(refused({ hom: { enabled: false } }), /hom/);
    });
});
