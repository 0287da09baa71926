import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { losesPlace } from "../../../components/alerting/extraRuleLabels";
import { find, valueAt } from "../../../lab/program/objects";
import { previewOf } from "../../../lab/program/runs";
import { changed } from "../../support/refusalTable";
import { refusal } from "../../support/refusal";
import { readStackFile } from "../../../lab/program/stackFile";

const METRICS = ["shop_orders_total", "shop_orders_failed_total"];
const SHOP = { shop: { folder: "docs/examples/rules", metrics: METRICS, team: "shop" } };

describe("Rules of the stack's owner", () => {
    it("are loaded as they are written, with the environment and team of each alert", async () => {
        const run = await previewOf("prod", changed("prod", "alerting", { extraRules: SHOP }));
        const { manifest, namespace } = find(run, "PrometheusRule", "extra-shop");
        assert.equal(namespace, "monitoring");
        const [recording, alert] = valueAt(manifest.spec, "groups", "0", "rules") as Record<
            string,
            unknown
        >[];
        assert.equal(recording?.record, "shop:orders_failed:ratio_rate5m");
        assert.equal("labels" in (recording ?? {}), false);
        assert.equal(alert?.alert, "ShopOrdersFail");
        assert.equal(alert?.for, "10m");
        assert.deepEqual(alert?.labels, {
            environment: "prod",
            team: "shop",
            severity: "warning",
        });
    });
});

describe("The place of an owner's alert", () => {
    const LOST = [
        "sum(a) > 1",
        "sum(rate(a[5m])) / sum(rate(b[5m])) > 0.1",
        "(sum by (app) (a)) > 1",
        "max(a) by (pod) > 1",
        "sum without (namespace, node) (a)",
        "1 - avg(a) > 0.5",
        "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m]))) > 1",
        `absent(up{job="shop", namespace=~"a|b"})`,
        "vector(1)",
        `sum by (app) (a{text="by (namespace)"})`,
    ];
    const KEPT = [
        "a > 1",
        "rate(a[5m]) > 1",
        "sum by (namespace) (a) > 1",
        "sum(a) by (node, app) > 1",
        "sum without (pod) (a)",
        "1 - sum by (namespace) (a)",
        "histogram_quantile(0.9, sum by (le, namespace) (rate(a_bucket[5m]))) > 1",
        `absent(up{job="shop", namespace="shop"})`,
        "topk(3, a)",
        `label_replace(sum(a), "namespace", "shop", "", "")`,
        "sum(a) > 1 or b",
        "a / on () group_left sum(b)",
    ];
    for (const expr of LOST) {
        it(`is lost in ${expr}`, () => assert.equal(losesPlace(expr), true));
    }
    for (const expr of KEPT) {
        it(`is kept in ${expr}`, () => assert.equal(losesPlace(expr), false));
    }
});

describe("Rules of the stack's owner that are refused", () => {
    let folder: string;
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "rules-"));
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    const RIGHT = {
        alert: "ShopSlow",
        expr: "redis_up == 0",
        labels: { severity: "info" },
        annotations: { summary: "slow" },
    };
    const group = (...rules: object[]) => JSON.stringify({ groups: [{ name: "shop", rules }] });

    /** The lines that refuse a file, without where the folder is. */
    async function refused(text: string | undefined): Promise<string[]> {
        const own = path.join(folder, "own");
        fs.rmSync(own, { recursive: true, force: true });
        if (text !== undefined) {
            fs.mkdirSync(own);
            fs.writeFileSync(path.join(own, "a.yaml"), text);
        }
        const message = await refusal({
            stack: "prod",
            settings: {
                ...readStackFile("prod"),
                ...changed("prod", "alerting", {
                    extraRules: { shop: { folder: own, metrics: [] } },
                }),
            },
        });
        return message
            .split("\n")
            .slice(1, -1)
            .map((line) => line.replaceAll(`${folder}/`, ""));
    }

    const at = "  observability:alerting.extraRules.shop.folder: got";
    const bad: Readonly<Record<string, readonly [text: string | undefined, line: string]>> = {
        "a folder that is not there": [
            undefined,
            `${at} "own"; a folder with files of rules, its path from the folder of Pulumi.yaml on; there is none`,
        ],
        "a file without groups": [
            "rules: []",
            `${at} "own"; files as Prometheus reads them, with groups, each with a name and rules: own/a.yaml has others`,
        ],
        "a metric that nothing exposes": [
            group({ ...RIGHT, expr: "redis_upp == 0" }),
            `${at} own/a.yaml, group shop, ShopSlow: the metric "redis_upp"; a metric that something exposes or records; did you mean "redis_up"?; a metric of yours is told in \`metrics\` beside the folder`,
        ],
        "a severity that no route takes": [
            group({ ...RIGHT, labels: { severity: "page" } }),
            `${at} own/a.yaml, group shop, ShopSlow: the severity "page"; labels.severity, by which routes take alerts: critical, warning, info`,
        ],
        "no summary": [
            group({ ...RIGHT, annotations: {} }),
            `${at} own/a.yaml, group shop, ShopSlow: no summary; annotations.summary, which messages show`,
        ],
        "no place, where the sum leaves none": [
            group({ ...RIGHT, expr: "sum(rate(redis_up[5m])) / 2 > 0.1" }),
            `${at} own/a.yaml, group shop, ShopSlow: an expression that keeps neither namespace nor node; one of them in the expression, such as by (namespace), or labels.namespace: titles, dashboards and routes go by it`,
        ],
        "no severity at all": [
            group({ ...RIGHT, labels: {} }),
            `${at} own/a.yaml, group shop, ShopSlow: the severity nothing; labels.severity, by which routes take alerts: critical, warning, info`,
        ],
        "the name of one of ours": [
            group({ ...RIGHT, alert: "RedisPersistenceFailing" }),
            `${at} own/a.yaml, group shop, RedisPersistenceFailing: the name of another alert; a name of its own: this stack has this one`,
        ],
        "the name of one of the chart's": [
            group({ ...RIGHT, alert: "KubePodCrashLooping" }),
            `${at} own/a.yaml, group shop, KubePodCrashLooping: the name of another alert; a name of its own: kube-prometheus-stack has this one`,
        ],
        "a duration that is none": [
            group({ ...RIGHT, for: "5 minutes" }),
            `${at} own/a.yaml, group shop, ShopSlow: for: "5 minutes"; a duration of Prometheus such as 30s, 5m or 1h30m`,
        ],
        "a misspelt key": [
            group({ ...RIGHT, annotation: {} }),
            `${at} own/a.yaml, group shop, ShopSlow: the key "annotation"; did you mean "annotations"? allowed: alert, record, expr, for, keep_firing_for, labels, annotations`,
        ],
        "a group twice": [
            JSON.stringify({
                groups: [
                    { name: "shop", rules: [RIGHT] },
                    { name: "shop", rules: [] },
                ],
            }),
            `${at} two groups "shop"; each group once in a folder: Prometheus refuses the second`,
        ],
    };
    for (const [what, [text, line]] of Object.entries(bad)) {
        it(`have ${what}`, async () => {
            assert.deepEqual(await refused(text), [line]);
        });
    }
});
