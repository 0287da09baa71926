import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import {
    customRules,
    EXTERNAL_METRIC,
    EXTERNAL_RULE,
} from "../../components/autoscaling/prometheusAdapter";
import { ControlPlane } from "../../lab/cluster/controlPlane";
import { freePorts } from "../../lab/cluster/ports";
import { listAt, textAt, valueAt } from "../../lab/program/objects";
import { previewOf } from "../../lab/program/runs";
import { tools } from "../../lab/tools/goTools";
import { needs, Scratch } from "../backup/programs";
import { PASSWORD, Redis, Servers } from "../backup/servers";
import { expanded } from "../support/adapterRules";
import { skipUnlessBuilt } from "../support/goTool";
import { prompt, queryPrometheus, RuleFile, startPrometheus } from "./prometheus";
import type { Stack } from "./stack";
import { CaseStacks } from "./world";

/** Requirement 002 has 600 s; the same here takes no longer than a test may. */
const WINDOW = 20;

/** ode-worker of 002, and pods of a replication with two replicas. */
const SETTINGS = {
    redis: {
        ode: {
            isolate: "namespace",
            instances: {
                queue: { mode: "replication", replicas: 3, memory: "256Mi", storageSize: "1Gi" },
            },
        },
    },
    applications: {
        ode: {
            "ode-worker": {
                port: 9090,
                autoscaling: {
                    min: 1,
                    max: 20,
                    scaleDownWindow: `${WINDOW}s`,
                    queues: { jobs: { instance: "queue", perPod: 100 } },
                },
            },
        },
    },
    autoscaling: { provider: "keda" },
};

const QUEUE = { namespace: "ode", application: "ode-worker", queue: "jobs" };
const DEPLOYMENT = ["apps/v1", "Deployment", "ode", "ode-worker"] as const;
const AUTOSCALER = ["autoscaling/v2", "HorizontalPodAutoscaler", "ode", "ode-worker"] as const;

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** The number of a quantity such as 99950m. */
function number(quantity: string): number {
    return quantity.endsWith("m") ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity);
}

