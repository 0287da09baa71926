import assert from "node:assert/strict";

import {
    find,
    kubernetesObjects,
    label,
    listAt,
    ofKind,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { everyPartRun, previewOf, stackRun } from "../../../lab/program/runs";
import { refuses } from "../../support/refusalTable";

const SIZE = { memory: "256Mi", storageSize: "1Gi" };
const REDIS = {
    ode: {
        isolate: "namespace",
        instances: {
            queue: {
                mode: "replication",
                replicas: 2,
                ...SIZE,
                exporter: {
                    checkSingleKeys: { "queue:jobs": { db: 1 } },
                    checkStreams: { mails: {} },
                },
            },
            shards: { mode: "cluster", shards: 3, ...SIZE },
        },
    },
};
/** The two of requirement 002, as docs/components/autoscaling.md has them. */
const WORKER = {
    min: 1,
    max: 20,
    scaleDownWindow: "10m",
    queues: { jobs: { instance: "queue", perPod: 100 } },
};
const API = { min: 2, max: 10, scaleDownWindow: "5m", cpu: 70, memory: 80 };
const APPLICATIONS = {
    ode: {
        "ode-worker": { port: 9090, autoscaling: WORKER },
        "ode-api": { port: 9090, autoscaling: API },
    },
    shop: {
        web: {
            port: 9090,
            team: "shop",
            autoscaling: {
                min: 0,
                max: 3,
                deployment: "frontend",
                queues: {
                    list: { instance: "queue", namespace: "ode", key: "queue:jobs", db: 1 },
                    stream: {
                        instance: "queue",
                        namespace: "ode",
                        key: "mails",
                        group: "senders",
                        perPod: 5,
                    },
                    shards: { instance: "shards", namespace: "ode" },
                },
            },
        },
    },
};
const KEDA = { redis: REDIS, applications: APPLICATIONS, autoscaling: { provider: "keda" } };

const spec = (run: ProgramRun, kind: string, name: string): unknown =>
    valueAt(find(run, kind, name).manifest, "spec");

const release = (run: ProgramRun, name: string): Record<string, unknown> => {
    const found = run.registrations.find(
        ({ type, inputs }) =>
            type === "kubernetes:helm.sh/v3:Release" && valueAt(inputs, "name") === name,
    );
    assert.ok(found, `no release ${name}`);
    return valueAt(found.inputs, "values") as Record<string, unknown>;
};

describe("Autoscaling by KEDA", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("staging", KEDA);
    });

    it("scales ode-worker by the keys that wait, and never by a value that is missing", () => {
        assert.deepEqual(spec(run, "ScaledObject", "ode-worker"), {
            scaleTargetRef: { name: "ode-worker" },
            minReplicaCount: 1,
            maxReplicaCount: 20,
            pollingInterval: 30,
            cooldownPeriod: 600,
            advanced: {
                horizontalPodAutoscalerConfig: {
                    name: "ode-worker",
                    behavior: { scaleDown: { stabilizationWindowSeconds: 600 } },
                },
            },
            triggers: [
                {
                    type: "prometheus",
                    name: "jobs",
                    metricType: "AverageValue",
                    metadata: {
                        serverAddress:
                            "http://kube-prometheus-stack-prometheus.monitoring.svc:9090",
                        query: 'application:queue_length:sum{namespace="ode", application="ode-worker", queue="jobs"}',
                        threshold: "100",
                        ignoreNullValues: "false",
                    },
                },
            ],
        });
        assert.equal(find(run, "ScaledObject", "ode-worker").namespace, "ode");
    });

    it("scales ode-api by CPU and memory", () => {
        const api = spec(run, "ScaledObject", "ode-api");
        assert.deepEqual(valueAt(api, "triggers"), [
            { type: "cpu", metricType: "Utilization", metadata: { value: "70" } },
            { type: "memory", metricType: "Utilization", metadata: { value: "80" } },
        ]);
        assert.deepEqual(
            [valueAt(api, "minReplicaCount"), valueAt(api, "maxReplicaCount")],
            [2, 10],
        );
    });

    const recorded = (rule: string): Record<string, string> =>
        Object.fromEntries(
            listAt(find(run, "PrometheusRule", rule).manifest, "spec", "groups")
                .flatMap((group) => listAt(group, "rules"))
                .filter((each) => valueAt(each, "record") !== undefined)
                .map((each) => [
                    String(valueAt(each, "labels", "queue")),
                    String(valueAt(each, "expr")),
                ]),
        );

    it("counts what the masters say, and nothing while they are not as many as they should be", () => {
        assert.deepEqual(recorded("ode.ode-worker-autoscaling"), {
            jobs: 'sum(max by (namespace, pod) (redis_db_keys{namespace="ode", app="queue", db="db0"}) and on (namespace, pod) redis_instance_info{namespace="ode", app="queue", role="master"}) and count(max by (namespace, pod) (redis_db_keys{namespace="ode", app="queue", db="db0"}) and on (namespace, pod) redis_instance_info{namespace="ode", app="queue", role="master"}) == 1',
        });
        const { list = "", stream = "", shards = "" } = recorded("shop.web-autoscaling");
        assert.match(
            list,
            /redis_key_size\{namespace="ode", app="queue", db="db1", key="queue:jobs"\}/,
        );
        assert.match(
            stream,
            /redis_stream_group_lag\{namespace="ode", app="queue", db="db0", stream="mails", group="senders"\}/,
        );
        assert.match(
            shards,
            /redis_db_keys\{namespace="ode", db="db0", app=~"shards-leader\|shards-follower"\}/,
        );
        assert.match(shards, / == 3$/);
    });

    it("stands beside the Deployment, its rules where Prometheus' are, with the application's team", () => {
        const { namespace, manifest } = find(run, "ScaledObject", "web");
        assert.equal(namespace, "shop");
        assert.deepEqual(valueAt(manifest, "spec", "scaleTargetRef"), { name: "frontend" });
        const rules = find(run, "PrometheusRule", "shop.web-autoscaling");
        assert.equal(rules.namespace, "monitoring");
        const alerts = listAt(rules.manifest, "spec", "groups")
            .flatMap((group) => listAt(group, "rules"))
            .filter((each) => valueAt(each, "alert") !== undefined);
        assert.deepEqual(
            alerts.map((each) => [valueAt(each, "alert"), valueAt(each, "labels", "team")]),
            Array(3).fill(["AutoscalingQueueUnknown", "shop"]),
        );
    });

    it("leaves the autoscaler of a canary without a name, which Flagger would copy", async () => {
        const everything = await everyPartRun();
        const advanced = valueAt(spec(everything, "ScaledObject", "ode-worker"), "advanced");
        assert.deepEqual(valueAt(advanced, "horizontalPodAutoscalerConfig"), {
            behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
        });
    });

    it("installs KEDA twice, restricted, with our certificate and CRDs that outlive it", () => {
        const values = release(run, "keda");
        assert.deepEqual(
            [
                valueAt(values, "operator", "replicaCount"),
                valueAt(values, "metricsServer", "replicaCount"),
                valueAt(values, "podDisruptionBudget"),
                valueAt(values, "certificates"),
                valueAt(values, "crds", "additionalAnnotations"),
                valueAt(values, "webhooks", "enabled"),
            ],
            [
                2,
                2,
                { operator: { maxUnavailable: 1 }, metricServer: { maxUnavailable: 1 } },
                { autoGenerated: false, secretName: "keda-certificate" },
                { "helm.sh/resource-policy": "keep" },
                false,
            ],
        );
        const { labels } = find(run, "Namespace", "autoscaling");
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
    });

    it("has the API server check it by our authority, for the names by which it calls", () => {
        const patch = find(run, "APIService", "v1beta1.external.metrics.k8s.io").manifest;
        const ca = Buffer.from(String(valueAt(patch, "spec", "caBundle")), "base64").toString();
        const request = run.registrations.find(({ name }) => name === "keda-certificate-request");
        const names = listAt(request?.inputs, "dnsNames");
        for (const each of [
            "keda-operator-metrics-apiserver.autoscaling.svc",
            "keda-operator.autoscaling.svc.cluster.local",
        ]) {
            assert.ok(names.includes(each), `${each} in ${names.join()}`);
        }
        const certificate = run.registrations.find(
            ({ name }) => name === "keda-certificate-certificate",
        );
        assert.equal(ca, "generated-keda-ca-certificate");
        assert.equal(valueAt(certificate?.inputs, "caCertPem"), ca);
        assert.deepEqual(listAt(certificate?.inputs, "allowedUses"), [
            "digital_signature",
            "server_auth",
            "client_auth",
        ]);
    });

    it("opens no more than its ways: API server, metrics, and the operator to Prometheus", () => {
        const policies = ofKind(run, "NetworkPolicy")
            .filter(({ name }) => /keda/.test(name))
            .map(({ name, namespace, manifest }) => {
                const ports = listAt(manifest, "spec", "ingress", "0", "ports");
                return `${namespace}/${name} ${ports.map((each) => valueAt(each, "port")).join()}`;
            });
        assert.deepEqual(policies.sort(), [
            "autoscaling/api-server-to-keda 6443",
            "autoscaling/keda-metrics-to-operator 9666",
            "autoscaling/prometheus-to-keda-operator 8080",
            "autoscaling/prometheus-to-keda-operator-metrics-apiserver 8080",
            "monitoring/keda-to-prometheus 9090",
        ]);
    });

    it("is none of it where nobody asks for it", async () => {
        const found = kubernetesObjects(await stackRun("staging")).filter(
            ({ kind, name, namespace }) =>
                /ScaledObject|HorizontalPodAutoscaler|APIService/.test(kind) ||
                /keda|autoscaling|prometheus-adapter/.test(`${namespace}/${name}`),
        );
        assert.deepEqual(found.filter(({ namespace }) => namespace !== "tracing").map(label), []);
    });
});

