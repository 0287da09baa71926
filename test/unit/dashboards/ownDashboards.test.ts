import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { alertSettings } from "../../../components/alerting/rules/settings";
import {
    LinkSettings,
    offAndLinkedProblems,
} from "../../../components/dashboards/linkedDashboards";
import {
    ownDashboardJson,
    ownDashboardProblems,
    OwnDashboards,
    ownDashboardsOf,
} from "../../../components/dashboards/ownDashboards";
import { metricNames } from "../../../components/dashboards/ownMetrics";
import { dashboardsPart, DashboardSettings } from "../../../components/dashboards/settings";
import type { DashboardUid } from "../../../components/dashboards/uids";
import { refuses } from "../../support/refusalTable";

describe("An owner's dashboard", () => {
    let folder: string;
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "dashboards-"));
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    function write(name: string, content: object | string): string {
        const file = path.join(folder, `${name}.json`);
        fs.writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
        return file;
    }
    const panel = (expr: string, type = "timeseries") => ({
        type,
        title: "Orders",
        targets: [{ refId: "A", expr }],
    });
    const dashboard = (more: object = {}) => ({
        uid: "orders",
        panels: [panel("redis_up")],
        ...more,
    });

    function problems(
        files: Readonly<Record<string, string>>,
        metrics: readonly string[] = [],
        dropRedisMetrics: readonly string[] = [],
    ): { path: string; got: string; allowed: string }[] {
        const extra = Object.fromEntries(
            Object.entries(files).map(([name, file]) => [
                name,
                { file, folder: "Applications", metrics },
            ]),
        );
        return ownDashboardProblems({
            dashboards: { extra },
            prometheus: { dropRedisMetrics },
        }).map((each) => ({ ...each, got: each.got.replaceAll(`${folder}/`, "") }));
    }
    const problem = (content: object | string, ...more: [string[]?, string[]?]) =>
        problems({ orders: write("orders", content) }, ...more);

    it("may be what reads metrics of the catalogue, of our rules and of its own", () => {
        const right = dashboard({
            panels: [
                {
                    type: "row",
                    panels: [panel('sum by (pod) (rate(redis_up{app=~"$app"}[$__rate_interval]))')],
                },
                panel("max(redis:instance_available:bool) and on (namespace) ALERTS"),
                panel("sum(orders_total) / 3e2 offset 5m"),
                panel("${metric}_total > bool 1"),
                { type: "text", title: "Notes" },
            ],
            templating: { list: [{ type: "query", query: "label_values(kube_pod_info, pod)" }] },
        });
        assert.deepEqual(problem(right, ["orders_total"]), []);
        const file = write("orders", right);
        assert.deepEqual(JSON.parse(ownDashboardJson({ file })), right);
    });

    const path_ = "dashboards.extra.orders.file";
    const bad: Readonly<Record<string, readonly [object | string, RegExp, RegExp]>> = {
        "text that is no JSON": ["{", /^"orders\.json"$/, /the JSON of one dashboard.*JSON/],
        "a list": ["[]", /^"orders\.json"$/, /it is no object/],
        "no uid": [
            { panels: [] },
            /with the uid undefined|with the uid nothing|with the uid/,
            /a fixed uid of at most 40/,
        ],
        "the uid of one of ours": [
            dashboard({ uid: "redis-instance" }),
            /with the uid "redis-instance"/,
            /a uid of its own: dashboards\.redis-instance has this one/,
        ],
        "a panel that Grafana has no more": [
            dashboard({ panels: [panel("redis_up", "graph")] }),
            /with the panel "Orders" of type "graph"/,
            /a type that Grafana still has: timeseries/,
        ],
        "such a panel in a closed row": [
            dashboard({ panels: [{ type: "row", panels: [panel("redis_up", "singlestat")] }] }),
            /of type "singlestat"/,
            /still has: stat/,
        ],
        "a metric that nothing exposes": [
            dashboard({ panels: [panel("sum(rate(redis_conected_clients[5m]))")] }),
            /with the metric "redis_conected_clients" in panel "Orders"/,
            /did you mean "redis_connected_clients"\?.*a metric of yours is told in `metrics`/,
        ],
        "such a metric in a variable": [
            dashboard({ templating: { list: [{ query: "label_values(redis_upp, pod)" }] } }),
            /with the metric "redis_upp" in variables/,
            /did you mean "redis_up"\?/,
        ],
        "such a metric in an annotation": [
            dashboard({ annotations: { list: [{ expr: "redis_upp == 0" }] } }),
            /with the metric "redis_upp" in annotations/,
            /did you mean "redis_up"\?/,
        ],
        "more bytes than a ConfigMap holds": [
            dashboard({ description: "x".repeat(900 * 1024) }),
            /"orders\.json" of 92\d{4} bytes/,
            /at most 921600 bytes/,
        ],
    };
    for (const [what, [content, got, allowed]] of Object.entries(bad)) {
        it(`is refused with ${what}, in one problem`, () => {
            const [found, ...others] = problem(content);
            assert.deepEqual(others, []);
            assert.equal(found?.path, path_);
            assert.match(found?.got ?? "", got);
            assert.match(found?.allowed ?? "", allowed);
        });
    }

    it("is refused when its file is not there", () => {
        const [found, ...others] = problems({ orders: path.join(folder, "absent.json") });
        assert.deepEqual(others, []);
        assert.match(
            found?.allowed ?? "",
            /its path from the folder of Pulumi\.yaml on; there is none$/,
        );
    });

    it("is refused with the uid of another one", () => {
        const one = write("one", dashboard());
        const [found, ...others] = problems({ one, two: write("two", dashboard()) });
        assert.deepEqual(others, []);
        assert.equal(found?.path, "dashboards.extra.two.file");
        assert.match(found?.allowed ?? "", /dashboards\.extra\.one has this one/);
    });

    it("is refused with a metric that the stack drops", () => {
        const [found] = problem(
            dashboard({ panels: [panel("redis_allocator_frag_bytes")] }),
            [],
            ["redis_allocator_.+"],
        );
        assert.match(found?.allowed ?? "", /`prometheus\.dropRedisMetrics` drops this one/);
    });

    it("may be one of a folder, whose files name the ConfigMaps", () => {
        const files = path.join(folder, "team");
        fs.mkdirSync(files, { recursive: true });
        write("team/orders", dashboard({ uid: "team-orders" }));
        write("team/carts", dashboard({ uid: "team-carts" }));
        fs.writeFileSync(path.join(files, "README.md"), "");
        const own = { files, folder: "Applications", metrics: [] };
        assert.deepEqual(ownDashboardsOf("shop", own), [
            { name: "shop.carts", file: path.join(files, "carts.json") },
            { name: "shop.orders", file: path.join(files, "orders.json") },
        ]);
        assert.deepEqual(found({ shop: own }), []);
    });

    function found(extra: Readonly<Record<string, Partial<OwnDashboards>>>) {
        const all = Object.fromEntries(
            Object.entries(extra).map(([key, own]) => [
                key,
                { folder: "Applications", metrics: [], ...own },
            ]),
        );
        return ownDashboardProblems({
            dashboards: { extra: all },
            prometheus: { dropRedisMetrics: [] },
        }).map((each) => ({ ...each, got: each.got.replaceAll(`${folder}/`, "") }));
    }

    it("is refused in a folder as by itself: one problem for each file", () => {
        const files = path.join(folder, "wrong");
        fs.mkdirSync(files, { recursive: true });
        write("wrong/a", dashboard({ uid: "same" }));
        write("wrong/b", dashboard({ uid: "same" }));
        write("wrong/c", dashboard({ uid: "old", panels: [panel("redis_up", "graph")] }));
        write("wrong/d", dashboard({ uid: "typo", panels: [panel("redis_upp")] }));
        write("wrong/e", dashboard({ uid: "large", description: "x".repeat(900 * 1024) }));
        write("wrong/f", "{");
        write("wrong/Upper_case", dashboard({ uid: "upper" }));
        assert.deepEqual(
            found({ shop: { files } }).map(({ path: at, got }) => `${at}: ${got}`),
            [
                'dashboards.extra.shop.files: "wrong/Upper_case.json"',
                'dashboards.extra.shop.files: "wrong/b.json" with the uid "same"',
                'dashboards.extra.shop.files: "wrong/c.json" with the panel "Orders" of type "graph"',
                'dashboards.extra.shop.files: "wrong/d.json" with the metric "redis_upp" in panel "Orders"',
                'dashboards.extra.shop.files: "wrong/e.json" of 921826 bytes',
                'dashboards.extra.shop.files: "wrong/f.json"',
            ],
        );
    });

    it("is refused when its folder is not there, has none, or a file is named beside it", () => {
        const empty = path.join(folder, "empty");
        fs.mkdirSync(empty, { recursive: true });
        const [absent] = found({ shop: { files: path.join(folder, "absent") } });
        assert.equal(absent?.path, "dashboards.extra.shop.files");
        assert.match(absent?.allowed ?? "", /a folder with files of JSON.*; there is none$/);
        const [none] = found({ shop: { files: empty } });
        assert.match(none?.allowed ?? "", /there is no file in it that ends with \.json$/);
        const both = found({ shop: { files: empty, file: "a.json" }, other: {} });
        assert.deepEqual(
            both.map(({ path: at, got }) => [at, got]),
            [
                ["dashboards.extra.shop", "both file and files"],
                ["dashboards.extra.other", "neither file nor files"],
            ],
        );
    });

    it("may ask other data sources in their own languages", () => {
        const loki = { type: "loki", uid: "loki" };
        const targets = [{ refId: "A", datasource: loki, expr: '{app="shop"} |= "order"' }];
        assert.deepEqual(
            problem(dashboard({ panels: [{ type: "logs", title: "Log", targets }] })),
            [],
        );
    });

    it("names as metrics neither functions, labels, durations nor variables", () => {
        assert.deepEqual(
            metricNames(
                'sum by (pod, le) (rate(a_total{b="c", d=~"$d"}[5m] offset 1h)) / on (pod) group_left (x) max without (y) (e:f) > bool 1e3 or vector(0) # z',
            ),
            ["a_total", "e:f"],
        );
        assert.deepEqual(metricNames("topk($n, ${prefix}_total) and sum(g) by (h) + Inf"), ["g"]);
        assert.deepEqual(metricNames('label_replace(i, "j", "$1 k", "l", "(m)")'), ["i"]);
    });
});

