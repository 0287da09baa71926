import assert from "node:assert/strict";

import { survivors } from "../../cluster/breaks/break";
import {
    changedNamesAndKeys,
    changedReferences,
    narrowedPolicies,
    removedFromPolicies,
} from "../../cluster/breaks/references";
import { LiveObjects } from "../../cluster/wiring/liveObjects";
import { brokenMonitors } from "../../cluster/wiring/monitors";
import { WIRED_WORLD } from "./wiredWorld";

const WORLD = new LiveObjects(WIRED_WORLD);
/** Sees nothing, so that every break survives. */
const BLIND = () => [];

describe("The breaks of the cluster tests", () => {
    it("are one for each label, namespace and port of a monitor", () => {
        assert.deepEqual(survivors(WORLD, changedReferences(WORLD, "ServiceMonitor"), BLIND), [
            "ServiceMonitor prod/cache: spec.namespaceSelector.matchNames.0: prod -> broken-prod",
            "ServiceMonitor prod/cache: spec.selector.matchLabels.app: cache -> broken-cache",
            "ServiceMonitor prod/cache: spec.selector.matchExpressions.0.key: app.kubernetes.io/component -> broken-app.kubernetes.io/component",
            "ServiceMonitor prod/cache: spec.selector.matchExpressions.0.values.0: metrics -> broken-metrics",
            "ServiceMonitor prod/cache: spec.endpoints.0.port: redis-exporter -> broken-redis-exporter",
        ]);
    });

    it("are one for each target and metric of an autoscaler, selector of a budget, and selector and port of a Service", () => {
        const kinds = ["HorizontalPodAutoscaler", "PodDisruptionBudget", "Service"];
        assert.deepEqual(survivors(WORLD, changedReferences(WORLD, ...kinds), BLIND), [
            "Service prod/cache: spec.selector.app: cache -> broken-cache",
            "Service prod/cache: spec.ports.0.targetPort: 6379 -> 4",
            "Service prod/cache-metrics: spec.selector.app: cache -> broken-cache",
            "Service prod/cache-metrics: spec.ports.0.targetPort: redis-exporter -> broken-redis-exporter",
            "PodDisruptionBudget prod/cache: spec.selector.matchLabels.app: cache -> broken-cache",
            "HorizontalPodAutoscaler prod/worker: spec.scaleTargetRef.kind: Deployment -> broken-Deployment",
            "HorizontalPodAutoscaler prod/worker: spec.scaleTargetRef.name: worker -> broken-worker",
            "HorizontalPodAutoscaler prod/worker: spec.metrics.0.resource.name: cpu -> broken-cpu",
            "HorizontalPodAutoscaler prod/worker: spec.metrics.1.external.metric.name: redis_queue_length -> broken-redis_queue_length",
        ]);
    });

    it("are one for each name and key of a Secret or a volume claim", () => {
        assert.deepEqual(survivors(WORLD, changedNamesAndKeys(WORLD), BLIND), [
            "Pod prod/cache-0: spec.containers.0.env.0.valueFrom.secretKeyRef.name: cache-auth -> broken-cache-auth",
            "Pod prod/cache-0: spec.containers.0.env.0.valueFrom.secretKeyRef.key: password -> broken-password",
            "Pod prod/cache-0: spec.imagePullSecrets.0.name: registry -> broken-registry",
            "Pod prod/cache-0: spec.volumes.0.secret.secretName: cache-tls -> broken-cache-tls",
            "Pod prod/cache-0: spec.volumes.0.secret.items.0.key: tls.crt -> broken-tls.crt",
            "Pod prod/cache-0: spec.volumes.1.persistentVolumeClaim.claimName: cache-data -> broken-cache-data",
        ]);
    });

    it("are one for whatever is taken from a policy and lets in others, and one for what closes a namespace", () => {
        const breaks = [...removedFromPolicies(WORLD), ...narrowedPolicies(WORLD)];
        const removed = survivors(WORLD, breaks, BLIND).map((line) =>
            line.replace(/ is removed$/, ""),
        );
        for (const path of [
            "NetworkPolicy prod/exporters: spec.podSelector.matchLabels.app",
            "NetworkPolicy prod/exporters: spec.ingress.0.from",
            "NetworkPolicy prod/exporters: spec.ingress.0.from.0",
            "NetworkPolicy prod/exporters: spec.ingress.0.from.0.namespaceSelector",
            "NetworkPolicy prod/exporters: spec.ingress.0.from.1",
            "NetworkPolicy prod/exporters: spec.ingress.0.ports.0",
            "NetworkPolicy prod/default-deny-ingress: spec.podSelector: {} -> of no pod",
        ]) {
            assert.ok(removed.includes(path), `${path} is not in ${removed.join("\n")}`);
        }
    });

    it("are seen only by a message that names the very object", () => {
        const breaks = changedReferences(WORLD, "ServiceMonitor");
        assert.deepEqual(survivors(WORLD, breaks, brokenMonitors), []);
        const other = (objects: LiveObjects): string[] =>
            brokenMonitors(objects).map((line) => line.replaceAll("prod/cache", "prod/cache-b"));
        assert.equal(survivors(WORLD, breaks, other).length, breaks.length);
    });
});
