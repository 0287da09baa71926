import assert from "node:assert/strict";

import type { ProgramRun, Registration } from "../../lab/program/program";
import {
    adapterRun,
    everyModeRun,
    everyPartRun,
    stackRun,
    STACKS,
    tenantRun,
} from "../../lab/program/runs";
import { dashboardsOf } from "../../lab/promql/dashboards";
import { dropsOf } from "../../lab/promql/drops";
import { Expression, expressionsOf } from "../../lab/promql/expressions";
import { findingsOf, report } from "../../lab/promql/gate";
import { REQUIREMENTS } from "./requirements";

const expression = (text: string, more: Partial<Expression> = {}): Expression => ({
    place: "test",
    text,
    added: [],
    templates: [],
    dashboard: false,
    ...more,
});

describe("what is not exposed", () => {
    type Runs = readonly [run: () => Promise<ProgramRun>, owner?: () => Promise<ProgramRun>];
    const runs: Readonly<Record<string, Runs>> = {
        ...Object.fromEntries(
            STACKS.map((stack): [string, Runs] => [stack, [() => stackRun(stack)]]),
        ),
        "a stack with every mode of Redis": [everyModeRun],
        "a stack with every part": [everyPartRun],
        "a stack with prometheus-adapter": [adapterRun],
        "a tenant": [tenantRun, () => stackRun("prod")],
    };
    for (const [name, [run, owner]] of Object.entries(runs)) {
        it(`is read by no alert, recording rule, dashboard or autoscaler of ${name}`, async () => {
            const { registrations } = await run();
            const expressions = expressionsOf(registrations);
            assert.notEqual(expressions.length, 0);
            const others = expressionsOf((await owner?.())?.registrations ?? []);
            const findings = findingsOf(expressions, {
                others,
                drops: dropsOf(registrations),
                dashboards: dashboardsOf(registrations),
            });
            assert.equal(findings.length, 0, `\n${report(findings)}`);
        });
    }

    const phantoms = {
        "full stack": [
            "redis_cluster_nodes_total",
            "redis_instance_commands_processed_total",
            "redis_instance_connected_clients",
            "redis_instance_keyspace_hits_total",
            "redis_instance_keyspace_misses_total",
            "redis_instance_memory_limit_bytes",
            "redis_instance_memory_usage_bytes",
            "redis_instance_status",
            "redis_operator_reconcile_duration_seconds",
            "redis_operator_reconcile_errors_total",
            "redis_operator_reconcile_total",
            "redis_operator_resource_status_total",
            "redis_sentinel_failover_total",
            "redis_sentinel_masters_total",
            "redis_sentinel_quorum_required",
            "redis_sentinel_sentinels_total",
        ],
        GitOps: [
            "flux_gitrepository_condition",
            "flux_helmrelease_condition",
            "flux_kustomization_condition",
            "flux_kustomization_reconcile_duration_seconds",
        ],
        autoscaling: [],
    };
    for (const [document, names] of Object.entries(phantoms)) {
        it(`is found in the requirements on ${document}: ${names.length} metrics`, () => {
            const texts = REQUIREMENTS[document as keyof typeof REQUIREMENTS];
            const findings = findingsOf(texts.map((text) => expression(text)));
            const found = findings.filter(({ kind }) => kind === "metric");
            assert.deepEqual([...new Set(found.map(({ unknown }) => unknown))].sort(), names);
            assert.deepEqual(
                findings.filter((finding) => !found.includes(finding)),
                [],
            );
        });
    }

    const wrong: Readonly<Record<string, readonly [string, RegExp]>> = {
        "a mistyped metric": ["redis_upp == 0", /metric "redis_upp".* did you mean "redis_up"\?/],
        "a mistyped label of a matcher": [`redis_up{namspace="a"}`, /did you mean "namespace"\?/],
        "a label that is aggregated away before it is used": [
            "sum by (pod) (sum by (namespace) (redis_up))",
            /label "pod": by \(\.\.\.\): its operand cannot have it/,
        ],
        "a label of `without` that was never there": [
            "sum without (podd) (redis_up)",
            /label "podd": without/,
        ],
        "a label to match on that one side lacks": [
            "redis_up and on (pod, app) kube_pod_info",
            /label "app": on \(\.\.\.\): the right side cannot have it/,
        ],
        "a label to ignore that neither side has": [
            "redis_up and ignoring (shard) redis_memory_used_bytes",
            /label "shard": ignoring/,
        ],
        "a label that group_left cannot take over": [
            "redis_up * on (namespace, pod) group_left (roll) redis_instance_info",
            /label "roll": group_left.* did you mean "role"\?/,
        ],
        "a source label of label_replace": [
            `label_replace(redis_up, "shard", "$1", "ap", "(.+)")`,
            /label "ap": label_replace reads it/,
        ],
        "an external label in a matcher, which matches nothing in a rule": [
            `redis_up{cluster="prod"}`,
            /Prometheus adds it only to what leaves it/,
        ],
        "a job that no target with the metric has": [
            `controller_runtime_reconcile_total{job="redis-op"}`,
            /job="redis-op": no target/,
        ],
        "the name that a histogram's series do not have": [
            "rate(redis_commands_latencies_usec[5m])",
            /metric "redis_commands_latencies_usec"/,
        ],
    };
    for (const [what, [text, message]] of Object.entries(wrong)) {
        it(`may be ${what}`, () => {
            const [finding, ...others] = findingsOf([expression(text)]);
            assert.deepEqual(others, []);
            assert.match(finding?.message ?? "", message);
        });
    }

    it("may be a label that an alert's text names and its result lacks", () => {
        const alert = expression("sum by (app) (redis_up) == 0", {
            templates: ["Redis {{ $labels.app }} in {{ $labels.namespace }}"],
        });
        assert.match(report(findingsOf([alert])), /test\n.*label "namespace": a text of the alert/);
    });

    it("is not what recording rules write, in any order, with the labels that they leave", () => {
        const rules = [
            expression("max by (app) (b:x)", { record: "a:x" }),
            expression("sum by (app, pod) (redis_up)", { record: "b:x", added: ["slo"] }),
        ];
        const use = (text: string) => report(findingsOf([...rules, expression(text)]));
        assert.equal(use(`a:x{app="a"} and on (app) b:x{slo="s"}`), "");
        assert.match(use(`a:x{pod="a"}`), /label "pod": a:x is never stored with it/);
    });

    it("may be what a drop list removes", () => {
        const drops = [{ exposer: "redis-exporter", pattern: /^(?:redis_up|process_.+)$/ }];
        const read = (text: string) => report(findingsOf([expression(text)], { drops }));
        assert.match(
            read("redis_up == 0"),
            /"redis_up": the drop list of redis-exporter removes it/,
        );
        // Others expose it too.
        assert.equal(read("process_open_fds"), "");
    });

    it("is not an external label in a dashboard, which may read a store of several Prometheus", () => {
        const panel = expression(`redis_up{cluster="$cluster"}`, { dashboard: true });
        assert.deepEqual(findingsOf([panel]), []);
    });
});

