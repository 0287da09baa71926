import assert from "node:assert/strict";

import { KubernetesObject, label, ofKind, valueAt } from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { everyModeRun, stackRun, tenantRun } from "../../../lab/program/runs";

const RUNS = {
    staging: () => stackRun("staging"),
    prod: () => stackRun("prod"),
    "a stack with every mode": everyModeRun,
    "a tenant": tenantRun,
};
const LEVEL = "pod-security.kubernetes.io";

for (const [stack, make] of Object.entries(RUNS)) {
    describe(`Namespaces of ${stack}`, () => {
        let run: ProgramRun;
        let namespaces: KubernetesObject[];
        before(async () => {
            run = await make();
            namespaces = ofKind(run, "Namespace");
            assert.ok(namespaces.length > 0);
        });

        it("let nothing in that no edge opens", () => {
            const redis = new Set(
                ofKind(run, "Redis", "RedisReplication", "RedisCluster").map(
                    ({ namespace }) => namespace,
                ),
            );
            // Applications may stand beside Redis: clusters.test.ts looks at whom its policies select.
            for (const { name } of namespaces.filter((each) => !redis.has(each.name))) {
                const denies = ofKind(run, "NetworkPolicy").filter(
                    ({ namespace, manifest }) =>
                        namespace === name &&
                        valueAt(manifest, "spec", "ingress") === undefined &&
                        Object.keys(valueAt(manifest, "spec", "podSelector") as object).length ===
                            0,
                );
                assert.equal(denies.length, 1, name);
                const types = denies.map(({ manifest }) =>
                    valueAt(manifest, "spec", "policyTypes"),
                );
                assert.deepEqual(types, [["Ingress"]], name);
            }
        });

        it("enforce a Pod Security level, and show what breaks the strictest", () => {
            for (const object of namespaces) {
                const enforced = object.labels[`${LEVEL}/enforce`];
                assert.match(enforced ?? "none", /^(restricted|privileged)$/, label(object));
                assert.equal(object.labels[`${LEVEL}/audit`], "restricted", label(object));
            }
        });

        it("are restricted but for those of the agents on nodes, which say why", () => {
            const exceptions = namespaces.filter(
                ({ labels }) => labels[`${LEVEL}/enforce`] !== "restricted",
            );
            const names = exceptions.map(({ name }) => name).sort();
            assert.deepEqual(names, stack === "a tenant" ? [] : ["logging", "node-exporter"]);
            for (const { name, manifest } of exceptions) {
                const reason = valueAt(
                    manifest,
                    "metadata",
                    "annotations",
                    "observability/pod-security-exception",
                );
                assert.match(String(reason), /reads the (host|node)/, name);
            }
        });
    });
}
