import assert from "node:assert/strict";

import { unknownValueProblems } from "../../../components/adaptation/helmValues";
import { findRelease, valueAt } from "../../../lab/program/objects";
import { previewOf } from "../../../lab/program/runs";
import type { Settings } from "../../../lab/program/stackFile";
import { refuses } from "../../support/refusalTable";

describe("Bad input of what adapts all pods", () => {
    refuses({
        "a toleration that is none": {
            change: { scheduling: { default: { tolerations: [{ effect: "NoSchedule" }] } } },
            says: `scheduling.default.tolerations.0: got {"effect":"NoSchedule"}; allowed: a key with its value, or operator: Exists, which alone tolerates every taint`,
        },
        "a component that is not there": {
            change: { scheduling: { graphana: { priorityClassName: "high" } } },
            says: `scheduling.graphana: got an unknown key; did you mean "grafana"? allowed: default, prometheusOperator, prometheus, alertmanager, grafana, kubeStateMetrics, nodeExporter, notificationRelay, blackboxExporter, loginProxy, backup, redisOperator, redis, redisJobs, redisExporters, elasticOperator, elasticsearch, elasticsearchSetup, elasticsearchExporter, kibana, fluentBit, fluentBitEvents, jaegerCollector, jaegerQuery, jaegerJobs, keda, prometheusAdapter`,
        },
        "a spread of pods that take none": {
            change: {
                scheduling: { redisOperator: { topologySpread: [{ topologyKey: "zone" }] } },
            },
            says: "scheduling.redisOperator.topologySpread: got constraints for pods that take none; nothing: its chart has no place for them, or it is one pod, or one on each node",
        },
        "an image outside of the registry": {
            change: {
                images: {
                    registry: "registry.example.com/mirror",
                    overrides: { "docker.io/grafana/grafana": "docker.io/acme/grafana:13.2.0" },
                },
            },
            says: `images.overrides.docker.io/grafana/grafana: got "docker.io/acme/grafana:13.2.0"; an image below images.registry (registry.example.com/mirror), or no images.registry: nodes may pull from nowhere else`,
        },
        "a tag of an image whose version something else decides": {
            change: {
                images: { overrides: { "quay.io/opstree/redis": "example.com/redis:v8.8.2" } },
            },
            says: `images.overrides.quay.io/opstree/redis: got "example.com/redis:v8.8.2"; the same without the tag v8.8.2: its tag is the instance's version, redis.<namespace>.instances.<name>.version`,
        },
        "a digest of an image without its tag": {
            change: {
                images: { digests: { "docker.io/grafana/grafana": `sha256:${"a".repeat(64)}` } },
            },
            says: `images.digests.docker.io/grafana/grafana: got "docker.io/grafana/grafana"; allowed: an image with its registry and tag, such as docker.io/grafana/grafana:13.2.0`,
        },
        "memory that a part's own setting decides": {
            change: { resources: { prometheus: { requests: { memory: "8Gi" } } } },
            says: `resources.prometheus.requests.memory: got "8Gi"; nothing here: set prometheus.memory, on which other sizes rest`,
        },
        "a request above its limit": {
            change: {
                resources: { grafana: { requests: { memory: "2Gi" }, limits: { memory: "1Gi" } } },
            },
            says: `resources.grafana.requests.memory: got "2Gi"; at most its limit, 1Gi`,
        },
        "a common label that selectors rest on": {
            change: { commonLabels: { app: "observability" } },
            says: `commonLabels.app: got "observability"; another key: selectors of Services, monitors or operators rest on this one`,
        },
        "a common annotation that an operator acts on": {
            change: { commonAnnotations: { "pulumi.com/skipAwait": "true" } },
            says: `commonAnnotations.pulumi.com/skipAwait: got "true"; another key: Pulumi, Helm, the Redis operator or this program act on this one`,
        },
    });
});

