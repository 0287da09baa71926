import assert from "node:assert/strict";

import {
    find,
    findRelease,
    KubernetesObject,
    label,
    leaves,
    ofKind,
    Release,
    releases,
} from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { previewOf, stackRun } from "../../../lab/program/runs";

const STATEFUL = ["Redis", "RedisReplication", "RedisSentinel", "RedisCluster", "Elasticsearch"];

/** Releases that claim volumes. */
function claiming(run: ProgramRun): Release[] {
    return releases(run).filter(({ values }) =>
        leaves(values).some(([path]) =>
            path.some((key) => key === "volumeClaimTemplate" || key === "persistence"),
        ),
    );
}

/** Namespaces in which volumes are claimed: deleting one deletes them. */
function namespacesWithVolumes(run: ProgramRun): KubernetesObject[] {
    const names = [...ofKind(run, ...STATEFUL), ...claiming(run)].map(({ namespace }) => namespace);
    return [...new Set(names)].map((name) => find(run, "Namespace", name ?? ""));
}

describe("What holds data in prod", () => {
    let run: ProgramRun;
    before(async () => {
        run = await stackRun("prod");
    });

    it("is protected: Redis, Elasticsearch, Grafana's volume, and the namespaces of volumes", () => {
        const holders = [...ofKind(run, ...STATEFUL), ...namespacesWithVolumes(run)];
        assert.ok(holders.length >= 5, holders.map(label).join(", "));
        const unprotected = holders.filter(({ registration }) => !registration.protect);
        assert.deepEqual(unprotected.map(label), []);
        const charts = claiming(run).filter(({ registration }) => !registration.protect);
        assert.deepEqual(
            charts.map(({ name }) => name),
            [],
        );
    });

    it("outlives the stack: the namespaces of volumes are left", () => {
        const gone = namespacesWithVolumes(run).filter(
            ({ registration }) => !registration.retainOnDelete,
        );
        assert.deepEqual(gone.map(label), []);
    });

    it("is monitoring, logging and each namespace with Redis", () => {
        const redis = ofKind(run, ...STATEFUL).flatMap(({ namespace = "", kind }) =>
            kind === "Elasticsearch" ? [] : [namespace],
        );
        assert.deepEqual(
            namespacesWithVolumes(run)
                .map(({ name }) => name)
                .sort(),
            [...new Set(["logging", "monitoring", ...redis])].sort(),
        );
    });
});

for (const stack of ["staging", "prod"]) {
    describe(`CRDs of ${stack}`, () => {
        it("are left by a destroyed stack: deleting one deletes every object of its kind", async () => {
            const crds = ofKind(await stackRun(stack), "CustomResourceDefinition");
            assert.ok(crds.length > 0);
            for (const crd of crds) {
                assert.ok(crd.registration.retainOnDelete, label(crd));
            }
            const { values } = findRelease(await stackRun(stack), "prometheus-operator-crds");
            assert.deepEqual(values.crds, {
                annotations: { "helm.sh/resource-policy": "keep" },
            });
        });
    });
}

describe("A stack without protection", () => {
    it("can be destroyed whole, but for the CRDs", async () => {
        const run = await previewOf("prod", {
            dataProtection: { protect: false, keepVolumes: false },
        });
        const kept = run.registrations.filter(
            ({ protect, retainOnDelete }) => protect || retainOnDelete,
        );
        assert.deepEqual(
            [...new Set(kept.map(({ type }) => type))],
            ["kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"],
        );
    });
});
