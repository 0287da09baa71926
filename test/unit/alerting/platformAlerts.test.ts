import assert from "node:assert/strict";

import { environmentOf } from "../../../components/alerting/platformAlerts";
import { fluxResourceState } from "../../../components/metrics/fluxResourceState";
import { resourceStateValues } from "../../../components/metrics/resourceState";
import { leaves, listAt, textAt, valueAt } from "../../../lab/program/objects";

describe("Environment of the platform's alerts", () => {
    it("is the owner's when the cluster has no tenant", () => {
        assert.equal(environmentOf("prod", {}), "prod");
    });

    it("is a tenant's for an alert on one of its namespaces", () => {
        const tenantNamespaces = { orders: "qa", payments: "dev" };
        const template = environmentOf("prod", tenantNamespaces);
        // Innermost first: each tenant's namespace is asked for, and the owner's environment is what is left.
        assert.match(template, /\{\{ if eq \$labels\.namespace "orders" \}\}qa\{\{ else \}\}/);
        assert.match(template, /\{\{ if eq \$labels\.namespace "payments" \}\}dev\{\{ else \}\}/);
        assert.match(template, /\{\{ else \}\}prod\{\{ end \}\}/);
        const count = (word: string) => template.split(word).length - 1;
        assert.equal(count("{{ if "), 2);
        assert.equal(count("{{ end }}"), 2);
    });
});

for (const declared of [false, true]) {
    describe(`State of Flux${declared ? " that is declared" : ""}`, () => {
        const values = resourceStateValues([fluxResourceState(declared)]);
        const resources = listAt(values, "customResourceState", "config", "spec", "resources");

        it("may be read by kube-state-metrics for every kind that it is asked to expose", () => {
            const allowed = listAt(values, "rbac", "extraRules").flatMap((rule) =>
                listAt(rule, "apiGroups"),
            );
            const asked = resources.map((each) => textAt(each, "groupVersionKind", "group"));
            assert.deepEqual([...new Set(asked)].sort(), [...allowed].sort());
        });

        it("has a help text of its own for each kind: of the same one, only the first is exposed", () => {
            const helps = leaves(resources)
                .filter(([path]) => path.includes("help"))
                .map(([, value]) => value);
            // Where Flux is declared each has another metric, but for Alert and Provider, which have no state.
            assert.equal(helps.length, declared ? 2 * 13 - 2 : 6);
            assert.equal(new Set(helps).size, helps.length);
        });

        it(`${declared ? "tells" : "does not tell"} when each last became ready or not`, () => {
            const times = resources.flatMap((each) =>
                listAt(each, "metrics")
                    .filter((metric) => valueAt(metric, "each", "type") === "Gauge")
                    .map((metric) => [
                        textAt(each, "groupVersionKind", "kind"),
                        textAt(metric, "name"),
                        listAt(metric, "each", "gauge", "path").join("."),
                    ]),
            );
            const expected = [
                ...["Kustomization", "HelmRelease", "GitRepository", "OCIRepository"],
                ...["HelmRepository", "Bucket", "HelmChart", "Receiver"],
                ...["ImageRepository", "ImagePolicy", "ImageUpdateAutomation"],
            ].map((kind) => [
                kind,
                "resource_ready_changed_timestamp_seconds",
                "status.conditions.[type=Ready].lastTransitionTime",
            ]);
            assert.deepEqual(times, declared ? expected : []);
        });

        it("tells of so many kinds, each with what it runs and where that is from", () => {
            assert.equal(resources.length, declared ? 13 : 6);
            const labels = (kind: string) =>
                Object.keys(
                    valueAt(
                        resources.find((each) => textAt(each, "groupVersionKind", "kind") === kind),
                        "metrics",
                        "0",
                        "labelsFromPath",
                    ) as object,
                );
            const state = ["exported_namespace", "ready", "stalled", "remediated", "suspended"];
            const paths = resources.slice(0, 6).map((each) => {
                const at = (label: string) =>
                    (
                        valueAt(each, "metrics", "0", "labelsFromPath", label) as
                            readonly string[] | undefined
                    )?.join(".") ?? "";
                return [textAt(each, "groupVersionKind", "kind"), at("revision"), at("source")];
            });
            assert.deepEqual(paths, [
                ["Kustomization", "status.lastAppliedRevision", "spec.sourceRef.name"],
                ["HelmRelease", "status.history.0.chartVersion", "spec.chart.spec.sourceRef.name"],
                ["GitRepository", "status.artifact.revision", ""],
                ["OCIRepository", "status.artifact.revision", ""],
                ["HelmRepository", "status.artifact.revision", ""],
                ["Bucket", "status.artifact.revision", ""],
            ]);
            assert.deepEqual(labels("HelmRelease"), [
                ...state,
                ...["revision", "chart", "version", "source"],
            ]);
        });
    });
}
