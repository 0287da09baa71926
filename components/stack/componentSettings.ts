import { z } from "zod";

import { isRedisIndicator, indicatorName, SloSettings } from "../alerting/slos/settings";
import { labels } from "../kubernetes/placement";
import type { Part, SettingsOf } from "../settings/part";
import { Problem, show } from "../settings/problems";
import { namespace, serviceName, whole } from "../settings/scalars";

const onOff = z.enum(["on", "off"]);
const onExisting = z.enum(["on", "existing"]);

const keys = {
    components: z
        .strictObject({
            prometheus: onExisting
                .describe(
                    "`existing`: the one of `existing.prometheus` scrapes and evaluates; with it Alertmanager, Grafana and both exporters are off",
                )
                .default("on"),
            alertmanager: onOff.describe("Alertmanager and the routing").default("on"),
            grafana: onOff.describe("Grafana and its data sources").default("on"),
            kubeStateMetrics: onOff
                .describe("kube-state-metrics, and the alerts on workloads and Flux")
                .default("on"),
            nodeExporter: onOff
                .describe("node-exporter, and the chart's alerts on nodes")
                .default("on"),
            redisOperator: onExisting
                .describe("`existing`: the one of `existing.redisOperator` makes the Redis pods")
                .default("on"),
            logging: onOff.describe("Elasticsearch and Fluent Bit").default("on"),
            kibana: onOff.describe("Kibana; needs `logging`").default("on"),
            tracing: onOff.describe("Jaeger; needs `logging`, which keeps its spans").default("on"),
        })
        .describe("Parts that are on, off, or there already: [adapting](adapting.md)")
        .prefault({}),
    existing: z
        .strictObject({
            prometheus: z
                .strictObject({
                    namespace: namespace.describe("Where its pods are"),
                    podLabels: labels.describe("Labels of its pods, which NetworkPolicies let in"),
                    service: serviceName.describe("Its Service, which Jaeger asks"),
                    port: whole(1, 65535).describe("Of Service and pods").default(9090),
                    objectLabels: labels
                        .describe(
                            "What its selectors of monitors and rules ask for, such as `release: kube-prometheus-stack`",
                        )
                        .default({}),
                })
                .describe("The Prometheus of `components.prometheus: existing`")
                .optional(),
            redisOperator: z
                .strictObject({
                    namespace: namespace.describe("Where its pods are"),
                    podLabels: labels
                        .describe("Labels of its pods, which NetworkPolicies let in")
                        .default({ name: "redis-operator" }),
                })
                .describe("The Redis operator of `components.redisOperator: existing`")
                .optional(),
        })
        .describe("What is there already")
        .prefault({}),
};

export type ComponentSettings = SettingsOf<typeof keys>;
export type Components = ComponentSettings["components"];

/** What the rules read of other parts: what would have nobody to do it. */
interface Dependents {
    readonly cluster: { readonly role: "owner" | "tenant" };
    readonly slos: Readonly<Record<string, SloSettings>>;
    readonly ingress: {
        readonly enabled: boolean;
        readonly hosts: Readonly<Partial<Record<string, string>>>;
    };
    readonly alerting: {
        readonly receivers: Readonly<Record<string, unknown>>;
        readonly requireHeartbeat: boolean;
    };
    readonly backup: { readonly repository?: unknown };
}

/** Parts on, off, or there already. */
export const componentsPart: Part<typeof keys, ComponentSettings & Dependents> = {
    keys,
    problems: tenantProblems,
    platformProblems: (settings) => [
        ...existingProblems(settings),
        ...needProblems(settings.components),
        ...sloProblems(settings),
        ...hostProblems(settings),
        ...receiverProblems(settings),
    ],
};

function tenantProblems({ cluster, components }: ComponentSettings & Dependents): Problem[] {
    const changed = Object.entries(components).filter(([, state]) => state !== "on");
    return cluster.role === "owner"
        ? []
        : changed.map(([component, state]) => ({
              path: `components.${component}`,
              got: show(state),
              allowed: "nothing in a tenant, which has the owner's: set it in the owner's stack",
          }));
}

const EXISTING = { prometheus: "namespace, podLabels and service", redisOperator: "namespace" };

function existingProblems({ components, existing }: ComponentSettings): Problem[] {
    return (Object.keys(EXISTING) as (keyof typeof EXISTING)[]).flatMap((each) => {
        const declared = existing[each] !== undefined;
        if (components[each] === "existing" && !declared) {
            return [
                {
                    path: `existing.${each}`,
                    got: "nothing",
                    allowed: `${EXISTING[each]} of the one that is there, or components.${each}: on`,
                },
            ];
        }
        return components[each] === "on" && declared
            ? [
                  {
                      path: `existing.${each}`,
                      got: "an address that nothing uses",
                      allowed: `nothing, or components.${each}: existing`,
                  },
              ]
            : [];
    });
}

/** What a part needs, and is without. */
const NEEDS: readonly (readonly [
    part: keyof Components,
    needed: keyof Components,
    because: string,
])[] = [
    ["kibana", "logging", "it shows what is in Elasticsearch"],
    ["tracing", "logging", "Jaeger keeps its spans in Elasticsearch"],
    ["alertmanager", "prometheus", "one chart brings both"],
    ["grafana", "prometheus", "one chart brings both"],
    ["kubeStateMetrics", "prometheus", "one chart brings both"],
    ["nodeExporter", "prometheus", "one chart brings both"],
];

function needProblems(components: Components): Problem[] {
    return NEEDS.filter(
        ([part, needed]) => components[part] === "on" && components[needed] !== "on",
    ).map(([part, needed, because]) => ({
        path: `components.${part}`,
        got: show("on"),
        allowed: `"off", or components.${needed}: on: ${because}`,
    }));
}

/** The part that an objective measures. */
const MEASURED: Readonly<Record<string, keyof Components>> = {
    "elasticsearch-availability": "logging",
    "log-delivery": "logging",
    "trace-delivery": "tracing",
};

function sloProblems({ slos, components }: ComponentSettings & Dependents): Problem[] {
    return Object.entries(slos).flatMap(([objective, slo]) => {
        const sli = indicatorName(objective, slo);
        const part = sli && !isRedisIndicator(sli) ? MEASURED[sli] : undefined;
        return part && components[part] !== "on"
            ? [
                  {
                      path: `slos.${objective}`,
                      got: `an objective of a part that is off`,
                      allowed: `nothing, or components.${part}: on`,
                  },
              ]
            : [];
    });
}

/** The part behind a host. */
const BEHIND: Readonly<Record<string, keyof Components>> = {
    grafana: "grafana",
    prometheus: "prometheus",
    alertmanager: "alertmanager",
    kibana: "kibana",
    jaeger: "tracing",
};

function hostProblems({ ingress, components }: ComponentSettings & Dependents): Problem[] {
    return Object.keys(ingress.hosts)
        .map((host) => [host, BEHIND[host]] as const)
        .filter(([, part]) => ingress.enabled && part && components[part] !== "on")
        .map(([host, part]) => ({
            path: `ingress.hosts.${host}`,
            got: "the host of a part that is not this stack's",
            allowed: `nothing, or components.${part}: on`,
        }));
}

function receiverProblems({ alerting, components }: ComponentSettings & Dependents): Problem[] {
    return components.alertmanager === "off" && Object.keys(alerting.receivers).length > 0
        ? [
              {
                  path: "alerting.receivers",
                  got: show(Object.keys(alerting.receivers)),
                  allowed: "{}, or components.alertmanager: on: nobody else tells them",
              },
          ]
        : [];
}
