import type { LiveObject } from "../../../lab/cluster/kubeClient";
import type { Pod } from "../../support/selectors";

/** A user without rights, as the level `restricted` asks for. */
export const NOBODY = {
    runAsUser: 1000,
    runAsNonRoot: true,
    runAsGroup: 2000,
    fsGroup: 2000,
    seccompProfile: { type: "RuntimeDefault" },
};

/** Pods with the labels and ports that the chart gives them, and a Service before them. */
export function workload(
    name: string,
    pod: Pod,
    ports: Readonly<Record<string, number>>,
): LiveObject[] {
    const metadata = { name, namespace: pod.namespace, labels: pod.labels };
    const entries = Object.entries(ports);
    return [
        {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata,
            spec: {
                selector: { matchLabels: pod.labels },
                template: {
                    metadata: { labels: pod.labels },
                    spec: {
                        securityContext: NOBODY,
                        containers: [
                            {
                                name,
                                image: `stand-in/${name}:1`,
                                ports: entries.map(([port, containerPort]) => ({
                                    name: port,
                                    containerPort,
                                })),
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
        {
            apiVersion: "v1",
            kind: "Service",
            metadata,
            spec: {
                selector: pod.labels,
                ports: entries.map(([port, number]) => ({
                    name: port,
                    port: number,
                    targetPort: port,
                })),
            },
        },
    ];
}