describe("Autoscaling by the KEDA that is there", () => {
    it("installs nothing, and lets its operator ask Prometheus", async () => {
        const run = await previewOf("staging", {
            ...KEDA,
            autoscaling: { provider: "existing", existing: { namespace: "scalers" } },
        });
        assert.equal(
            ofKind(run, "Namespace").some(({ name }) => name === "autoscaling"),
            false,
        );
        const edge = find(run, "NetworkPolicy", "keda-to-prometheus").manifest;
        assert.deepEqual(valueAt(edge, "spec", "ingress", "0", "from"), [
            {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "scalers" } },
                podSelector: { matchLabels: { app: "keda-operator" } },
            },
        ]);
        assert.ok(find(run, "ScaledObject", "ode-worker"));
    });
});

describe("Autoscaling by prometheus-adapter", () => {
    let run: ProgramRun;
    const applications = {
        ...APPLICATIONS,
        shop: {
            web: { ...APPLICATIONS.shop.web, autoscaling: { ...API, deployment: "frontend" } },
        },
    };
    before(async () => {
        run = await previewOf("staging", {
            ...KEDA,
            applications,
            autoscaling: { provider: "prometheus-adapter" },
        });
    });

    it("makes the autoscalers of requirement 002", () => {
        assert.deepEqual(spec(run, "HorizontalPodAutoscaler", "ode-worker"), {
            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "ode-worker" },
            minReplicas: 1,
            maxReplicas: 20,
            behavior: { scaleDown: { stabilizationWindowSeconds: 600 } },
            metrics: [
                {
                    type: "External",
                    external: {
                        metric: {
                            name: "redis_queue_length",
                            selector: {
                                matchLabels: { application: "ode-worker", queue: "jobs" },
                            },
                        },
                        target: { type: "AverageValue", averageValue: "100" },
                    },
                },
            ],
        });
        assert.deepEqual(valueAt(spec(run, "HorizontalPodAutoscaler", "ode-api"), "metrics"), [
            {
                type: "Resource",
                resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
            },
            {
                type: "Resource",
                resource: {
                    name: "memory",
                    target: { type: "Utilization", averageUtilization: 80 },
                },
            },
        ]);
    });

    it("offers the four metrics of requirement 002, and all of Redis' when asked", async () => {
        const values = release(run, "prometheus-adapter");
        const series = (all: Record<string, unknown>) =>
            listAt(all, "rules", "custom").map((each) => String(valueAt(each, "seriesQuery")));
        assert.deepEqual(series(values), [
            'redis_db_keys{namespace!="", pod!=""}',
            'redis_connected_clients{namespace!="", pod!=""}',
            'redis_memory_used_bytes{namespace!="", pod!=""}',
            'redis_commands_processed_total{namespace!="", pod!=""}',
        ]);
        assert.equal(valueAt(values, "rules", "default"), false);
        const all = await previewOf("staging", {
            ...KEDA,
            applications,
            autoscaling: { provider: "prometheus-adapter", expose: "all" },
        });
        assert.deepEqual(series(release(all, "prometheus-adapter")), [
            '{__name__=~"^redis_.*", __name__!~".*_total$", namespace!="", pod!=""}',
            '{__name__=~"^redis_.*_total$", namespace!="", pod!=""}',
        ]);
    });

    it("is checked by our authority, and its key is a secret", () => {
        const values = release(run, "prometheus-adapter");
        const tls = valueAt(values, "tls") as Record<string, unknown>;
        assert.deepEqual(Object.keys(tls).sort(), ["ca", "certificate", "enable", "key"]);
        assert.equal(tls.enable, true);
        assert.deepEqual(valueAt(values, "podDisruptionBudget"), {
            enabled: true,
            maxUnavailable: 1,
        });
    });
});

