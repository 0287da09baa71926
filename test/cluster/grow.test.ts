import assert from "node:assert/strict";

import { Grower, loadClient } from "../../commands/grow/grow";
import { planLines } from "../../commands/grow/plan";
import { schema } from "../../components/stack/config";
import { declaredVolumes } from "../../components/stack/volumes";
import { ControlPlane } from "../../lab/cluster/controlPlane";
import { prometheusOperatorCrds } from "../../lab/cluster/crdFiles";
import type { LiveObject } from "../../lab/cluster/kubeClient";
import { startPrometheusOperator } from "../../lab/cluster/operators";
import { textAt, valueAt } from "../../lab/program/objects";
import { readStackFile } from "../../lab/program/stackFile";

const NAMESPACE = "monitoring";
const NAME = "kube-prometheus-stack-prometheus";
const STATEFUL_SET = `prometheus-${NAME}`;
const CLAIM = `${STATEFUL_SET}-db-${STATEFUL_SET}`;
const MANAGER = "grow-test";

/**
 * The real API server, controllers and Prometheus Operator; pods are simulated. No storage driver grows volumes here: a
 * stand-in does, in the two ways of https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims.
 */
describe("Cluster: volumes that are grown", function () {
    // Its tools may have to be built.
    this.timeout(0);
    let plane: ControlPlane;
    let said: string[];

    before(async () => {
        plane = await ControlPlane.start();
        for (const crd of await prometheusOperatorCrds()) {
            await plane.client.apply(crd, MANAGER);
        }
        await plane.client.apply(
            { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
            MANAGER,
        );
        await startPrometheusOperator(plane);
        await plane.client.apply(prometheus("50Gi", 2), MANAGER);
        await claims(2);
    });
    after(() => plane?.stop());

    function prometheus(storage: string, replicas: number, storageClass = ""): object {
        return {
            apiVersion: "monitoring.coreos.com/v1",
            kind: "Prometheus",
            metadata: { name: NAME, namespace: NAMESPACE },
            spec: {
                replicas,
                version: "v3.14.0",
                storage: {
                    volumeClaimTemplate: {
                        spec: {
                            ...(storageClass ? { storageClassName: storageClass } : {}),
                            resources: { requests: { storage } },
                        },
                    },
                },
            },
        };
    }

    /** The claims of Prometheus once there are so many, and each is bound. */
    function claims(count: number): Promise<LiveObject[]> {
        return plane.eventually(`${count} bound claims`, 120, async () => {
            const all = await plane.client.list("v1", "PersistentVolumeClaim", NAMESPACE);
            const bound = all.filter(({ status }) => valueAt(status, "phase") === "Bound");
            return bound.length === count ? bound : undefined;
        });
    }

    const asked = (claim: LiveObject) => textAt(claim, "spec", "resources", "requests", "storage");

    async function pods(): Promise<Record<string, string>> {
        const all = await plane.client.list("v1", "Pod", NAMESPACE);
        const uids = all.map(({ metadata }): [string, string] => [
            metadata.name,
            metadata.uid ?? "",
        ]);
        return Object.fromEntries(uids.sort());
    }

    async function grower(size: string): Promise<Grower> {
        const settings = schema.parse(readStackFile("prod"));
        const client = await loadClient();
        const kubeconfig = new client.KubeConfig();
        kubeconfig.loadFromFile(plane.kubeconfig);
        const volumes = declaredVolumes({
            ...settings,
            prometheus: { ...settings.prometheus, storageSize: size },
        });
        said = [];
        return new Grower(client, kubeconfig, volumes, (line) => said.push(line), 120, 200);
    }

    /** Gives claims what they ask for until `work` is over; the file systems of some wait for a new pod. */
    async function driving<T>(work: Promise<T>, offline: readonly string[] = []): Promise<T> {
        let over = false;
        const seen = await pods();
        const drive = async (): Promise<void> => {
            while (!over) {
                const all = await plane.client.list("v1", "PersistentVolumeClaim", NAMESPACE);
                const now = await pods();
                for (const claim of all) {
                    const pod = claim.metadata.name.replace(`${STATEFUL_SET}-db-`, "");
                    const waits = offline.includes(claim.metadata.name) && seen[pod] === now[pod];
                    if (textAt(claim, "status", "capacity", "storage") !== asked(claim)) {
                        const status = waits
                            ? { conditions: [{ type: "FileSystemResizePending", status: "True" }] }
                            : { capacity: { storage: asked(claim) }, conditions: [] };
                        await plane.client.patch(claim, { status }, "/status");
                    }
                }
                await new Promise((resolve) => setTimeout(resolve, 200));
            }
        };
        const driver = drive();
        try {
            return await work;
        } finally {
            over = true;
            await driver;
        }
    }

    it("are looked at first: a plan changes nothing", async () => {
        const before = await claims(2);
        const lines = planLines(await (await grower("200Gi")).plan());
        assert.equal(lines.length, 2, lines.join("\n"));
        assert.deepEqual(await claims(2), before);
    });

    it("have what is declared, with every pod left running and the operator at work again", async () => {
        const before = await pods();
        assert.equal(Object.keys(before).length, 2);
        await driving((await grower("200Gi")).run());
        assert.deepEqual(await pods(), before, "no pod was stopped");
        assert.deepEqual((await claims(2)).map(asked), ["200Gi", "200Gi"]);
        const resource = await plane.client.get(
            "monitoring.coreos.com/v1",
            "Prometheus",
            NAMESPACE,
            NAME,
        );
        assert.ok(!valueAt(resource.spec, "paused"));
        assert.deepEqual(planLines(await (await grower("200Gi")).plan()), [
            "  every claim is as the configuration says",
        ]);
    });

    it("of a replica that is added later are as large", async () => {
        await plane.client.apply(prometheus("200Gi", 3), MANAGER);
        const all = await claims(3);
        assert.deepEqual(all.map(asked), ["200Gi", "200Gi", "200Gi"]);
    });

    it("start the pod again whose file system waits for it, and no other", async () => {
        const before = await pods();
        await driving((await grower("300Gi")).run(), [`${CLAIM}-1`]);
        const after = await pods();
        const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
        assert.deepEqual(changed, [`${STATEFUL_SET}-1`]);
        assert.deepEqual((await claims(3)).map(asked), ["300Gi", "300Gi", "300Gi"]);
    });

    it("go on where they were interrupted", async () => {
        const [first] = await claims(3);
        assert.ok(first);
        await plane.client.patch(first, {
            spec: { resources: { requests: { storage: "400Gi" } } },
        });
        await driving((await grower("400Gi")).run());
        assert.deepEqual((await claims(3)).map(asked), ["400Gi", "400Gi", "400Gi"]);
    });

    it("are left alone when they would shrink, or their StorageClass cannot", async () => {
        const before = await claims(3);
        const smaller = await (await grower("100Gi")).plan();
        assert.equal(smaller.refused.length, 3);
        await (await grower("100Gi")).run();
        const [kind] = await plane.client.list("storage.k8s.io/v1", "StorageClass");
        assert.ok(kind);
        await plane.client.patch(kind, { allowVolumeExpansion: false });
        const larger = await (await grower("500Gi")).plan();
        assert.deepEqual(
            larger.refused.map(({ state }) => state),
            ["fixed", "fixed", "fixed"],
        );
        await (await grower("500Gi")).run();
        assert.deepEqual(await claims(3), before);
    });
});
