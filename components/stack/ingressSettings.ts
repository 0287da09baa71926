import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import type { Pending } from "../settings/pending";
import type { Problem } from "../settings/problems";
import { cidr } from "../settings/scalars";

const webEndpoint = z.enum(["grafana", "prometheus", "alertmanager", "kibana", "jaeger"]);

const keys = {
    ingress: z
        .strictObject({
            enabled: z.boolean().describe("Make an Ingress for each host below"),
            className: z.string().describe("IngressClass").default(""),
            controllerNamespace: z
                .string()
                .describe("Namespace of the ingress controller, which the NetworkPolicies let in")
                .default(""),
            sourceRanges: z
                .array(cidr)
                .describe(
                    "Addresses that reach the web pages beside the controller's pods or instead of them: of load balancers that talk to pods, and of nodes whose controllers use the host's network",
                )
                .default([]),
            tlsSecretName: z
                .string()
                .describe("TLS Secret, which must exist in the namespace of each endpoint")
                .default(""),
            annotations: z
                .partialRecord(webEndpoint, z.record(z.string(), z.string()))
                .describe(
                    "On the Ingress of an endpoint, by its name. Kibana speaks TLS: its controller may need an annotation for that",
                )
                .default({}),
            hosts: z
                .partialRecord(webEndpoint, z.string())
                .describe(
                    "Host by endpoint. Prometheus, Alertmanager and Jaeger have no login of their own",
                )
                .default({}),
        })
        .describe("Ingress class, TLS Secret and host of each web endpoint"),
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
        "the namespace in which the ingress controller runs, such as ingress-nginx, or ingress.sourceRanges where the callers are no pods",
} as const;

function ingressProblems(ingress: IngressSettings): Problem[] {
    return (["className", "controllerNamespace"] as const)
        .filter((key) => ingress.enabled && ingress[key] === "")
        .filter((key) => key === "className" || ingress.sourceRanges.length === 0)
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
