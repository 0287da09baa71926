import assert from "node:assert/strict";

import {
    customResources,
    find,
    findRelease,
    kubernetesObjects,
    label,
    leaves,
    ofKind,
    releases,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { previewOf, stackRun, tenantRun } from "../../../lab/program/runs";
import { readStackFile } from "../../../lab/program/stackFile";
import { PODS } from "../../support/pods";
import { failure, registered } from "../../support/refusal";
import { changed } from "../../support/refusalTable";
import { admits } from "../../support/selectors";

describe("Tenant", () => {
    let run: ProgramRun;
    before(async () => {
        run = await tenantRun();
    });

    it("makes its namespace and what is in it, and nothing that the cluster has once", () => {
        assert.deepEqual(releases(run), []);
        const kinds = [...new Set(kubernetesObjects(run).map(({ kind }) => kind))].sort();
        assert.deepEqual(kinds, [
            "Namespace",
            "NetworkPolicy",
            "PrometheusRule",
            "RedisReplication",
            "Secret",
            "ServiceMonitor",
        ]);
        const elsewhere = kubernetesObjects(run).filter(
            ({ kind, name, namespace }) => (kind === "Namespace" ? name : namespace) !== "qa",
        );
        assert.deepEqual(elsewhere.map(label), []);
    });

    it("lets in the Prometheus and the Redis operator of its owner", () => {
        const policies = ofKind(run, "NetworkPolicy");
        const pod = { namespace: "qa", labels: { app: "cache", redis_setup_type: "standalone" } };
        assert.ok(admits(policies, PODS.prometheus, pod, 9121));
        assert.ok(admits(policies, PODS.redisOperator, pod, 6379));
        assert.ok(!admits(policies, PODS.application, pod, 6379));
        assert.ok(!admits(policies, PODS.application, pod, 9121));
    });

    it("labels series and alerts with its own environment", () => {
        const { manifest } = find(run, "ServiceMonitor", "cache");
        const relabelings = leaves(valueAt(manifest, "spec", "endpoints"))
            .filter(([path]) => path.includes("replacement"))
            .map(([, value]) => value);
        assert.deepEqual(relabelings, ["qa"]);
        const environments = leaves(ofKind(run, "PrometheusRule").map((rule) => rule.manifest))
            .filter(([path]) => path.includes("labels") && path.includes("environment"))
            .map(([, value]) => value);
        assert.deepEqual([...new Set(environments)], ["qa"]);
    });

    it("shows the owner's endpoints, its own Redis, and none of the owner's passwords", async () => {
        const owner = await stackRun("prod");
        assert.deepEqual(run.outputs.endpoints, owner.outputs.endpoints);
        assert.equal(valueAt(run.outputs, "redis", "qa", "cache", "port"), 6379);
        const text = JSON.stringify(run.outputs);
        for (const password of leaves(owner.outputs.passwords).map(([, value]) => value)) {
            assert.ok(!text.includes(String(password)));
        }
    });

    it("waits for no operator of its own: the owner's is there", () => {
        for (const { registration } of customResources(run)) {
            const foreign = registration.dependencies.filter((urn) => /Release|:Custom/.test(urn));
            assert.deepEqual(foreign, []);
        }
    });

    it("of a stack that owns no cluster ends before a Kubernetes object is made", async () => {
        const stack = "organization/observability/staging";
        const message = await failure({
            stack: "qa",
            settings: {
                ...readStackFile("staging"),
                cluster: {
                    name: "prod",
                    role: "tenant",
                    ownerStack: stack,
                    controlPlane: "managed",
                },
            },
            stackOutputs: { [stack]: { endpoints: {} } },
        });
        assert.match(
            message,
            /^cluster\.ownerStack: stack "organization\/observability\/staging" /,
        );
        assert.match(message, /Bring the owner up first, or name another stack\.$/);
        assert.deepEqual(
            registered().filter((urn) => urn.includes("kubernetes:core")),
            [],
        );
    });

    it("has its logs read by the owner, labelled as its own, once the owner lists it", async () => {
        const settings = {
            ...changed("prod", "cluster", { tenantNamespaces: { qa: "qa" } }),
            ...changed("prod", "alerting", { unroutedEnvironments: ["qa"] }),
        };
        const owner = await previewOf("prod", settings);
        const { values } = findRelease(owner, "fluent-bit");
        assert.match(
            textAt(values, "config", "extraFiles", "fluent-bit.yaml"),
            /path: \S*\*_qa_\*\.log/,
        );
        assert.match(textAt(values, "luaScripts", "log_schema.lua"), /^ +\["qa"\] = "qa",$/m);
    });
});