describe("Values of a chart that something rests on", () => {
    const kps = (values: object) =>
        ({ helmValues: { "kube-prometheus-stack": values } }) as Settings;
    refuses({
        "how long metrics are kept": {
            change: kps({ prometheus: { prometheusSpec: { retention: "90d" } } }),
            says: `helmValues.kube-prometheus-stack.prometheus.prometheusSpec.retention: got "90d"; set retention.metrics`,
        },
        "which monitors are read": {
            change: kps({
                prometheus: { prometheusSpec: { ruleSelectorNilUsesHelmValues: true } },
            }),
            says: "helmValues.kube-prometheus-stack.prometheus.prometheusSpec.ruleSelectorNilUsesHelmValues: got true; nothing: every monitor and rule of the cluster is selected",
        },
        "what a pod may do": {
            change: kps({ grafana: { securityContext: { runAsUser: 0 } } }),
            says: "helmValues.kube-prometheus-stack.grafana.securityContext.runAsUser: got 0; nothing: the Pod Security level of the namespace rests on it",
        },
        "where a pod runs": {
            change: kps({ grafana: { tolerations: [] } }),
            says: "helmValues.kube-prometheus-stack.grafana.tolerations: got []; set scheduling.grafana",
        },
        "an image": {
            change: kps({ grafana: { image: { tag: "latest" } } }),
            says: `helmValues.kube-prometheus-stack.grafana.image.tag: got "latest"; set images.overrides`,
        },
        "a password that Helm would keep readable": {
            change: kps({ grafana: { adminPassword: "secret" } }),
            says: `helmValues.kube-prometheus-stack.grafana.adminPassword: got a secret by its name, in clear (hidden); no secret, since it would stand in clear in objects: make a Secret in the cluster and name it, such as with envFrom, env.valueFrom or existingSecret of the chart; change this one, which may be in git's history`,
        },
        "people whom Grafana would not ask who they are": {
            change: kps({ grafana: { "grafana.ini": { "auth.anonymous": { enabled: true } } } }),
            says: "helmValues.kube-prometheus-stack.grafana.grafana.ini.auth.anonymous.enabled: got true; nothing: whoever reaches Grafana would read every log, and people sign in",
        },
        "a map above one of them": {
            change: kps({ crds: false }),
            says: "helmValues.kube-prometheus-stack.crds: got false; nothing: the release prometheus-operator-crds has them",
        },
        "a release that is not there": {
            change: { helmValues: { grafana: { replicas: 2 } } },
            says: "helmValues.grafana: got an unknown key; allowed: prometheus-operator-crds, elastic-operator-crds, kube-prometheus-stack, redis-operator, elastic-operator, elasticsearch-exporter, keda, prometheus-adapter, fluent-bit, fluent-bit-events",
        },
    });

    it("take every other key, over what we set", async () => {
        const run = await previewOf(
            "staging",
            kps({
                grafana: { "grafana.ini": { users: { viewers_can_edit: true } }, plugins: ["a"] },
            }),
        );
        const { values } = findRelease(run, "kube-prometheus-stack");
        assert.deepEqual(valueAt(values, "grafana", "grafana.ini"), {
            dashboards: { default_home_dashboard_path: "/tmp/dashboards/Platform/home.json" },
            users: { viewers_can_edit: true },
        });
        assert.deepEqual(valueAt(values, "grafana", "plugins"), ["a"]);
        assert.deepEqual(valueAt(values, "grafana", "deploymentStrategy"), { type: "Recreate" });
    });

    it("are looked for in the chart's own values, and a misspelt one is found", () => {
        const defaults = { grafana: { plugins: [], replicas: 1, "grafana.ini": {} }, extra: {} };
        const changed = { grafana: { pluginz: ["a"], somethingElse: 1, "grafana.ini": { a: 1 } } };
        assert.deepEqual(unknownValueProblems("kube-prometheus-stack", changed, defaults), [
            {
                path: "helmValues.kube-prometheus-stack.grafana.pluginz",
                got: "a key that the chart does not have",
                allowed: 'did you mean "plugins"?',
            },
        ]);
    });
});
