import assert from "node:assert/strict";

import { restoreRequest } from "../../commands/restore/arguments";
import { loadClient, Restorer } from "../../commands/restore/restore";
import { ControlPlane } from "../../lab/cluster/controlPlane";
import type { LiveObject } from "../../lab/cluster/kubeClient";
import { listAt, ofKind, textAt, valueAt } from "../../lab/program/objects";
import { previewOf } from "../../lab/program/runs";

const NAMESPACE = "shop";
const BACKUP = { schedule: "0 1 * * *" };
const SETTINGS = {
    redis: {
        [NAMESPACE]: {
            isolate: "namespace",
            instances: {
                orders: {
                    ...{ mode: "cluster", shards: 3, memory: "128Mi", storageSize: "1Gi" },
                    backup: BACKUP,
                },
                "orders-b": {
                    ...{ mode: "sentinel", replicas: 3, memory: "64Mi", storageSize: "1Gi" },
                    backup: BACKUP,
                },
            },
        },
    },
    applications: {},
};

/** The real API server and controllers; pods are simulated, and test/backup runs what is in them. */
describe("Cluster: a Redis that is restored by command", function () {
    this.timeout(120_000);
    let plane: ControlPlane;
    let said: string[];

    before(async function () {
        // Its tools may have to be built.
        this.timeout(0);
        plane = await ControlPlane.start();
        const run = await previewOf("staging", SETTINGS);
        await plane.client.apply(
            { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
            "test",
        );
        for (const { manifest, namespace } of ofKind(
            run,
            "ServiceAccount",
            "PersistentVolumeClaim",
            "CronJob",
        )) {
            if (namespace === NAMESPACE) {
                await plane.client.apply(manifest, "test");
            }
        }
    });
    beforeEach(() => {
        said = [];
    });
    after(() => plane?.stop());

    async function restore(suffix: string, ...args: string[]): Promise<void> {
        const client = await loadClient();
        const kubeconfig = new client.KubeConfig();
        kubeconfig.loadFromFile(plane.kubeconfig);
        const request = restoreRequest(["staging", ...args], ["staging"], () => ({
            [NAMESPACE]: { orders: true, "orders-b": true, gone: true },
        }));
        const restorer = new Restorer(client, kubeconfig, (line) => said.push(line), suffix, 200);
        await restorer.run(request);
    }

    async function jobs(suffix: string): Promise<Map<string, LiveObject>> {
        const all = await plane.client.list("batch/v1", "Job", NAMESPACE);
        return new Map(
            all
                .filter(({ metadata }) => metadata.name.endsWith(`-${suffix}`))
                .map((job) => [job.metadata.name.slice(0, -suffix.length - 1), job]),
        );
    }

    const pod = (job: LiveObject | undefined) => valueAt(job, "spec", "template", "spec");
    const variable = (container: unknown, name: string) =>
        textAt(
            listAt(container, "env").find((each) => textAt(each, "name") === name),
            "value",
        );
    const fetched = (job: LiveObject | undefined) => listAt(pod(job), "initContainers")[0];
    const work = (job: LiveObject | undefined) =>
        textAt(
            listAt(pod(job), "volumes").find((each) => textAt(each, "name") === "work"),
            "emptyDir",
            "sizeLimit",
        );

    it("gets its own newest backup by the Job that the program made for it", async () => {
        await restore("own", `${NAMESPACE}/orders`);
        const made = await jobs("own");
        assert.deepEqual([...made.keys()], ["restore-orders"]);
        const job = made.get("restore-orders");
        assert.match(variable(fetched(job), "RESTIC_REPOSITORY"), /\/orders$/);
        assert.equal(valueAt(job, "status", "succeeded"), 1);
        assert.equal(said[0], `Job ${NAMESPACE}/restore-orders-own runs`);
    });

    it("gets a backup that is made now, of an instance of another mode, with room for it", async () => {
        await restore("new", `${NAMESPACE}/orders`, `${NAMESPACE}/orders-b`, "--fresh");
        assert.deepEqual(
            said.filter((line) => line.startsWith("Job ")),
            [
                `Job ${NAMESPACE}/backup-orders-new runs`,
                `Job ${NAMESPACE}/restore-orders-b-new runs`,
            ],
        );
        const made = await jobs("new");
        const job = made.get("restore-orders-b");
        assert.match(variable(fetched(job), "RESTIC_REPOSITORY"), /\/orders$/);
        const [program] = listAt(pod(job), "containers");
        assert.match(
            variable(program, "MEMBERS"),
            /^orders-b-0\.orders-b-headless\.shop\.svc:6379 /,
        );
        // Three shards of 128Mi, and the server that one is loaded into.
        assert.equal(work(job), "768Mi");
        assert.equal(textAt(program, "resources", "limits", "memory"), "128Mi");
        assert.equal(valueAt(job, "status", "succeeded"), 1);
    });

    it("gets an older backup of an instance that is gone", async () => {
        await restore("old", `${NAMESPACE}/gone`, `${NAMESPACE}/orders-b`, "--snapshot=0123abcd");
        const job = (await jobs("old")).get("restore-orders-b");
        assert.match(variable(fetched(job), "RESTIC_REPOSITORY"), /\/gone$/);
        assert.equal(variable(fetched(job), "SNAPSHOT"), "0123abcd");
        assert.equal(work(job), "384Mi");
    });

    it("gets nothing where the instance is not in the cluster yet", async () => {
        await assert.rejects(restore("none", `${NAMESPACE}/orders`, `${NAMESPACE}/gone`), {
            message: `there is no CronJob restore-gone in ${NAMESPACE}: run \`up\` with the instance and its \`backup\` before. Nothing was made.`,
        });
        assert.equal((await jobs("none")).size, 0);
    });

    it("says that a Job failed, and why", async () => {
        const name = "restore-orders";
        const cronJob = await plane.client.get("batch/v1", "CronJob", NAMESPACE, name);
        await plane.client.patch(cronJob, {
            spec: { jobTemplate: { spec: { activeDeadlineSeconds: 1, suspend: false } } },
        });
        // No node takes it, so that it runs into its end.
        await plane.client.patch(cronJob, {
            spec: {
                jobTemplate: {
                    spec: { template: { spec: { nodeSelector: { "no/such": "node" } } } },
                },
            },
        });
        await assert.rejects(
            restore("late", `${NAMESPACE}/orders`),
            /Job shop\/restore-orders-late failed: DeadlineExceeded/,
        );
    });
});
