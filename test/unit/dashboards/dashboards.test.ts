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
import { everyPartRun, previewOf, stackRun, tenantRun } from "../../../lab/program/runs";

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

const CONTEXT = {
    settings: EVERY,
    alerts: alertSettings.parse({}),
    runbookBaseUrl: "https://example.com/runbooks",
    parts: ALL,
    namespaces: NAMESPACES,
    instances: {},
    fluxWithin: "1h",
    slos: SLOS,
};

function rendered(
    parts: ReadonlySet<ShownPart> = ALL,
    settings: DashboardSettings = EVERY,
    alerts: object = {},
): ReturnType<typeof renderDashboards> {
    return renderDashboards({ ...CONTEXT, settings, alerts: alertSettings.parse(alerts), parts });
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

    it("are made within 300 ms of a processor", () => {
        const begun = process.cpuUsage();
        rendered();
        const { user, system } = process.cpuUsage(begun);
        assert.ok(user + system < 300_000, `${user + system} µs`);
    });

    for (const { uid, json } of all) {
        const dashboard = parsed(json);
        const panels = panelsOf(dashboard);

        it(`${uid}: has a description, the tag that menus look for, and a refresh`, () => {
            assert.ok(dashboard.title && dashboard.description);
            assert.ok(dashboard.tags?.includes("observability"));
            assert.match(dashboard.refresh ?? "", /^[15]m$/);
        });

        it(`${uid}: graphs name their lines, have a point a minute at most, and say when there is nothing`, () => {
            for (const { title, type, interval, targets = [], fieldConfig } of panels) {
                if (type === "text" || type === "dashlist") {
                    continue;
                }
                assert.ok(fieldConfig?.defaults.noValue, `${title} says nothing without a value`);
                const queries = targets as { legendFormat?: string; expr?: string }[];
                if (type === "timeseries") {
                    assert.match(interval ?? "", /^[125]m$/, title);
                    assert.ok(
                        queries.every(({ legendFormat }) => legendFormat),
                        `${title} has a line without a name`,
                    );
                }
                // One line for each pod, container or key would be hundreds.
                const many = /\{\{(pod|container|cmd|key)\}\}/;
                const endless = queries.filter(
                    ({ legendFormat = "", expr = "" }) =>
                        type === "timeseries" &&
                        many.test(legendFormat) &&
                        !/^(topk|bottomk)\(/.test(expr),
                );
                assert.deepEqual(endless, [], `${title} shows all of many`);
            }
        });

        it(`${uid}: begins with states, which are all that a phone shows at first`, () => {
            const first = panels.slice(0, 4).map(({ type }) => type);
            assert.deepEqual(first, ["stat", "stat", "stat", "stat"]);
        });

        it(`${uid}: each variable offers what the places chosen before it have`, () => {
            const list = dashboard.templating.list ?? [];
            const loose = list.filter(({ type, name, definition = "" }, at) => {
                const before = list.slice(0, at).map((each) => each.name);
                const needed = ["cluster", "environment"].filter((each) => before.includes(each));
                return (
                    type === "query" &&
                    name !== "cluster" &&
                    !needed.every((each) => definition.includes(`$${each}`))
                );
            });
            assert.deepEqual(
                loose.map(({ name, definition }) => `${name}: ${definition}`),
                [],
            );
        });

        it(`${uid}: links to dashboards take the time and the variables along`, () => {
            const links = [
                ...(dashboard.links ?? []),
                ...panels.flatMap((each) => each.links ?? []),
            ];
            const losing = links.filter(
                ({ type, url, keepTime, includeVars }) =>
                    (type === "dashboards" || url?.startsWith("/d/")) && !(keepTime && includeVars),
            );
            assert.deepEqual(losing, []);
            const cells = [...json.matchAll(/"(\/d\/[^"]*)"/g)].map(([, url = ""]) => url);
            assert.deepEqual(
                cells.filter((url) => url.includes("?") && !/\$\{__url_time_range\}/.test(url)),
                [],
            );
        });

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
        logging: /\bfluentbit_|"elasticsearch"/,
        elasticsearch: /\belasticsearch_/,
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

    it("on Redis and applications have logs and traces of the selection one click away", () => {
        const of = all.filter(({ uid }) => /^(redis-|application)/.test(uid));
        assert.equal(of.length, 6);
        for (const { uid, json } of of) {
            const titles = (parsed(json).links ?? []).map(({ title }) => title);
            assert.ok(titles.includes("Logs") && titles.includes("Traces"), uid);
        }
    });

    it("are an owner's alone", async () => {
        const dashboardsOf = ({ registrations }: ProgramRun) =>
            registrations.filter(
                ({ inputs }) => valueAt(inputs, "metadata", "labels", "grafana_dashboard") === "1",
            ).length;
        // Without those of Flux' controllers and of Argo CD.
        assert.equal(dashboardsOf(await stackRun("prod")), DASHBOARD_UIDS.length - 2);
        assert.equal(dashboardsOf(await tenantRun()), 0);
    });

    const uidsOf = ({ registrations }: ProgramRun): string[] =>
        registrations.flatMap(({ name }) => /^dashboards-(.+)$/.exec(name)?.[1] ?? []);

    it("of delivery tools are there where these are", async () => {
        const tools = ["flux-control-plane", "argocd"];
        const among = (uids: readonly string[]) => tools.filter((uid) => uids.includes(uid));
        assert.deepEqual(among(uidsOf(await stackRun("prod"))), []);
        assert.deepEqual(among(uidsOf(await everyPartRun())), tools);
        const flux = (dashboards: object) =>
            previewOf("staging", { delivery: { flux: {} }, dashboards });
        assert.deepEqual(among(uidsOf(await flux({}))), ["flux-control-plane"]);
        const off = { "flux-control-plane": { enabled: false } };
        assert.deepEqual(among(uidsOf(await flux(off))), []);
        // Somebody else's monitor.
        const on = { dashboards: { "flux-control-plane": { enabled: true } } };
        assert.deepEqual(among(uidsOf(await previewOf("staging", on))), ["flux-control-plane"]);
    });

    it("of probes are there where something is probed", async () => {
        const quiet = { certificates: { probed: false } };
        const off = {
            components: { logging: "off", kibana: "off", tracing: "off" },
            slos: {},
        };
        const runs = {
            "certificates of Elasticsearch": {},
            nothing: quiet,
            "an endpoint": { ...quiet, probes: { db: { tcp: "db.example.com:5432" } } },
            "no server with TLS": off,
        };
        const found: Record<string, boolean> = {};
        for (const [what, change] of Object.entries(runs)) {
            const run = await previewOf("staging", change);
            found[what] = uidsOf(run).includes("probes");
            const asked = run.registrations.some(({ type }) => /:Probe$/.test(type));
            assert.equal(found[what], asked, what);
        }
        assert.deepEqual(found, {
            "certificates of Elasticsearch": true,
            nothing: false,
            "an endpoint": true,
            "no server with TLS": false,
        });
    });

    it("of probes offer those too of which only the certificate is stored", () => {
        const { json = "{}" } = all.find(({ uid }) => uid === "probes") ?? {};
        const probe = parsed(json).templating.list?.find(({ name }) => name === "probe");
        assert.match(probe?.definition ?? "", /^label_values\(up\{.*job="probes"\}, probe\)$/);
    });

    it("on Redis show a namespace at first where there are more than 50 instances, without the choice of all, and else all", () => {
        const instances = (count: number) => ({
            b: Array.from({ length: count }, () => "standalone"),
            a: ["standalone"],
            c: ["cluster", "sentinel"],
        });
        const first = (count: number) =>
            Object.fromEntries(
                renderDashboards({ ...CONTEXT, instances: instances(count) })
                    .filter(({ uid }) => uid.startsWith("redis-") && uid !== "redis-operator")
                    .map(({ uid, json }) => {
                        const namespace = parsed(json).templating.list?.find(
                            ({ name }) => name === "namespace",
                        );
                        return [uid, [namespace?.current?.value, namespace?.includeAll]];
                    }),
            );
        assert.deepEqual(first(47), {
            "redis-instance": ["$__all", true],
            "redis-sentinel": ["$__all", true],
            "redis-cluster": ["$__all", true],
            "redis-performance": ["$__all", true],
        });
        assert.deepEqual(first(48), {
            "redis-instance": [["a"], false],
            "redis-sentinel": [["c"], false],
            "redis-cluster": [["c"], false],
            "redis-performance": [["a"], false],
        });
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
