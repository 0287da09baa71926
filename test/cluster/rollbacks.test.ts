import assert from "node:assert/strict";
import * as path from "node:path";

import { wentBack } from "../../components/dashboards/list/rollouts";
import { ControlPlane } from "../../lab/cluster/controlPlane";
import { valueAt } from "../../lab/program/objects";
import { queryPrometheus, startPrometheus } from "./prometheus";
import { replicaSets, serveStateMetrics } from "./stateMetrics";

/** The dashboard has 15 minutes; the same here takes no longer than a test may. */
const EXPR = wentBack('namespace="default"', ".+", "15s");

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

describe("Cluster: rollbacks, as Kubernetes' own controller makes them", function () {
    this.timeout(120_000);
    let plane: ControlPlane;
    let prometheus: string;
    let stop: (() => Promise<void>) | undefined;
    /** Deployments that went back, as far as any look has seen one. */
    const seen = new Set<string>();

    before(async function () {
        // Its tools may have to be built.
        this.timeout(0);
        plane = await ControlPlane.start();
        const served = await serveStateMetrics(plane.client, replicaSets);
        ({ stop } = served);
        prometheus = await startPrometheus(plane, path.join(plane.processes.folder, "rollouts"), {
            global: { scrape_interval: "1s", scrape_timeout: "1s" },
            scrape_configs: [
                { job_name: "kube-state-metrics", static_configs: [{ targets: [served.target] }] },
            ],
        });
    });
    after(async () => {
        await stop?.();
        await plane?.stop();
    });

    /** Makes a Deployment have a version of its pods; those of a broken one find no node. */
    async function deploy(
        name: string,
        version: number,
        { replicas = 3, broken = false } = {},
    ): Promise<void> {
        const labels = { app: name };
        await plane.client.apply(
            {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { namespace: "default", name },
                spec: {
                    replicas,
                    selector: { matchLabels: labels },
                    template: {
                        metadata: { labels, annotations: { version: String(version) } },
                        spec: {
                            containers: [{ name: "app", image: `example.org/app:${version}` }],
                            ...(broken ? { nodeSelector: { disk: "none-has-it" } } : {}),
                        },
                    },
                },
            },
            "test",
        );
    }

    /** Pods of each ReplicaSet of a Deployment, the oldest first. */
    async function pods(name: string): Promise<number[]> {
        const all = (await plane.client.list("apps/v1", "ReplicaSet", "default")).filter(
            ({ metadata }) => metadata.ownerReferences?.[0]?.name === name,
        );
        const made = (each: (typeof all)[number]) =>
            String(valueAt(each.metadata, "creationTimestamp"));
        return all
            .sort((a, b) => (made(a) < made(b) ? -1 : 1))
            .map(({ status }) => Number(valueAt(status, "replicas")));
    }

    async function reach(expected: Readonly<Record<string, readonly number[]>>): Promise<void> {
        await plane.eventually(JSON.stringify(expected), 60, async () => {
            await look();
            for (const [name, counts] of Object.entries(expected)) {
                assert.deepEqual(await pods(name), counts, name);
            }
            return true;
        });
    }

    async function look(): Promise<string[]> {
        const names = (await queryPrometheus(prometheus, EXPR)).map(
            ({ metric }) => metric.owner_name ?? "",
        );
        names.forEach((name) => seen.add(name));
        return names.sort();
    }

    it("are told from a first deployment, a rollout, and a scale-up, alone and in the middle of a rollout", async () => {
        const all = ["rolled", "grown", "grown-meanwhile", "back", "back-from-broken"];
        for (const name of [...all, "first"]) {
            await deploy(name, 1);
        }
        await reach({ first: [3], rolled: [3], back: [3], "back-from-broken": [3] });
        // Nothing is seen of what is not scraped.
        await plane.eventually("each is scraped", 20, async () => {
            const made = await queryPrometheus(prometheus, "count(kube_replicaset_created)");
            assert.deepEqual(
                made.map(({ value }) => value),
                [6],
            );
            return true;
        });
        // The time of a ReplicaSet has no parts of a second.
        await pause(2);
        await deploy("rolled", 2);
        await deploy("back", 2);
        await deploy("grown", 1, { replicas: 6 });
        for (const name of ["grown-meanwhile", "back-from-broken"]) {
            await deploy(name, 2, { broken: true });
        }
        await reach({
            rolled: [0, 3],
            back: [0, 3],
            grown: [6],
            "grown-meanwhile": [3, 1],
            "back-from-broken": [3, 1],
        });
        await deploy("grown-meanwhile", 2, { replicas: 9, broken: true });
        await plane.eventually("both versions grow", 30, async () => {
            const [older = 0, newer = 0] = await pods("grown-meanwhile");
            return (older > 3 && newer > 1) || undefined;
        });
        for (let i = 0; i < 5; i++) {
            await look();
            await pause(1);
        }
        assert.deepEqual([...seen], []);
    });

    it("are seen where the version before comes back, and where one that hung is given up", async () => {
        await deploy("back", 1);
        await deploy("back-from-broken", 1);
        await reach({ back: [3, 0], "back-from-broken": [3, 0] });
        await plane.eventually("both are seen", 10, async () => {
            assert.deepEqual(await look(), ["back", "back-from-broken"]);
            return true;
        });
    });

    it("are over after their time, and no scale-up of the older version begins another", async () => {
        await plane.eventually("none is seen", 30, async () => {
            assert.deepEqual(await look(), []);
            return true;
        });
        seen.clear();
        await deploy("back", 1, { replicas: 5 });
        await reach({ back: [5, 0] });
        for (let i = 0; i < 3; i++) {
            await pause(1);
            await look();
        }
        assert.deepEqual([...seen], []);
    });
});