describe("A dashboard that is off", () => {
    const DEFAULTS = dashboardsPart.keys.dashboards.parse(undefined);
    const off = (uid: DashboardUid): DashboardSettings => ({
        ...DEFAULTS,
        [uid]: { ...DEFAULTS[uid], enabled: false },
    });
    const settings = (
        dashboards: DashboardSettings,
        rules: object = {},
        host = "grafana.example.org",
        repository?: string,
    ): LinkSettings => ({
        dashboards,
        alerting: { rules: alertSettings.parse(rules) },
        ingress: { enabled: true, probed: false, hosts: { grafana: host } },
        components: {
            redisOperator: "on",
            logging: "on",
            elasticsearch: "on",
            tracing: "on",
            alertmanager: "on",
            kubeStateMetrics: "on",
            backup: "on",
            prometheus: "on",
        },
        existing: {},
        backup: { repository },
        slos: {},
        applications: {},
        delivery: {},
        mesh: {},
        cluster: { role: "owner", tenantNamespaces: {} },
        elasticsearch: { snapshots: { type: "none" } },
        jaeger: { otlpTls: false },
        probes: {},
        certificates: { probed: true },
        redis: {},
    });
    const refused = [
        {
            path: "dashboards.redis-cluster.enabled",
            got: "false",
            allowed:
                "true while alerts link to it, or these alerts off: RedisClusterDown, RedisClusterSlotsFailing, RedisClusterSlotsNotServed",
        },
    ];

    it("is refused while alerts link to it", () => {
        assert.deepEqual(offAndLinkedProblems(settings(off("redis-cluster"))), refused);
    });

    it("may be one that no alert links to", () => {
        const none = { enabled: false };
        const rules = {
            RedisClusterDown: none,
            RedisClusterSlotsFailing: none,
            RedisClusterSlotsNotServed: none,
        };
        assert.deepEqual(offAndLinkedProblems(settings(off("redis-cluster"), rules)), []);
        assert.deepEqual(offAndLinkedProblems(settings(off("home"))), []);
    });

    it("may be any where Grafana has no host, as alerts link to none there", () => {
        assert.deepEqual(offAndLinkedProblems(settings(off("redis-cluster"), {}, "")), []);
    });

    it("is refused while an alert of what delivers applications links to it", () => {
        // Nothing else links to it then.
        const rules = { DeploymentNotReady: { enabled: false } };
        const rollouts = settings(off("rollouts"), rules);
        assert.deepEqual(offAndLinkedProblems(rollouts), []);
        const [found] = offAndLinkedProblems({ ...rollouts, delivery: { flagger: {} } });
        assert.equal(
            found?.allowed,
            "true while alerts link to it, or these alerts off: FlaggerCanaryFailed, FlaggerCanaryStuck",
        );
        const served = settings(off("application"), {
            HorizontalPodAutoscalerInactive: { enabled: false },
        });
        assert.deepEqual(offAndLinkedProblems(served), []);
        const [meshed] = offAndLinkedProblems({ ...served, mesh: { istio: { mode: "sidecar" } } });
        assert.equal(
            meshed?.allowed,
            "true while alerts link to it, or these alerts off: IstioHighErrorRate",
        );
    });

    it("is the one on objectives, where an application alone has one", () => {
        const none = settings(off("slo"));
        assert.deepEqual(offAndLinkedProblems(none), []);
        const applications = { shop: { web: { slo: { availability: { objective: 99.9 } } } } };
        const [found] = offAndLinkedProblems({ ...none, applications });
        assert.equal(
            found?.allowed,
            "true while alerts link to it, or these alerts off: ErrorBudgetBurnFast, ErrorBudgetBurnSlow",
        );
    });

    it("may be one of a part that is not there", () => {
        assert.deepEqual(offAndLinkedProblems(settings(off("backups"))), []);
        const [found] = offAndLinkedProblems(settings(off("backups"), {}, undefined, "s3:x"));
        assert.match(found?.allowed ?? "", /BackupFailed/);
    });
});

