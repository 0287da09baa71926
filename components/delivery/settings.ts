import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import { Problem, show } from "../settings/problems";
import { broken } from "../settings/read";
import { duration, name, namespace } from "../settings/scalars";
import { podLabels } from "../settings/podLabels";

/** Flux' controllers, https://fluxcd.io/flux/components/; those of images are not in every installation. */
const CONTROLLERS = [
    "source-controller",
    "kustomize-controller",
    "helm-controller",
    "notification-controller",
    "image-reflector-controller",
    "image-automation-controller",
] as const;

const keys = {
    delivery: z
        .strictObject({
            flux: z
                .strictObject({
                    namespace: namespace
                        .describe("Where its controllers are")
                        .default("flux-system"),
                    controllers: z
                        .array(z.enum(CONTROLLERS))
                        .min(1)
                        .describe("Those that are installed: each is missed when it is gone")
                        .default(CONTROLLERS.slice(0, 4)),
                    reconcileWithin: duration
                        .describe(
                            "Longer than the longest `spec.interval`: what has not been reconciled for so long is overdue",
                        )
                        .default("1h"),
                })
                .describe("Flux")
                .optional(),
            argocd: z
                .strictObject({ namespace: namespace.describe("Where it is").default("argocd") })
                .describe("Argo CD")
                .optional(),
            flagger: z
                .strictObject({
                    namespace: namespace.describe("Where it is").default("flagger-system"),
                })
                .describe("Flagger, which may ask Prometheus then")
                .optional(),
        })
        .describe(
            "Tools that deliver applications and are there already: scraped, with their alerts. [Delivery tools](components/delivery-tools.md)",
        )
        .prefault({}),
    mesh: z
        .strictObject({
            istio: z
                .strictObject({
                    namespace: namespace.describe("Where istiod is").default("istio-system"),
                    mode: z
                        .enum(["sidecar", "ambient"])
                        .describe(
                            "Who counts requests: the sidecars of pods, or waypoints, which are `gateways` then",
                        )
                        .default("sidecar"),
                    gateways: z
                        .record(
                            name,
                            z.strictObject({
                                namespace: namespace.describe("Where its pods are"),
                                selector: podLabels.describe("Labels of its pods"),
                            }),
                        )
                        .describe("Gateways and waypoints whose proxies are scraped")
                        .default({}),
                })
                .describe("Istio")
                .optional(),
        })
        .describe(
            "A service mesh that is there already. [Delivery tools](components/delivery-tools.md#istio)",
        )
        .prefault({}),
    clients: z
        .strictObject({
            prometheus: z
                .record(
                    name,
                    z.strictObject({
                        namespace: namespace.describe("Where its pods are"),
                        podLabels: podLabels
                            .meta({ otherwise: "every pod of the namespace" })
                            .describe("Labels of its pods")
                            .optional(),
                    }),
                )
                .describe(
                    "Who may ask Prometheus beside what this stack installs: KEDA, Kiali, a central Grafana",
                )
                .default({}),
        })
        .describe("Who else may connect")
        .prefault({}),
};

export type DeliverySettings = SettingsOf<typeof keys>;
export type MeshMode = NonNullable<DeliverySettings["mesh"]["istio"]>["mode"];

/** What the rules read of other parts. */
interface Declared {
    readonly cluster: { readonly role: "owner" | "tenant" };
    readonly components: { readonly prometheus: "on" | "existing" };
    readonly retention: { readonly metrics: string };
}

/** Delivery tools, the mesh, and who else may ask Prometheus: none of them is this stack's. */
export const deliveryPart: Part<typeof keys, DeliverySettings & Declared> = {
    keys,
    problems: (settings) => broken(settings, [tenantProblems]),
    platformProblems: (settings) => broken(settings, [gatewayProblems, clientProblems]),
};

/** The paths of what is declared, which a cluster has once. */
function declared({ delivery, mesh, clients }: DeliverySettings): string[] {
    return [
        ...Object.entries(delivery).map(([tool, each]) => [`delivery.${tool}`, each] as const),
        ["mesh.istio", mesh.istio] as const,
        ...Object.entries(clients.prometheus).map(
            ([client, each]) => [`clients.prometheus.${client}`, each] as const,
        ),
    ]
        .filter(([, each]) => each !== undefined)
        .map(([path]) => path);
}

function tenantProblems(settings: DeliverySettings & Declared): Problem[] {
    return settings.cluster.role === "owner"
        ? []
        : declared(settings).map((path) => ({
              path,
              got: "what a cluster has once",
              allowed: "nothing in a tenant: set it in the owner's stack",
          }));
}

/** Proxies that two gateways select would be scraped twice. */
function gatewayProblems({ mesh }: DeliverySettings): Problem[] {
    const all = Object.entries(mesh.istio?.gateways ?? {});
    return all.flatMap(([gateway, { namespace: at, selector }], i) => {
        if (Object.keys(selector).length === 0) {
            return [
                {
                    path: `mesh.istio.gateways.${gateway}.selector`,
                    got: "{}",
                    allowed: "one label of its pods or more",
                },
            ];
        }
        const before = all
            .slice(0, i)
            .find(([, each]) => each.namespace === at && same(each.selector, selector));
        return before
            ? [
                  {
                      path: `mesh.istio.gateways.${gateway}.selector`,
                      got: show(selector),
                      allowed: `labels that only its pods have: ${before[0]} selects the same, which would be scraped twice`,
                  },
              ]
            : [];
    });
}

type Labels = Readonly<Record<string, string>>;

function same(a: Labels, b: Labels): boolean {
    const sorted = (labels: Labels) => JSON.stringify(Object.entries(labels).sort());
    return sorted(a) === sorted(b);
}

function clientProblems({ clients, components }: DeliverySettings & Declared): Problem[] {
    return components.prometheus === "on"
        ? []
        : Object.keys(clients.prometheus).map((client) => ({
              path: `clients.prometheus.${client}`,
              got: "a client of somebody's Prometheus",
              allowed: "nothing, or components.prometheus: on: whoever owns it lets its clients in",
          }));
}
