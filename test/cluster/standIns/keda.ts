import type { LiveObject } from "../../../lab/cluster/kubeClient";
import type { ReleaseInputs } from "../releases";
import { workload } from "./workload";

const OPERATOR = "keda-operator";
const METRICS_SERVER = "keda-operator-metrics-apiserver";
const RBAC = "rbac.authorization.k8s.io";

/** What the chart makes beside its CRDs: pods, the API, and that the autoscalers' controller may ask it. */
export function keda({ namespace }: ReleaseInputs): LiveObject[] {
    const reader = { name: "keda-operator-external-metrics-reader" };
    return [
        ...workload(
            OPERATOR,
            { namespace, labels: { app: OPERATOR } },
            { metricsservice: 9666, metrics: 8080 },
        ),
        ...workload(
            METRICS_SERVER,
            { namespace, labels: { app: METRICS_SERVER } },
            { https: 6443, metrics: 8080 },
        ),
        {
            apiVersion: "apiregistration.k8s.io/v1",
            kind: "APIService",
            metadata: { name: "v1beta1.external.metrics.k8s.io" },
            spec: {
                service: { name: METRICS_SERVER, namespace, port: 443 },
                group: "external.metrics.k8s.io",
                version: "v1beta1",
                groupPriorityMinimum: 100,
                versionPriority: 100,
            },
        },
        {
            apiVersion: `${RBAC}/v1`,
            kind: "ClusterRole",
            metadata: reader,
            rules: [
                {
                    apiGroups: ["external.metrics.k8s.io"],
                    resources: ["externalmetrics"],
                    verbs: ["get", "list", "watch"],
                },
            ],
        },
        {
            apiVersion: `${RBAC}/v1`,
            kind: "ClusterRoleBinding",
            metadata: { name: "keda-operator-hpa-controller-external-metrics" },
            roleRef: { apiGroup: RBAC, kind: "ClusterRole", ...reader },
            subjects: [
                {
                    kind: "ServiceAccount",
                    name: "horizontal-pod-autoscaler",
                    namespace: "kube-system",
                },
            ],
        },
    ];
}