describe("Bad input of dashboards", () => {
    const ingress = {
        enabled: true,
        className: "nginx",
        controllerNamespace: "ingress-nginx",
        hosts: { grafana: "grafana.example.org" },
    };
    refuses({
        "a dashboard that is off while alerts link to it": {
            change: { ingress, dashboards: { "traces-pipeline": { enabled: false } } },
            says: "dashboards.traces-pipeline.enabled: got false; true while alerts link to it, or these alerts off: JaegerQueueNearlyFull, JaegerSpansLost, JaegerSpansRefused, JaegerStorageFailing",
        },
        "an own dashboard that is not there": {
            change: { dashboards: { extra: { shop: { file: "shop.json" } } } },
            says: 'dashboards.extra.shop.file: got "shop.json"; a file with the JSON of one dashboard, its path from the folder of Pulumi.yaml on; there is none',
        },
        "a folder of own dashboards that is not there": {
            change: { dashboards: { extra: { shop: { files: "boards" } } } },
            says: 'dashboards.extra.shop.files: got "boards"; a folder with files of JSON, one dashboard each, its path from the folder of Pulumi.yaml on; there is none',
        },
        "a file of another kind": {
            change: { dashboards: { extra: { shop: { file: "shop.yaml" } } } },
            says: 'dashboards.extra.shop.file: got "shop.yaml"; allowed: the path of a file that ends with .json',
        },
        "a currency that is none": {
            change: {
                dashboards: { prices: { currency: "euros", cpu: 1, memoryGi: 1, storageGi: 1 } },
            },
            says: 'dashboards.prices.currency: got "euros"; allowed: three letters, such as USD or EUR',
        },
    });
});
