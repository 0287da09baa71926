import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { alertSettings } from "../../../components/alerting/rules/settings";
import { KubernetesObject, listAt, ofKind, textAt, valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { everyModeRun, everyPartRun, previewOf } from "../../../lab/program/runs";
import { ROOT } from "../../../lab/program/stackFile";
import { skip } from "../../support/skip";

const RUNBOOKS = path.join(ROOT, "docs", "runbooks");

interface Rule {
    readonly alert: string;
    readonly expr: string;
    readonly for: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
}

const key = ({ alert, expr }: Rule): string => `${alert}: ${expr}`;

describe("Alerts", () => {
    let rules: Rule[];
    before(async () => {
        const of = (run: ProgramRun): Rule[] =>
            ofKind(run, "PrometheusRule")
                .flatMap(({ manifest }) => listAt(manifest, "spec", "groups"))
                .flatMap((group) => listAt(group, "rules") as Rule[])
                .filter((rule) => "alert" in rule);
        const first = of(await everyModeRun());
        const known = new Set(first.map(key));
        rules = [...first, ...of(await everyPartRun()).filter((rule) => !known.has(key(rule)))];
        assert.ok(rules.length > 10);
    });

    it("say what is wrong, what it means, and where to read on", () => {
        for (const { alert, annotations } of rules) {
            for (const key of ["summary", "description", "runbook_url"]) {
                assert.ok(annotations[key]?.trim(), `${alert} has no ${key}`);
            }
        }
    });

    it("have a runbook of their name", function () {
        const written = fs.existsSync(RUNBOOKS) ? fs.readdirSync(RUNBOOKS) : [];
        if (written.length === 0) {
            skip(this, "docs/runbooks is empty");
        }
        for (const { alert, annotations } of rules) {
            const file = annotations.runbook_url?.replace(/^.*\//, "") ?? "";
            assert.ok(written.includes(file), `${alert}: docs/runbooks/${file} is missing`);
        }
    });

    it("are all of those that have a runbook", function () {
        const written = fs.existsSync(RUNBOOKS) ? fs.readdirSync(RUNBOOKS) : [];
        const names = written
            .filter((file) => /^[A-Z][A-Za-z]+\.md$/.test(file) && file !== "README.md")
            .map((file) => file.replace(/\.md$/, ""));
        const alerts = rules.map(({ alert }) => alert);
        assert.deepEqual(
            names.filter((name) => !alerts.includes(name)),
            [],
        );
    });

    it("carry a severity that receivers can ask for, their environment, their owner, and a time to hold", () => {
        for (const rule of rules) {
            assert.match(rule.labels.severity ?? "", /^(critical|warning|info)$/, rule.alert);
            assert.ok(rule.labels.environment, rule.alert);
            // On a Redis the expression says it: each namespace has an owner.
            assert.ok(rule.labels.team ?? /\bteam\b|redis:/.test(rule.expr), rule.alert);
            assert.match(rule.for, /^\d+[smhd]$/, rule.alert);
        }
    });

    it("are listed with their runbooks, with the severity and the time that they have by default", () => {
        const table = fs.readFileSync(path.join(RUNBOOKS, "README.md"), "utf8");
        const listed = [...table.matchAll(/^\| \[(\w+)\]\(\1\.md\) +\| (\w+) +\| (\w+) +\|/gm)];
        const defaults = Object.entries(alertSettings.parse({}));
        assert.deepEqual(
            listed.map(([, ...row]) => row.join(" ")).sort(),
            defaults.map(([name, each]) => `${name} ${each.severity} ${each.for}`).sort(),
        );
    });

    for (const [title, runOf] of [
        ["ours", everyModeRun],
        ["what is not ours", everyPartRun],
    ] as const) {
        it(`tell of each monitor of ${title} that its target is gone, which no series would`, async () => {
            missedTargets(await runOf());
        });
    }

    function missedTargets(run: ProgramRun): void {
        const absent = rules.map(({ expr }) => expr).filter((expr) => expr.startsWith("absent("));
        // A Redis is missed when it is declared and does not answer.
        const declared = ofKind(run, "PrometheusRule")
            .flatMap(({ manifest }) => listAt(manifest, "spec", "groups"))
            .flatMap((group) => listAt(group, "rules"))
            .filter((rule) => valueAt(rule, "record") === "redis:declared_pods")
            .map((rule) => valueAt(rule, "labels") as Readonly<Record<string, string>>)
            .map(({ app, namespace }) => `app="${app}", namespace="${namespace}"`);
        absent.push(...declared);
        const monitors = ofKind(run, "ServiceMonitor", "PodMonitor");
        const jobs = monitors.map((monitor) => jobOf(monitor, run));
        monitors.forEach((monitor, i) => {
            // While there is no new version, a canary has no pod.
            if (monitor.name.endsWith("-canary")) {
                return;
            }
            const selector = valueAt(monitor.manifest, "spec", "selector");
            const foreign = valueAt(monitor.manifest, "spec", "namespaceSelector", "matchNames");
            const apps = (valueAt(selector, "matchExpressions") ?? []) as {
                readonly key: string;
                readonly values: readonly string[];
            }[];
            // The exporters of a Redis instance are of several workloads.
            const workloads = apps
                .filter(({ key }) => key === "app" && foreign === undefined)
                .flatMap(({ values }) => values)
                .map((app) => [`app="${app}"`, `namespace="${monitor.namespace}"`]);
            const several = jobs.filter((job) => job === jobs[i]).length > 1;
            const target = [
                ...(foreign === undefined ? [] : [`namespace="${textAt(foreign, "0")}"`]),
                `job="${jobs[i]}"`,
                ...(several ? [`endpoint="${endpointOf(monitor)}"`] : []),
            ];
            for (const matchers of workloads.length > 0 ? workloads : [target]) {
                assert.ok(
                    absent.some((expr) => matchers.every((matcher) => expr.includes(matcher))),
                    `no alert tells that ${monitor.kind} ${monitor.name} finds nothing (${matchers.join(", ")})`,
                );
            }
        });
    }

    it("are not the same alert twice", () => {
        const keys = rules.map(key);
        assert.equal(new Set(keys).size, keys.length);
    });

    it("link to the Grafana that people reach, and to none where it has no host", async () => {
        const urls = async (change: object): Promise<unknown[]> =>
            ofKind(await previewOf("staging", { ...change }), "PrometheusRule")
                .flatMap(({ manifest }) => listAt(manifest, "spec", "groups"))
                .flatMap((group) => listAt(group, "rules"))
                .filter((each) => valueAt(each, "alert") !== undefined)
                .map((each) => valueAt(each, "annotations", "dashboard_url"));
        const reached = await urls({
            ingress: {
                enabled: true,
                className: "nginx",
                controllerNamespace: "ingress-nginx",
                hosts: { grafana: "grafana.example.org" },
            },
        });
        assert.ok(reached.every((url) => String(url).includes("://grafana.example.org/d/")));
        const [first, ...others] = new Set(await urls({ ingress: { enabled: false } }));
        assert.deepEqual([first, others], [undefined, []]);
    });

    it("are as many for fifty instances as for one, in objects far below every limit", async () => {
        const instance = { mode: "replication", replicas: 3, memory: "256Mi", storageSize: "1Gi" };
        const objects = async (count: number): Promise<KubernetesObject[]> => {
            const names = Array.from({ length: count }, (_, i) => `redis-${i}`);
            const instances = Object.fromEntries(names.map((name) => [name, instance]));
            const run = await previewOf("staging", { redis: { shop: { instances } } });
            return ofKind(run, "PrometheusRule");
        };
        const alerts = (all: readonly KubernetesObject[]): number =>
            all
                .flatMap(({ manifest }) => listAt(manifest, "spec", "groups"))
                .flatMap((group) => listAt(group, "rules"))
                .filter((rule) => valueAt(rule, "alert") !== undefined).length;
        const [one, fifty] = [await objects(1), await objects(50)];
        assert.equal(alerts(fifty), alerts(one));
        const sizes = fifty.map(({ manifest }) => JSON.stringify(manifest).length);
        // The operator refuses a PrometheusRule above 524288 bytes.
        assert.ok(Math.max(...sizes) < 131_072, `${Math.max(...sizes)} bytes`);
    });

    it("name the file of their runbook as long as no URL is set", async () => {
        const run = await previewOf("staging", { alerting: { runbookBaseUrl: "", receivers: {} } });
        const [rule] = ofKind(run, "PrometheusRule")
            .flatMap(({ manifest }) => listAt(manifest, "spec", "groups"))
            .flatMap((group) => listAt(group, "rules"))
            .filter((each) => valueAt(each, "alert") !== undefined);
        const url = textAt(rule, "annotations", "runbook_url");
        assert.equal(url, `docs/runbooks/${textAt(rule, "alert")}.md`);
    });
});

/** The label `job` of a monitor's targets: what its jobLabel has there, or the name of the Service that it finds. */
function jobOf({ manifest, namespace }: KubernetesObject, run: ProgramRun): string | undefined {
    const relabelled = ["podMetricsEndpoints", "endpoints"]
        .flatMap((key) => (valueAt(manifest, "spec", key) ?? []) as unknown[])
        .flatMap((each) => (valueAt(each, "relabelings") ?? []) as unknown[])
        .find((each) => valueAt(each, "targetLabel") === "job");
    if (relabelled) {
        return textAt(relabelled, "replacement");
    }
    const jobLabel = valueAt(manifest, "spec", "jobLabel");
    const wanted = (valueAt(manifest, "spec", "selector", "matchLabels") ?? {}) as Record<
        string,
        string
    >;
    return typeof jobLabel === "string"
        ? wanted[jobLabel]
        : ofKind(run, "Service").find(
              (service) =>
                  service.namespace === namespace &&
                  Object.entries(wanted).every(([key, value]) => service.labels[key] === value),
          )?.name;
}

function endpointOf({ manifest }: KubernetesObject): string {
    return ["endpoints", "podMetricsEndpoints"]
        .flatMap((key) => (valueAt(manifest, "spec", key) ?? []) as { readonly port: string }[])
        .map(({ port }) => port)
        .join();
}