describe("The worst case of autoscaling", () => {
    const requests = { cpu: "500m", memory: "1Gi" };
    const change = (worker: Record<string, unknown>, more: Record<string, unknown>) => ({
        ...KEDA,
        applications: {
            ode: { "ode-worker": { port: 9090, autoscaling: { ...WORKER, ...worker } } },
        },
        autoscaling: { provider: "keda", ...more },
    });
    const warnings = async (settings: Record<string, unknown>): Promise<string[]> =>
        (await previewOf("staging", settings)).log.filter((line) => /autoscaling\./.test(line));

    it("is told where quotas or nodes have too little of it", async () => {
        const told = await warnings(
            change(
                { requests },
                { quotas: { ode: { cpu: 8, memory: "30Gi", pods: 10 } }, nodes: { cpu: 9 } },
            ),
        );
        assert.deepEqual(
            told.map((line) => line.replace(/^warning: (\[runtime\] )?/, "")),
            [
                "autoscaling.quotas.ode.pods: in the worst case (pods at most: ode-worker 20) scaled applications request 20, and namespace ode leaves 10: pods above that stay pending, or are refused",
                "autoscaling.quotas.ode.cpu: in the worst case (pods at most: ode-worker 20) scaled applications request 10, and namespace ode leaves 8: pods above that stay pending, or are refused",
                "autoscaling.nodes.cpu: in the worst case (pods at most: ode-worker 20) scaled applications request 10, and the nodes leave 9: pods above that stay pending, or are refused",
            ],
        );
    });

    it("is no word where they have enough, and names what it cannot count", async () => {
        const enough = { quotas: { ode: { cpu: 10, memory: "20Gi", pods: 20 } } };
        assert.deepEqual(await warnings(change({ requests }, enough)), []);
        const [unknown = ""] = await warnings(change({}, enough));
        assert.match(
            unknown,
            /autoscaling\.quotas\.ode: the worst case lacks ode-worker: set autoscaling\.requests of it/,
        );
    });
});

