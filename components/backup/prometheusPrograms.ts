import type * as k8s from "@pulumi/kubernetes";

import type { GeneratedSecret } from "../metrics/kubePrometheusStack";
import { IMAGES } from "../versions";
import { EXPORT, Program } from "./backupPods";

const ACCOUNT_FOLDER = "/account";
const ACCOUNT_VOLUME = "account";

/** What exports the Prometheus Operator's resources and tries them. */
export function prometheusPrograms(
    namespaceName: string,
    secrets: readonly GeneratedSecret[],
): { readonly exporters: Program[]; readonly trial: Program } {
    const generated = secrets.map(({ secret, key }) => `${namespaceName}/${secret}/${key}`);
    return {
        exporters: [
            {
                name: "export",
                image: IMAGES.node,
                script: "export-prometheus.mjs",
                memory: "256Mi",
                env: [
                    { name: "API_URL", value: "https://kubernetes.default.svc" },
                    { name: "NODE_EXTRA_CA_CERTS", value: `${ACCOUNT_FOLDER}/ca.crt` },
                    { name: "ACCOUNT", value: ACCOUNT_FOLDER },
                    { name: "GENERATED", value: generated.join(" ") },
                    EXPORT,
                ],
                mounts: [{ name: ACCOUNT_VOLUME, mountPath: ACCOUNT_FOLDER, readOnly: true }],
            },
        ],
        trial: {
            name: "drill",
            image: IMAGES.prometheus,
            script: "drill-prometheus.sh",
            memory: "256Mi",
        },
    };
}

/** The account's token and the API server's CA, for the export alone: the other programs of the pod need neither. */
export function tokenVolume(): k8s.types.input.core.v1.Volume {
    return {
        name: ACCOUNT_VOLUME,
        projected: {
            defaultMode: 0o440,
            sources: [
                { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
                {
                    configMap: {
                        name: "kube-root-ca.crt",
                        items: [{ key: "ca.crt", path: "ca.crt" }],
                    },
                },
            ],
        },
    };
}
