import * as assert from "node:assert/strict";

import { Cluster } from "../../lab/cluster";
import { EngineProject, engineSetup, EngineStack } from "../../lab/engine";
import { scrapedInstances, scrapeJobs, selectedServices } from "../../lab/scrapeConfig";
import { eventually, isOnPath, start } from "../../lab/tools/commands";
import { skip } from "../support/skip";

const NAMESPACE = "staging";
/** Pods with an exporter, by the operator's workload name: an instance of each mode. */
const WORKLOADS = {
    "redis-replication": 3,
    cache: 1,
    sessions: 3,
    "sessions-sentinel": 3,
    "orders-leader": 3,
    "orders-follower": 3,
};
const INSTANCES = ["cache", "orders", "redis-replication", "sessions"];

/** So that all of them, and Prometheus, fit on one node of two cores. */
const SMALL = { cpu: "10m", memory: "128Mi" };

interface Target {
    readonly health: string;
    readonly labels: Readonly<Record<string, string>>;
}

interface Alert {
    readonly state: string;
    readonly labels: Readonly<Record<string, string>>;
}

describe("engine: the real operators wire Redis to Prometheus", function () {
    this.timeout(1_800_000);
    let project: EngineProject;
    let stack: EngineStack;
    let cluster: Cluster;
    let realPods = false;
    const stops: (() => Promise<void>)[] = [];

    before(async function () {
        const setup = engineSetup();
        if (typeof setup === "string") {
            return skip(this, setup);
        }
        realPods = setup.realPods;
        if (!realPods && !(isOnPath("redis-operator") && isOnPath("prometheus-operator"))) {
            return skip(
                this,
                "pods are simulated here, so redis-operator and prometheus-operator must be on the PATH to run as processes",
            );
        }
        project = new EngineProject(setup);
        cluster = new Cluster(setup.kubeContext);
        stack = await project.stack("staging", ["chat"]);
        await addInstances(stack);
        await stack.up();
        if (!realPods) {
            const env = { ...process.env };
            stops.push(
                start("redis-operator", ["manager", "--enable-webhooks=false"], env),
                start("prometheus-operator", ["-web.listen-address=127.0.0.1:0"], env),
            );
        }
    });

    after(async () => {
        if (stack) {
            // The operators must see the resources go: their finalizers wait for them.
            await stack.destroy();
            await Promise.all(stops.map((stop) => stop()));
            project.remove();
        }
    });

    it("gets a metrics Service for every workload of every mode", async () => {
        const expected = workloads().map((app) => `${app}-metrics`);
        await eventually("a metrics Service for each workload", 300, async () => {
            const selector = "app.kubernetes.io/component=metrics";
            const services = await cluster.get("services", NAMESPACE, selector);
            const names = services.map(({ metadata }) => metadata.name).sort();
            assert.deepEqual(names, expected.sort());
            return names;
        });
    });

    it("selects each exporter with exactly one ServiceMonitor and Service", async () => {
        const services = await cluster.get("services", NAMESPACE);
        const monitors = await cluster.get("servicemonitors", NAMESPACE);
        const selected = monitors.flatMap((monitor) => selectedServices(monitor, services));
        assert.deepEqual(
            selected.map(({ metadata }) => metadata.labels?.app).sort(),
            workloads().sort(),
        );
    });

    it("has each instance once in the scrape configuration that the operator generated", async () => {
        await eventually("a scrape job for each instance", 120, async () => {
            const found = scrapedInstances(await scrapeJobs(cluster), NAMESPACE).sort();
            assert.deepEqual(found, INSTANCES);
            return found;
        });
    });

    it("runs every Redis pod with its exporter, and a master is elected", async function () {
        requireRealPods(this);
        await eventually("every Redis pod 2/2", 600, async () => {
            const pods = await cluster.get("pods", NAMESPACE);
            const ready = pods.filter(({ status }) => {
                const statuses = status?.containerStatuses as { ready: boolean }[] | undefined;
                return statuses?.length === 2 && statuses.every((each) => each.ready);
            });
            assert.equal(ready.length, sum(Object.values(WORKLOADS)));
            return ready;
        });
        await eventually("a master of redis-replication", 120, async () => master(cluster));
    });

    it("shows every Redis exporter UP, each once", async function () {
        requireRealPods(this);
        await eventually("every exporter UP", 300, async () => {
            const targets = await redisTargets(cluster);
            assert.deepEqual([...new Set(targets.map(({ health }) => health))], ["up"]);
            const pods = targets.map(({ labels }) => labels.pod ?? "");
            assert.equal(new Set(pods).size, pods.length, "a pod is scraped twice");
            assert.equal(pods.length, sum(Object.values(WORKLOADS)));
            return targets;
        });
    });

    it("gives every Redis its maxmemory, below the container's limit", async function () {
        requireRealPods(this);
        await eventually("maxmemory on every Redis", 120, async () => {
            const limits = await sample(cluster, "redis_memory_max_bytes");
            const data = sum(Object.values(WORKLOADS)) - WORKLOADS["sessions-sentinel"];
            assert.deepEqual(
                limits,
                Array.from({ length: data }, () => 0.75 * 128 * 2 ** 20),
            );
            return limits;
        });
    });

    it("fires RedisMasterDown when the master's pod is stopped, and ends when it is back", async function () {
        requireRealPods(this);
        const pod = await master(cluster);
        const { spec } = await cluster.getOne("pod", NAMESPACE, pod ?? "");
        const node = String(spec?.nodeName);
        const down = (alert: Alert): boolean =>
            alert.labels.alertname === "RedisMasterDown" &&
            alert.labels.app === "redis-replication";
        await cluster.kubectl("cordon", node);
        try {
            await cluster.kubectl("delete", "pod", pod ?? "", "-n", NAMESPACE);
            const alert = await eventually("RedisMasterDown", 300, async () =>
                (await alerts(cluster)).find((each) => down(each) && each.state === "firing"),
            );
            assert.equal(alert.labels.severity, "critical");
            assert.equal(alert.labels.environment, "staging");
        } finally {
            await cluster.kubectl("uncordon", node);
        }
        await eventually("the end of RedisMasterDown", 300, async () =>
            (await alerts(cluster)).some(down) ? undefined : true,
        );
    });

    /** The operator makes Sentinels when a master answers, which a simulated one does not. */
    function workloads(): string[] {
        return Object.keys(WORKLOADS).filter((app) => realPods || app !== "sessions-sentinel");
    }

    function requireRealPods(context: Mocha.Context): void {
        if (!realPods) {
            skip(context, "pods are simulated here; run with ENGINE_PODS=real on real nodes");
        }
    }
});