describe("Autoscaling that cannot be", () => {
    const of = (worker: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
        ...KEDA,
        applications: {
            ode: { "ode-worker": { port: 9090, autoscaling: { ...WORKER, ...worker } } },
        },
        ...more,
    });
    const at = "applications.ode.ode-worker.autoscaling";
    refuses({
        "without anybody who answers": {
            change: of({}, { autoscaling: { provider: "none" } }),
            says: `${at}: got an application that nobody would scale; nothing, or autoscaling.provider: keda: nobody answers for the autoscaler's metrics`,
        },
        "with two providers": {
            change: of({}, { autoscaling: { provider: "keda", existing: {} } }),
            says: "autoscaling.existing: got a second provider; nothing with provider keda, or provider: existing: both would answer for external.metrics.k8s.io, and a cluster has one",
        },
        "by a provider that is said to be there, nobody knows where": {
            change: of({}, { autoscaling: { provider: "existing" } }),
            says: "autoscaling.existing: got nothing; namespace and podLabels of the KEDA that is there, or another provider",
        },
        "by a second provider of the cluster, a tenant's": {
            change: {
                cluster: {
                    ...{ name: "prod", role: "tenant", controlPlane: "managed" },
                    ownerStack: "organization/observability/prod",
                },
                autoscaling: { provider: "keda" },
            },
            says: `autoscaling.provider: got "keda"; none, or existing where the owner has KEDA: a cluster has one provider, which the owner's stack installs`,
        },
        "of a tenant that does not know its owner's Prometheus": {
            change: {
                cluster: {
                    ...{ name: "prod", role: "tenant", controlPlane: "managed" },
                    ownerStack: "organization/observability/prod",
                },
                autoscaling: { provider: "existing", existing: {} },
            },
            says: "autoscaling.existing.prometheus: got nothing; in a tenant, the URL of the owner's Prometheus: endpoints.prometheus.url of its outputs",
        },
        "by nothing": {
            change: of({ queues: {} }),
            says: `${at}: got nothing to scale by; cpu, memory or queues, or several of them`,
        },
        "with more pods at least than at most": {
            change: of({ min: 21 }),
            says: `${at}.min: got 21; at most 20, which is max`,
        },
        "from no pod by CPU": {
            change: of({ min: 0, queues: {}, cpu: 70 }),
            says: `${at}.min: got 0; 1 or more: pods that are not there use neither CPU nor memory, and nothing would start one`,
        },
        "from no pod by prometheus-adapter": {
            change: of({ min: 0 }, { autoscaling: { provider: "prometheus-adapter" } }),
            says: `${at}.min: got 0; 1 or more with prometheus-adapter: only KEDA starts the first pod`,
        },
        "with a window that the API does not take": {
            change: of({ scaleDownWindow: "2h" }),
            says: `${at}.scaleDownWindow: got "2h"; allowed: a duration from 1s to 1h: the API takes no longer window`,
        },
        "of one Deployment by two": {
            change: of(
                {},
                {
                    applications: {
                        ode: {
                            "ode-worker": { port: 9090, autoscaling: WORKER },
                            other: {
                                port: 9090,
                                autoscaling: { ...API, deployment: "ode-worker" },
                            },
                        },
                    },
                },
            ),
            says: `applications.ode.other.autoscaling.deployment: got "ode-worker"; a Deployment of its own: ode-worker scales the same, and each would undo what the other does`,
        },
        "by a queue of an instance that is not there": {
            change: of({ queues: { jobs: { instance: "elsewhere" } } }),
            says: `${at}.queues.jobs.instance: got "ode/elsewhere"; an instance of redis.ode.instances, or the namespace of one: Prometheus knows no other's keys by their names`,
        },
        "by a list whose length nobody exports": {
            change: of({ queues: { jobs: { instance: "queue", key: "queue:jobs" } } }),
            says: `${at}.queues.jobs.key: got "queue:jobs"; a list of redis.ode.instances.queue.exporter.checkSingleKeys, with the same db: add it there, without which its length is not exported`,
        },
        "by a stream whose lag nobody exports": {
            change: of({ queues: { jobs: { instance: "queue", key: "news", group: "readers" } } }),
            says: `${at}.queues.jobs.key: got "news"; a stream of redis.ode.instances.queue.exporter.checkStreams, with the same db: add it there, without which its length is not exported`,
        },
        "by a group of no stream": {
            change: of({ queues: { jobs: { instance: "queue", group: "readers" } } }),
            says: `${at}.queues.jobs.key: got nothing; the stream that the group reads`,
        },
        "by a database that a cluster does not have": {
            change: of({ queues: { jobs: { instance: "shards", db: 1 } } }),
            says: `${at}.queues.jobs.db: got 1; 0 to 0, the databases of the instance`,
        },
    });
});
