import assert from "node:assert/strict";

import { notRestricted, refusedPods } from "./podSecurity";
import { CHARTS, World } from "./world";
import { CASES, worldOf } from "./worlds";

/** Namespaces that admit more than `restricted`, with the reason that they carry. */
const PRIVILEGED = {
    logging: "Fluent Bit reads the node's log files and keeps its buffer on the node",
    "node-exporter": "node-exporter reads the host's network, processes and file systems",
};

/** Workloads that `restricted` would refuse, with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
    // It comes with its chart.
    ...(CHARTS ? { "DaemonSet logging/fluent-bit": PRIVILEGED.logging } : {}),
    "DaemonSet node-exporter/kube-prometheus-stack-prometheus-node-exporter":
        PRIVILEGED["node-exporter"],
    "Deployment logging/kibana-kb": "ECK gives Kibana's containers no seccomp profile",
};

for (const each of CASES) {
    describe(`Cluster: Pod Security of ${each.title}`, () => {
        let world: World;
        before(async function () {
            world = await worldOf(this, each);
        });

        it("is restricted in every namespace, but for those with a reason on them", () => {
            const open = world.objects
                .kind("Namespace")
                .filter(({ metadata }) => world.objects.ourNamespaces().includes(metadata.name))
                .filter(
                    ({ metadata: { labels = {} } }) =>
                        labels["pod-security.kubernetes.io/enforce"] !== "restricted",
                )
                .map(({ metadata: { name, annotations = {} } }) => [
                    name,
                    annotations["observability/pod-security-exception"],
                ]);
            assert.deepEqual(Object.fromEntries(open), PRIVILEGED);
        });

        it("admits the pods of every workload", async () => {
            assert.deepEqual(await refusedPods(world.plane.client, world.objects), []);
        });

        it("is needed below restricted by no other workload than those with a reason", async () => {
            const found = await notRestricted(world.plane.client, world.objects);
            assert.deepEqual(found, Object.keys(EXCEPTIONS));
        });
    });
}