async function addInstances(stack: EngineStack): Promise<void> {
    const instances: Record<string, Record<string, string>> = {
        cache: { mode: "standalone" },
        sessions: { mode: "sentinel", replicas: "3" },
        orders: { mode: "cluster", shards: "3" },
    };
    for (const [key, value] of Object.entries(SMALL)) {
        await stack.set(`redis.${NAMESPACE}.instances.redis-replication.${key}`, value);
    }
    for (const [name, settings] of Object.entries(instances)) {
        const all = { ...settings, ...SMALL, storageSize: "1Gi" };
        for (const [key, value] of Object.entries(all)) {
            await stack.set(`redis.${NAMESPACE}.instances.${name}.${key}`, value);
        }
    }
}

async function master(cluster: Cluster): Promise<string | undefined> {
    const replication = await cluster.getOne("redisreplication", NAMESPACE, "redis-replication");
    const pod = replication.status?.masterNode;
    return typeof pod === "string" && pod !== "" ? pod : undefined;
}

async function redisTargets(cluster: Cluster): Promise<Target[]> {
    const { activeTargets } = (await cluster.prometheus("targets?state=active")) as {
        activeTargets: Target[];
    };
    return activeTargets.filter(({ labels }) => labels.namespace === NAMESPACE);
}

/** Values of a metric in the namespace, one for each series. */
async function sample(cluster: Cluster, metric: string): Promise<number[]> {
    const query = encodeURIComponent(`${metric}{namespace="${NAMESPACE}"}`);
    const { result } = (await cluster.prometheus(`query?query=${query}`)) as {
        result: { value: [number, string] }[];
    };
    return result.map(({ value }) => Number(value[1]));
}

async function alerts(cluster: Cluster): Promise<Alert[]> {
    return ((await cluster.prometheus("alerts")) as { alerts: Alert[] }).alerts;
}

function sum(values: readonly number[]): number {
    return values.reduce((total, value) => total + value, 0);
}
