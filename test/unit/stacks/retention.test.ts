import assert from "node:assert/strict";

import fc from "fast-check";

import { backupPod } from "../../../components/backup/backupPods";
import { setupPlan } from "../../../components/logging/setup/setupPlan";
import { kubePrometheusStackValues } from "../../../components/metrics/kubePrometheusStackValues";
import { seconds } from "../../../components/settings/duration";
import type { StackConfig } from "../../../components/stack/config";
import { cleanerTemplate } from "../../../components/tracing/jaegerJobs";
import { leaves, listAt, textAt, valueAt } from "../../../lab/program/objects";
import { exampleStackValues } from "../../support/exampleConfig";

const DAY = 86400;

/** Whole days, in each way to write them. */
const wholeDays = fc
    .integer({ min: 1, max: 400 })
    .chain((days) =>
        fc.constantFrom(
            `${days}d`,
            `${days * 24}h`,
            `${days * DAY}s`,
            ...(days % 7 === 0 ? [`${days / 7}w`] : []),
        ),
    );
const retentions = fc.record({
    metrics: wholeDays,
    logs: wholeDays,
    traces: wholeDays,
    backups: wholeDays,
});

const SNAPSHOTS = { type: "gcs", bucket: "bucket", basePath: "es" } as const;

type Retention = StackConfig["retention"];

function planOf(retention: Retention): unknown[] {
    return [...setupPlan(SNAPSHOTS, retention, []).steps];
}

/** Values of a key anywhere in the plan, in seconds. */
function planned(retention: Retention, ...path: readonly string[]): number[] {
    const end = path.join(".");
    const found = leaves(planOf(retention))
        .filter(([at]) => at.includes("expected") && at.join(".").endsWith(end))
        .map(([, value]) => seconds(String(value)));
    assert.ok(found.length > 0, end);
    return found;
}

/** A property of any retention. */
function always(check: (retention: Retention) => void): void {
    fc.assert(fc.property(retentions, check), { numRuns: 60 });
}

describe("The configured retention", () => {
    it("of metrics is Prometheus'", () => {
        always((retention) => {
            const values = kubePrometheusStackValues(
                exampleStackValues({ retention: retention.metrics }),
                {
                    grafanaAdmin: "a",
                    alertmanagerConfig: "b",
                    alertmanagerReceivers: "c",
                    nodeExporterNamespace: "d",
                },
            );
            const kept = textAt(values, "prometheus", "prometheusSpec", "retention");
            assert.equal(seconds(kept), seconds(retention.metrics));
        });
    });

    it("of logs is the lifecycle's, and that of what Elasticsearch refused", () => {
        always((retention) => {
            const kept = seconds(retention.logs);
            assert.deepEqual(planned(retention, "delete", "min_age"), [kept]);
            assert.deepEqual([...new Set(planned(retention, "data_retention"))], [kept]);
        });
    });

    it("of logs is never shorter than an earlier phase, which Elasticsearch would refuse", () => {
        always((retention) => {
            const [warm = NaN] = leaves(planOf(retention))
                .filter(([at]) => at.join(".").endsWith("expected.phases.warm.min_age"))
                .map(([, value]) => Number(String(value).replace(/d$/, "")) * DAY);
            assert.ok(warm < seconds(retention.logs), `${warm}`);
        });
    });

    it("of traces is that of Jaeger's cleaner", () => {
        always(({ traces }) => {
            const template = cleanerTemplate("https://elasticsearch:9200", traces, {
                username: "jaeger",
                passwordSecret: "a",
                caConfigMap: "b",
                caFingerprint: "c",
            });
            const [container] = listAt(template, "spec", "containers");
            const [daysKept] = listAt(container, "args");
            assert.equal(Number(daysKept) * DAY, seconds(traces));
        });
    });

    it("of backups is that of the backup jobs", () => {
        always(({ backups }) => {
            const pod = backupPod({
                store: { secret: "a", scripts: "b", scriptsText: "c", serviceAccount: "d" },
                ...{ labels: {}, repository: "e", scratch: "1Gi", exporters: [] },
                retention: backups,
            });
            const [store] = listAt(pod, "spec", "containers");
            const [kept] = listAt(store, "env").filter(
                (each) => valueAt(each, "name") === "KEEP_WITHIN",
            );
            assert.equal(seconds(textAt(kept, "value")), seconds(backups));
        });
    });

    it("of backups is that of the snapshots, whose number never ends it earlier", () => {
        always((retention) => {
            const kept = seconds(retention.backups);
            assert.deepEqual(planned(retention, "retention", "expire_after"), [kept]);
            const policy = planOf(retention).find((step) =>
                String(valueAt(step, "name")).startsWith("Snapshot policy"),
            );
            const { min_count, max_count } = valueAt(policy, "expected", "retention") as Record<
                "min_count" | "max_count",
                number
            >;
            assert.ok(max_count > kept / DAY, `${max_count}`);
            assert.ok(min_count >= 1 && min_count <= kept / DAY, `${min_count}`);
        });
    });
});
