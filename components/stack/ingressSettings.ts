import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import type { Pending } from "../settings/pending";
import { Problem, show } from "../settings/problems";
import { secretReference } from "../metrics/secretReference";
import {
    annotationKey,
    annotationValue,
    ca,
    cidr,
    hostOrEmpty,
    namespace,
    namespaceOrEmpty,
    objectName,
    objectNameOrEmpty,
    freeText,
    text,
    url,
} from "../settings/scalars";

const webEndpoint = z.enum(["grafana", "prometheus", "alertmanager", "kibana", "jaeger"]);

/** Whoever reaches these reads everything; of Alertmanager, silences everything. */
const withoutLogin = z.enum(["prometheus", "alertmanager", "jaeger"]);

const sectionName = text({
    kind: "listener",
    reader: "the Gateway API",
    allowed: "the name of a listener: 1 to 253 of a-z, 0-9, '-' and '.'",
    is: (each) => /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(each),
});

const keys = {
    ingress: z
        .strictObject({
            enabled: z.boolean().describe("Make an Ingress for each host below, or a route"),
            gateway: z
                .strictObject({
                    name: objectName.describe("The Gateway's name"),
                    namespace: namespace.describe("Its namespace"),
                    listener: sectionName
                        .describe("Name of one of its listeners; all of them when not given")
                        .optional(),
                    https: z
                        .boolean()
                        .describe(
                            "Whether people reach it over TLS, of which it has the certificate",
                        )
                        .default(true),
                })
                .describe(
                    "A Gateway that is there: each host is an HTTPRoute of it (Gateway API, v1) instead of an Ingress",
                )
                .optional(),
            className: objectNameOrEmpty.describe("IngressClass").default(""),
            controllerNamespace: namespaceOrEmpty
                .describe("Namespace of the ingress controller, which the NetworkPolicies let in")
                .default(""),
            sourceRanges: z
                .array(cidr)
                .describe(
                    "Addresses that reach the web pages beside the controller's pods or instead of them: of load balancers that talk to pods, and of nodes whose controllers use the host's network",
                )
                .default([]),
            tlsSecretName: objectNameOrEmpty
                .describe("TLS Secret, which must exist in the namespace of each endpoint")
                .default(""),
            annotations: z
                .partialRecord(webEndpoint, z.record(annotationKey, annotationValue))
                .describe(
                    "On the Ingress of an endpoint, by its name. Kibana speaks TLS: its controller may need an annotation for that",
                )
                .default({}),
            login: z
                .strictObject({
                    issuerUrl: url.describe("Of the OpenID provider, as its tokens name it"),
                    clientId: freeText("each provider has ids of its own").describe(
                        "Id that the provider gave these pages",
                    ),
                    clientSecret: secretReference
                        .meta({ kind: "name and key of a Secret", whole: true })
                        .describe("In the namespace of each page"),
                    groups: z
                        .array(freeText("each provider names groups in its own way"))
                        .meta({ kind: "list of groups" })
                        .describe(
                            "Groups of which one must be theirs; everybody of the client without any",
                        )
                        .default([]),
                    groupsClaim: freeText("each provider has claims of its own")
                        .describe("Claim with the groups")
                        .default("groups"),
                    ca: ca.describe("Authority of the provider's certificate").optional(),
                })
                .describe(
                    "A login of this stack's own (oauth2-proxy) before each host of Prometheus, Alertmanager and Jaeger that is not in `loginBefore`",
                )
                .optional(),
            loginBefore: z
                .array(withoutLogin)
                .describe(
                    "Those of Prometheus, Alertmanager and Jaeger before which something asks for a login: [a page without one](adapting.md#pages-that-have-no-login)",
                )
                .default([]),
            probed: z
                .boolean()
                .describe(
                    "Whether each page is asked by its host from within the cluster, with an alert on the page and on its certificate: [probes](components/probes.md)",
                )
                .default(false),
            hosts: z
                .partialRecord(webEndpoint, hostOrEmpty)
                .describe(
                    "Host by endpoint. Prometheus, Alertmanager and Jaeger have no login of their own: see `loginBefore`",
                )
                .default({}),
        })
        .describe("Ingress class, TLS Secret and host of each web endpoint"),
};

export type IngressSettings = SettingsOf<typeof keys>["ingress"];
export type LoginSettings = NonNullable<IngressSettings["login"]>;
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
    return [
        ...neededProblems(ingress),
        ...hostProblems(ingress),
        ...loginProblems(ingress),
        ...classProblems(ingress),
        ...gatewayProblems(ingress),
    ];
}

/** The pages before which this stack puts its own login. */
export function guardedPages({ enabled, hosts, loginBefore, login }: IngressSettings): string[] {
    return withoutLogin.options.filter(
        (endpoint) => enabled && login && hosts[endpoint] && !loginBefore.includes(endpoint),
    );
}

function loginProblems(ingress: IngressSettings): Problem[] {
    const { enabled, hosts, loginBefore, login } = ingress;
    if (login && guardedPages(ingress).length === 0) {
        return [
            {
                path: "ingress.login",
                got: "a login before no page",
                allowed:
                    "nothing, or a host of prometheus, alertmanager or jaeger that is not in ingress.loginBefore",
            },
        ];
    }
    return withoutLogin.options
        .filter(
            (endpoint) => enabled && !login && hosts[endpoint] && !loginBefore.includes(endpoint),
        )
        .map((endpoint) => ({
            path: `ingress.hosts.${endpoint}`,
            got: `${show(hosts[endpoint])} for a page that asks nobody for a login`,
            allowed: `no host, ingress.login, or ${endpoint} in ingress.loginBefore once something before it asks for one, such as oauth2-proxy by an annotation of the controller (docs/adapting.md)`,
        }));
}

/** A controller takes the first Ingress of a host and path, and the pages of the other are nowhere. */
function hostProblems({ hosts }: IngressSettings): Problem[] {
    const all = Object.entries(hosts).filter(([, host]) => host !== "");
    return all.flatMap(([endpoint, host], i) => {
        const [first] = all.slice(0, i).find(([, other]) => other === host) ?? [];
        return first === undefined
            ? []
            : [
                  {
                      path: `ingress.hosts.${endpoint}`,
                      got: show(host),
                      allowed: `a host of its own: ${first} has this one, and each is a whole site`,
                  },
              ];
    });
}

/** The API server refuses it beside the class' field. */
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

function classProblems({ annotations }: IngressSettings): Problem[] {
    return Object.entries(annotations)
        .filter(([, each]) => CLASS_ANNOTATION in each)
        .map(([endpoint]) => ({
            path: `ingress.annotations.${endpoint}.${CLASS_ANNOTATION}`,
            got: "the class a second time",
            allowed: "nothing: ingress.className has it, and the API server refuses both",
        }));
}

/** What a Gateway has itself. */
function gatewayProblems({ gateway, className, tlsSecretName }: IngressSettings): Problem[] {
    const idle = [
        ["className", className, "no class chooses it"],
        ["tlsSecretName", tlsSecretName, "its listener has the certificate"],
    ] as const;
    return idle
        .filter(([, value]) => gateway !== undefined && value !== "")
        .map(([key, value, why]) => ({
            path: `ingress.${key}`,
            got: show(value),
            allowed: `nothing beside ingress.gateway: ${why}`,
        }));
}

function neededProblems(ingress: IngressSettings): Problem[] {
    return (["className", "controllerNamespace"] as const)
        .filter((key) => ingress.enabled && ingress[key] === "")
        .filter((key) => key !== "className" || ingress.gateway === undefined)
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
