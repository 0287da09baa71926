import { IMAGES } from "../../../components/versions";
import { discoveryAccess } from "../../../lab/cluster/access";
import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { textAt, valueAt } from "../../../lab/program/objects";
import { PODS } from "../../support/pods";
import type { ReleaseInputs } from "../releases";
import { NOBODY, workload } from "./workload";

/** Objects of kube-prometheus-stack that our own refer to, and the pods that scrape, alert and report on nodes. */
export function kubePrometheusStack({ name, namespace, values }: ReleaseInputs): LiveObject[] {
    const account = `${name}-prometheus`;
    const on = (part: string) => valueAt(values, part, "enabled") !== false;
    return [
        ...(discoveryAccess(namespace, account) as LiveObject[]),
        prometheus(namespace, account, valueAt(values, "prometheus", "prometheusSpec")),
        ...(on("alertmanager")
            ? [alertmanager(namespace, valueAt(values, "alertmanager", "alertmanagerSpec"))]
            : []),
        ...(on("nodeExporter")
            ? nodeExporter(name, textAt(values, "prometheus-node-exporter", "namespaceOverride"))
            : []),
        ...(on("grafana") ? workload("grafana", PODS.grafana, { grafana: 3000 }) : []),
        ...(on("kubeStateMetrics")
            ? workload("kube-state-metrics", PODS.stateMetrics, { http: 8080 })
            : []),
        ...workload(`${name}-operator`, PODS.prometheusOperator, { https: 10250 }),
    ];
}

/** The chart turns `...NilUsesHelmValues: false` into selectors that take everything. */
function prometheus(namespace: string, account: string, spec: unknown): LiveObject {
    const given = spec as Readonly<Record<string, unknown>>;
    const selectors = ["serviceMonitor", "podMonitor", "probe", "rule", "scrapeConfig"].flatMap(
        (each) =>
            given[`${each}SelectorNilUsesHelmValues`] === false
                ? [
                      [`${each}Selector`, {}],
                      [`${each}NamespaceSelector`, {}],
                  ]
                : [],
    );
    const { scrapeInterval, evaluationInterval, externalLabels, retention, resources } = given;
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "Prometheus",
        metadata: { name: "kube-prometheus-stack-prometheus", namespace },
        spec: {
            ...{ scrapeInterval, evaluationInterval, externalLabels, retention, resources },
            replicas: given.replicas,
            image: IMAGES.prometheus,
            version: IMAGES.prometheus.split(":").at(-1),
            serviceAccountName: account,
            securityContext: NOBODY,
            alerting: {
                alertmanagers: [{ namespace, name: "alertmanager-operated", port: "web" }],
            },
            storage: given.storageSpec,
            ...(Object.fromEntries(selectors) as object),
        },
    };
}

function alertmanager(namespace: string, spec: unknown): LiveObject {
    const { replicas, configSecret, secrets, resources, storage } = spec as Readonly<
        Record<string, unknown>
    >;
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "Alertmanager",
        metadata: { name: "kube-prometheus-stack-alertmanager", namespace },
        spec: {
            ...{ replicas, configSecret, secrets, resources, storage },
            image: "quay.io/prometheus/alertmanager:v0.34.0",
            version: "v0.34.0",
            securityContext: NOBODY,
        },
    };
}

/** On the network and with the processes of every node: https://github.com/prometheus/node_exporter#docker. */
function nodeExporter(release: string, namespace: string): LiveObject[] {
    const name = `${release}-prometheus-node-exporter`;
    const selector = {
        "app.kubernetes.io/name": "prometheus-node-exporter",
        "app.kubernetes.io/instance": release,
    };
    const labels = { ...selector, jobLabel: "node-exporter" };
    const metadata = { name, namespace, labels };
    const folders = { proc: "/proc", sys: "/sys", root: "/" };
    const port = { name: "http-metrics", containerPort: 9100 };
    return [
        {
            apiVersion: "apps/v1",
            kind: "DaemonSet",
            metadata,
            spec: {
                selector: { matchLabels: selector },
                template: {
                    metadata: { labels },
                    spec: {
                        ...{ hostNetwork: true, hostPID: true },
                        automountServiceAccountToken: false,
                        securityContext: NOBODY,
                        containers: [
                            {
                                name: "node-exporter",
                                image: "quay.io/prometheus/node-exporter:v1.12.1-distroless",
                                args: [
                                    "--path.procfs=/host/proc",
                                    "--path.sysfs=/host/sys",
                                    "--path.rootfs=/host/root",
                                ],
                                ports: [port],
                                readinessProbe: { httpGet: { path: "/", port: port.name } },
                                volumeMounts: Object.keys(folders).map((each) => ({
                                    name: each,
                                    mountPath: `/host/${each}`,
                                    readOnly: true,
                                    ...(each === "root"
                                        ? { mountPropagation: "HostToContainer" }
                                        : {}),
                                })),
                            },
                        ],
                        volumes: Object.entries(folders).map(([each, path]) => ({
                            name: each,
                            hostPath: { path },
                        })),
                    },
                },
            },
        },
        {
            apiVersion: "v1",
            kind: "Service",
            metadata,
            spec: { selector, ports: [{ name: port.name, port: port.containerPort }] },
        },
        {
            apiVersion: "monitoring.coreos.com/v1",
            kind: "ServiceMonitor",
            metadata,
            spec: {
                jobLabel: "jobLabel",
                selector: { matchLabels: selector },
                endpoints: [{ port: port.name }],
            },
        },
    ];
}