describe("the expressions of the stack", () => {
    const object = (inputs: object): Registration => ({
        type: "",
        name: "",
        urn: "",
        parent: "",
        dependencies: [],
        custom: true,
        protect: false,
        retainOnDelete: false,
        provider: "",
        inputs: inputs as Record<string, unknown>,
    });
    const metadata = { name: "n", namespace: "ns", labels: { grafana_dashboard: "1" } };

    it("are found in panels and variables of dashboards, with Grafana's durations filled in", () => {
        const dashboard = {
            panels: [
                { panels: [{ title: "A", targets: [{ expr: "rate(a[$__rate_interval])" }] }] },
            ],
            templating: { list: [{ name: "v", query: "label_values(b{x='y'}, pod)" }] },
        };
        const data = { "x.json": JSON.stringify(dashboard) };
        const found = expressionsOf([object({ kind: "ConfigMap", metadata, data })]);
        assert.deepEqual(
            found.map(({ place, text }) => [place, text]),
            [
                ['ConfigMap ns/n, x.json, panel "A"', "rate(a[5m])"],
                ["ConfigMap ns/n, x.json, variable v", "b{x='y'}"],
            ],
        );
    });

    it("are found in the rules of prometheus-adapter, in KEDA's triggers and in Flagger's templates", () => {
        const external = {
            seriesQuery: `redis_db_keys{db="db0"}`,
            metricsQuery: "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)",
        };
        const triggers = [
            { type: "prometheus", metadata: { query: "c" } },
            { type: "cpu", metadata: {} },
        ];
        const found = expressionsOf([
            object({
                chart: "prometheus-adapter",
                values: { rules: { external: [external] } },
            }),
            object({ kind: "ScaledObject", metadata, spec: { triggers } }),
            object({ kind: "MetricTemplate", metadata, spec: { query: "d{a='{{ target }}'}" } }),
        ]);
        assert.deepEqual(
            found.map(({ text }) => text),
            [
                `redis_db_keys{db="db0"}`,
                `sum(redis_db_keys{db="db0"}) by (namespace)`,
                "c",
                "d{a='x'}",
            ],
        );
    });
});
