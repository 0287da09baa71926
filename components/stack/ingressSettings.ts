import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import type { Pending } from "../settings/pending";
import type { Problem } from "../settings/problems";

const webEndpoint = z.enum(["grafana", "prometheus", "alertmanager", "kibana", "jaeger"]);

const keys = {
    ingress: z.strictObject({
        enabled: z.boolean(),
        className: z.string().default(""),
        /** Namespace of the ingress controller, which the NetworkPolicies let in. */
        controllerNamespace: z.string().default(""),
        tlsSecretName: z.string().default(""),
        /** Annotations of the Ingress of an endpoint. */
        annotations: z.partialRecord(webEndpoint, z.record(z.string(), z.string())).default({}),
        hosts: z.partialRecord(webEndpoint, z.string()).default({}),
    }),
};

export type IngressSettings = SettingsOf<typeof keys>["ingress"];
export type WebEndpointName = z.output<typeof webEndpoint>;

/** How people reach the web pages from outside of the cluster. */
export const ingressPart: Part<typeof keys, SettingsOf<typeof keys>> = {
    keys,
    platformProblems: ({ ingress }) => ingressProblems(ingress),
    platformPending: ({ ingress }) => pendingHosts(ingress),
};

const NEEDED_BY_INGRESSES = {
    className: "the name of an IngressClass of the cluster, such as nginx",
    controllerNamespace:
        "the namespace in which the ingress controller runs, such as ingress-nginx",
} as const;

function ingressProblems(ingress: IngressSettings): Problem[] {
    return (["className", "controllerNamespace"] as const)
        .filter((key) => ingress.enabled && ingress[key] === "")
        .map((key) => ({
            path: `ingress.${key}`,
            got: "nothing",
            allowed: NEEDED_BY_INGRESSES[key],
        }));
}

function pendingHosts({ enabled, hosts }: IngressSettings): Pending[] {
    return Object.entries(hosts)
        .filter(([, host]) => enabled && host === "")
        .map(([endpoint]) => ({
            path: `ingress.hosts.${endpoint}`,
            why: `the host name of ${endpoint}`,
            placeholder: "HOST",
        }));
}