describe("Cluster: KEDA scales by what waits in Redis", function () {
    this.timeout(240_000);
    let plane: ControlPlane;
    let stack: Stack;
    let scratch: Scratch;
    let servers: Servers;
    let master: Redis;
    let prometheus: string;
    let operatorMetrics: string;
    let keys = 0;

    before(async function () {
        needs(this, "redis-server", "redis-cli", "prometheus-redis-exporter");
        // Its tools may have to be built.
        this.timeout(0);
        skipUnlessBuilt(this, "keda-operator", "keda-adapter");
        await tools("keda-operator", "keda-adapter", "prometheus");
        plane = await ControlPlane.start(
            {},
            {
                aggregation: true,
                // Nobody looks at the pods: how many there are is what counts.
                simulatedNodes: false,
                controllerFlags: ["--horizontal-pod-autoscaler-sync-period=1s"],
            },
        );
        const stacks = new CaseStacks(plane, "staging");
        const [up] = await stacks.up({ change: SETTINGS });
        assert.ok(up);
        stack = up.stack;
        scratch = new Scratch();
        servers = new Servers(scratch);
        prometheus = await startMeasuring();
        await deployWorker();
        operatorMetrics = await startKeda();
    });
    after(async () => {
        await servers?.stop();
        scratch?.remove();
        await plane?.stop();
    });

    /** A Redis with two replicas, their exporters, and a Prometheus with the rules that the program made. */
    async function startMeasuring(): Promise<string> {
        master = await servers.redis();
        const replicas = [await servers.replicaOf(master), await servers.replicaOf(master)];
        const pods = [master, ...replicas];
        const ports = await freePorts(pods.length);
        pods.forEach(({ port }, i) =>
            servers.start("prometheus-redis-exporter", [], {
                REDIS_ADDR: `redis://127.0.0.1:${port}`,
                REDIS_PASSWORD: PASSWORD,
                REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${ports[i]}`,
            }),
        );
        const rules = stack.applied.get("autoscaling-ode.ode-worker-rules-prometheusrule")?.live
            .spec as RuleFile | undefined;
        assert.ok(rules, "no rules of ode-worker");
        const folder = path.join(plane.processes.folder, "scaling");
        fs.mkdirSync(folder);
        fs.writeFileSync(path.join(folder, "rules.yaml"), JSON.stringify(prompt(rules, 5)));
        return startPrometheus(plane, folder, {
            global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
            rule_files: ["rules.yaml"],
            scrape_configs: [
                {
                    job_name: "queue-metrics",
                    // What the monitor of the instance gives its pods.
                    static_configs: pods.map((_, i) => ({
                        targets: [`127.0.0.1:${ports[i]}`],
                        labels: {
                            ...{ namespace: "ode", app: "queue", pod: `queue-${i}` },
                            ...{ redis_setup_type: "replication", environment: "staging" },
                        },
                    })),
                },
            ],
        });
    }

    /** The Deployment of the application's team, which says nothing of `replicas`. */
    async function deployWorker(): Promise<void> {
        const labels = { app: "ode-worker" };
        await plane.client.apply(
            {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { namespace: "ode", name: "ode-worker" },
                spec: {
                    selector: { matchLabels: labels },
                    template: {
                        metadata: { labels },
                        spec: {
                            securityContext: {
                                runAsNonRoot: true,
                                runAsUser: 1000,
                                seccompProfile: { type: "RuntimeDefault" },
                            },
                            containers: [
                                {
                                    name: "worker",
                                    image: "example.org/ode-worker:1",
                                    securityContext: {
                                        allowPrivilegeEscalation: false,
                                        capabilities: { drop: ["ALL"] },
                                    },
                                },
                            ],
                        },
                    },
                },
            },
            "team",
        );
    }

    /** KEDA as processes, with the certificate and the authority that the program made for its pods. */
    async function startKeda(): Promise<string> {
        const secret = stack.applied.get("keda-certificate-secret")?.live;
        const folder = path.join(plane.processes.folder, "keda-certificates");
        fs.mkdirSync(folder, { mode: 0o700 });
        for (const file of ["ca.crt", "tls.crt", "tls.key"]) {
            const content = Buffer.from(textAt(secret, "data", file), "base64");
            fs.writeFileSync(path.join(folder, file), content, { mode: 0o600 });
        }
        const [grpc = 0, api = 0, metrics = 0, health = 0, served = 0] = await freePorts(5);
        await servedAt(api);
        // Prometheus has another address on this machine.
        const scaled = await plane.client.get(
            "keda.sh/v1alpha1",
            "ScaledObject",
            "ode",
            "ode-worker",
        );
        const triggers = listAt(scaled, "spec", "triggers").map((each) => ({
            ...(each as object),
            metadata: { ...(valueAt(each, "metadata") as object), serverAddress: prometheus },
        }));
        await plane.client.patch(scaled, { spec: { triggers, pollingInterval: 1 } });
        const paths = await tools("keda-operator", "keda-adapter");
        const env = {
            ...process.env,
            KUBECONFIG: plane.kubeconfig,
            WATCH_NAMESPACE: "",
            POD_NAMESPACE: "autoscaling",
            KEDA_CLUSTER_OBJECT_NAMESPACE: "autoscaling",
        };
        plane.processes.start(
            "keda-operator",
            paths["keda-operator"],
            [
                `--cert-dir=${folder}`,
                `--metrics-service-bind-address=127.0.0.1:${grpc}`,
                `--metrics-bind-address=127.0.0.1:${metrics}`,
                `--health-probe-bind-address=127.0.0.1:${health}`,
            ],
            env,
        );
        plane.processes.start(
            "keda-adapter",
            paths["keda-adapter"],
            [
                `--cert-dir=${folder}`,
                ...[`--client-ca-file=${folder}/ca.crt`, `--tls-cert-file=${folder}/tls.crt`],
                ...[`--tls-private-key-file=${folder}/tls.key`, "--bind-address=127.0.0.1"],
                ...[`--secure-port=${api}`, `--port=${served}`],
                `--metrics-service-address=127.0.0.1:${grpc}`,
                // Its certificate is for this name alone.
                "--metrics-service-grpc-authority=keda-operator.autoscaling.svc.cluster.local",
                ...["authentication", "authorization", "lister"].map(
                    (use) => `--${use}-kubeconfig=${plane.kubeconfig}`,
                ),
            ],
            env,
        );
        await plane.eventually("the API server reaches KEDA's metrics", 90, async () => {
            const { status } = await plane.client.get(
                ...(["apiregistration.k8s.io/v1", "APIService", ""] as const),
                "v1beta1.external.metrics.k8s.io",
            );
            const available = listAt(status, "conditions").find(
                (each) => valueAt(each, "type") === "Available",
            );
            assert.equal(valueAt(available, "status"), "True", JSON.stringify(available));
            return true;
        });
        return `http://127.0.0.1:${metrics}/metrics`;
    }

    /** The Service leads to this machine; the APIService keeps its authority and the name that it checks. */
    async function servedAt(port: number): Promise<void> {
        const name = "keda-operator-metrics-apiserver";
        const at = { namespace: "autoscaling", name };
        await plane.client.delete(await plane.client.get("v1", "Service", at.namespace, name));
        await plane.client.apply(
            {
                apiVersion: "v1",
                kind: "Service",
                metadata: at,
                spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] },
            },
            "test",
        );
        const api = await plane.client.get(
            ...(["apiregistration.k8s.io/v1", "APIService", ""] as const),
            "v1beta1.external.metrics.k8s.io",
        );
        assert.ok(valueAt(api, "spec", "caBundle"), "the program gave the API no authority");
        assert.notEqual(valueAt(api, "spec", "insecureSkipTLSVerify"), true);
        await plane.client.patch(api, { spec: { service: { ...at, port } } });
    }

    /** Makes it so many keys, without fewer in between. */
    async function wait(count: number): Promise<void> {
        if (count > keys) {
            await master.fill(count - keys, `job-${keys}-`);
        } else {
            await master.ask("FLUSHALL");
        }
        keys = count;
    }

    const query = (text: string) => queryPrometheus(prometheus, text);

    const replicas = async (): Promise<number> =>
        Number(valueAt(await plane.client.get(...DEPLOYMENT), "spec", "replicas"));

    /** What the autoscaler has seen last: the whole queue, as its pods times their average. */
    async function seen(): Promise<{ pods: number; waiting: number } | undefined> {
        const found = await plane.client.find(...AUTOSCALER);
        const pods = Number(valueAt(found?.status, "currentReplicas") ?? 0);
        const value = valueAt(
            found?.status,
            ...["currentMetrics", "0", "external", "current", "averageValue"],
        );
        return typeof value === "string" ? { pods, waiting: pods * number(value) } : undefined;
    }

    /** The workers when the autoscaler has seen the queue and has changed nothing for a while. */
    async function atRest(expected: number): Promise<number> {
        await plane.eventually(`${expected} workers for ${keys} keys`, 120, async () => {
            const [pods, last] = [await replicas(), await seen()];
            assert.ok(last, "the autoscaler has seen nothing");
            assert.deepEqual(
                { pods, waiting: Math.round(last.waiting) },
                { pods: expected, waiting: keys },
            );
            return true;
        });
        await pause(5);
        return replicas();
    }

    it("at rest as many workers as a hundred keys each need, within the tolerance of a tenth", async function () {
        this.timeout(480_000);
        const workers: Record<number, number> = {};
        for (const [count, expected] of [
            [0, 1],
            [100, 1],
            [105, 1],
            [111, 2],
            [1999, 20],
            [10_000, 20],
        ] as const) {
            await wait(count);
            workers[count] = await atRest(expected);
        }
        assert.deepEqual(workers, { 0: 1, 100: 1, 105: 1, 111: 2, 1999: 20, 10000: 20 });
    });

    it("by what the master has: two replicas do not multiply it", async () => {
        assert.deepEqual(
            (await query('redis_db_keys{db="db0"}')).map(({ value }) => value),
            [10_000, 10_000, 10_000],
        );
        assert.deepEqual(
            (await query("application:queue_length:sum")).map(({ value }) => value),
            [10_000],
        );
    });

    it("offers prometheus-adapter's rules the same, as it expands them", async () => {
        const external = expanded(EXTERNAL_RULE, QUEUE, "");
        assert.deepEqual(
            (await query(external)).map(({ value }) => value),
            [10_000],
        );
        const pods = { namespace: "ode", pod: "queue-0|queue-1|queue-2" };
        const [dbKeys, ...others] = customRules("needed").map((rule) =>
            expanded(rule, pods, "pod"),
        );
        assert.deepEqual(
            (await query(dbKeys ?? "")).map(({ metric, value }) => `${metric.pod} ${value}`).sort(),
            ["queue-0 10000", "queue-1 10000", "queue-2 10000"],
        );
        for (const each of others) {
            assert.equal((await query(each)).length, 3, each);
        }
    });

    it("takes workers away only after the window without work", async () => {
        const began = Date.now();
        await wait(0);
        let dropped = 0;
        await plane.eventually("fewer workers", WINDOW * 3, async () => {
            dropped = Date.now();
            return (await replicas()) < 20 || undefined;
        });
        const after = (dropped - began) / 1000;
        assert.ok(after >= WINDOW - 2, `after ${after} s of ${WINDOW}`);
        assert.equal(await atRest(1), 1);
    });

    it("leaves the workers as they are while the master is gone, and tells of it", async () => {
        await wait(500);
        assert.equal(await atRest(5), 5);
        // It ends without an answer.
        await master.ask("SHUTDOWN", "NOSAVE").catch(() => undefined);
        await plane.eventually("the alert fires", 60, async () => {
            const alerts = await query(
                'ALERTS{alertname="AutoscalingQueueUnknown", alertstate="firing"}',
            );
            return alerts.length === 1 || undefined;
        });
        assert.deepEqual(await query("application:queue_length:sum"), []);
        const condition = await plane.eventually("the autoscaler says so", 60, async () => {
            const { status } = await plane.client.get(...AUTOSCALER);
            return listAt(status, "conditions").find(
                (each) =>
                    valueAt(each, "type") === "ScalingActive" &&
                    valueAt(each, "status") === "False",
            );
        });
        assert.equal(valueAt(condition, "reason"), "FailedGetExternalMetric");
        // Longer than the window.
        await pause(WINDOW + 5);
        assert.equal(await replicas(), 5);
    });

    it("counts its errors with the labels that AutoscalingErrors reads", async () => {
        const text = await (await fetch(operatorMetrics)).text();
        for (const metric of [
            "keda_scaler_detail_errors_total",
            "keda_scaler_empty_upstream_responses_total",
        ]) {
            const line = text.split("\n").find((each) => each.startsWith(`${metric}{`)) ?? "";
            assert.match(line, /namespace="ode"/, `${metric}: ${line}`);
            assert.match(line, /(scaledObject|scaledResource)="ode-worker"/, line);
            assert.match(line, /\btype="scaledobject"|resourceType="ScaledObject"/, line);
        }
    });

    it("gives way to prometheus-adapter's autoscaler, with the pods as many as they were", async () => {
        const run = await previewOf("staging", {
            ...SETTINGS,
            autoscaling: { provider: "prometheus-adapter" },
        });
        const autoscaler = run.registrations.find(
            ({ inputs }) =>
                valueAt(inputs, "kind") === "HorizontalPodAutoscaler" &&
                valueAt(inputs, "metadata", "namespace") === "ode",
        );
        assert.ok(autoscaler);
        await plane.client.delete(
            await plane.client.get("keda.sh/v1alpha1", "ScaledObject", "ode", "ode-worker"),
        );
        await plane.eventually("KEDA takes its autoscaler away", 60, async () =>
            (await plane.client.find(...AUTOSCALER)) === undefined ? true : undefined,
        );
        assert.equal(await replicas(), 5);
        const live = await plane.client.apply(autoscaler.inputs, "pulumi-kubernetes");
        assert.equal(
            textAt(live, "spec", "metrics", "0", "external", "metric", "name"),
            EXTERNAL_METRIC,
        );
    });
});
