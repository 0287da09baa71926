import { z } from "zod";

import { isRedisIndicator, indicatorName, SloSettings } from "../alerting/slos/settings";
import { labels } from "../kubernetes/placement";
import { existingElasticsearchSettings } from "../logging/existingElasticsearchSettings";
import type { Part, SettingsOf } from "../settings/part";
import { Problem, show } from "../settings/problems";
import {
    annotationKey,
    labelKey,
    labelValue,
    namespace,
    serviceName,
    url,
    whole,
} from "../settings/scalars";
import type { NamespaceNames } from "./namespaceNames";

const onOff = z.enum(["on", "off"]);
const onExisting = z.enum(["on", "existing"]);
const onOffExisting = z.enum(["on", "off", "existing"]);

/** What a sidecar of Grafana looks for. */
const sidecarLabel = z
    .record(labelKey, labelValue)
    .refine((all) => Object.keys(all).length === 1, {
        error: "allowed: one label with its value, as its sidecar has them in LABEL and LABEL_VALUE",
    })
    .meta({ kind: "label" });

const keys = {
    components: z
        .strictObject({
            prometheus: onExisting
                .describe(
                    "`existing`: the one of `existing.prometheus` scrapes and evaluates; with it Alertmanager and Grafana are off or existing, and both exporters off",
                )
                .default("on"),
            alertmanager: onOffExisting
                .describe(
                    "Alertmanager and the routing; `existing`: Prometheus tells the one of `existing.alertmanager`",
                )
                .default("on"),
            grafana: onOffExisting
                .describe(
                    "Grafana and its data sources; `existing`: the one of `existing.grafana` shows dashboards and data sources",
                )
                .default("on"),
            kubeStateMetrics: onOff
                .describe("kube-state-metrics, and the alerts on workloads and Flux")
                .default("on"),
            nodeExporter: onOff
                .describe("node-exporter, and the chart's alerts on nodes")
                .default("on"),
            redisOperator: onExisting
                .describe("`existing`: the one of `existing.redisOperator` makes the Redis pods")
                .default("on"),
            logging: onOff.describe("Fluent Bit and Elasticsearch").default("on"),
            elasticsearch: onExisting
                .describe(
                    "With `logging`; `existing`: the one of `existing.elasticsearch` keeps logs and spans, without Kibana and snapshots of this stack",
                )
                .default("on"),
            kibana: onOff
                .describe("Kibana; needs `logging` and an Elasticsearch of this stack")
                .default("on"),
            tracing: onOff
                .describe(
                    "Jaeger; needs `logging` or an existing Elasticsearch, which keeps its spans",
                )
                .default("on"),
            backup: onOff
                .describe(
                    "Backups, their drills and alerts, with `backup.repository`; off, what is stored stays",
                )
                .default("on"),
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
            alertmanager: z
                .strictObject({
                    namespace: namespace.describe("Where its pods are"),
                    podLabels: labels.describe("Labels of its pods, which NetworkPolicies let in"),
                    service: serviceName.describe("Its Service, which Prometheus tells"),
                    port: whole(1, 65535).describe("Of Service and pods").default(9093),
                    url: url.describe("Where people open it, which messages link to").optional(),
                    takesRouting: z
                        .boolean()
                        .describe(
                            "Whether its `spec.configSecret` is `alertmanager-config` and its `spec.secrets` have `alertmanager-receivers`, Secrets of its namespace that the stack fills with receivers and routes; otherwise it routes by itself",
                        )
                        .default(false),
                })
                .describe("The Alertmanager of `components.alertmanager: existing`")
                .optional(),
            grafana: z
                .strictObject({
                    namespace: namespace.describe(
                        "Where its pods are, and its sidecar finds ConfigMaps and Secrets",
                    ),
                    podLabels: labels.describe("Labels of its pods, which NetworkPolicies let in"),
                    url: url.describe("Where people open it, which alerts link to").optional(),
                    dashboardLabel: sidecarLabel
                        .describe("Label by which its sidecar finds dashboards")
                        .default({ grafana_dashboard: "1" }),
                    dataSourceLabel: sidecarLabel
                        .describe("Label by which its sidecar finds data sources")
                        .default({ grafana_datasource: "1" }),
                    folderAnnotation: annotationKey
                        .describe("Annotation in which its sidecar reads a dashboard's folder")
                        .default("grafana_folder"),
                })
                .describe("The Grafana of `components.grafana: existing`")
                .optional(),
            elasticsearch: existingElasticsearchSettings.optional(),
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
    readonly namespaces: NamespaceNames;
    readonly slos: Readonly<Record<string, SloSettings>>;
    readonly ingress: {
        readonly enabled: boolean;
        readonly hosts: Readonly<Partial<Record<string, string>>>;
    };
    readonly alerting: {
        readonly receivers: Readonly<Record<string, unknown>>;
    };
    readonly elasticsearch: { readonly snapshots: { readonly type: string } };
}

/** Parts on, off, or there already. */
export const componentsPart: Part<typeof keys, ComponentSettings & Dependents> = {
    keys,
    problems: tenantProblems,
    platformProblems: (settings) => [
        ...existingProblems(settings),
        ...placeProblems(settings),
        ...needProblems(settings.components),
        ...objectivesOfAbsentParts(settings),
        ...hostProblems(settings),
        ...receiversWithoutAlertmanager(settings),
        ...snapshotsOfOthers(settings),
    ],
};

function tenantProblems({ cluster, components }: ComponentSettings & Dependents): Problem[] {
    // A tenant has backups of its own.
    const changed = Object.entries(components).filter(
        ([component, state]) => component !== "backup" && state !== "on",
    );
    return cluster.role === "owner"
        ? []
        : changed.map(([component, state]) => ({
              path: `components.${component}`,
              got: show(state),
              allowed: "nothing in a tenant, which has the owner's: set it in the owner's stack",
          }));
}

/** What each that is there already must be told of. */
const EXISTING = {
    prometheus: "namespace, podLabels and service",
    alertmanager: "namespace, podLabels and service",
    grafana: "namespace and podLabels",
    elasticsearch: "url, ca and secret",
    redisOperator: "namespace",
};

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
        return components[each] !== "existing" && declared
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

/** The part for which each namespace of ours is made; that of autoscaling is made for what no component is. */
const MADE_FOR: Readonly<
    Record<Exclude<keyof NamespaceNames, "autoscaling">, readonly (keyof Components)[]>
> = {
    monitoring: ["prometheus"],
    nodeExporter: ["nodeExporter"],
    redisOperator: ["redisOperator"],
    elasticOperator: ["logging", "elasticsearch"],
    logging: ["logging"],
    tracing: ["tracing"],
};

/** What is there already stands in no namespace that this stack makes: making it would fail, and destroying it take both. */
function placeProblems({
    components,
    existing,
    namespaces,
}: ComponentSettings & Dependents): Problem[] {
    const made = (Object.keys(MADE_FOR) as (keyof typeof MADE_FOR)[])
        .filter((each) => MADE_FOR[each].every((part) => components[part] === "on"))
        .map((each) => namespaces[each]);
    const { elasticsearch, ...pods } = existing;
    const places = [
        ...Object.entries(pods).map(([each, one]) => [each, "namespace", one?.namespace] as const),
        ["elasticsearch", "url", elasticsearch && namespaceOf(elasticsearch.url)] as const,
    ];
    return places.flatMap(([each, key, place]) => {
        return components[each as keyof typeof EXISTING] === "existing" &&
            place !== undefined &&
            made.includes(place)
            ? [
                  {
                      path: `existing.${each}.${key}`,
                      got: `${show(place)}, which this stack makes`,
                      allowed: "the namespace in which it is already, made by somebody else",
                  },
              ]
            : [];
    });
}

/** Of a Service of the cluster. */
function namespaceOf(url: string): string | undefined {
    return /^[^.]+\.([^.]+)\.svc(\.|$)/.exec(new URL(url).hostname)?.[1];
}

/** What a part needs, and is without. */
const NEEDS: readonly (readonly [
    part: keyof Components,
    needed: keyof Components,
    because: string,
])[] = [
    ["kibana", "logging", "it shows what is in Elasticsearch"],
    ["kibana", "elasticsearch", "whoever has that Elasticsearch has a Kibana for it"],
    ["tracing", "logging", "Jaeger keeps its spans in Elasticsearch"],
    ["alertmanager", "prometheus", "one chart brings both"],
    ["grafana", "prometheus", "one chart brings both"],
    ["kubeStateMetrics", "prometheus", "one chart brings both"],
    ["nodeExporter", "prometheus", "one chart brings both"],
];

function needProblems(components: Components): Problem[] {
    return NEEDS.filter(
        ([part, needed]) =>
            components[part] === "on" &&
            components[needed] !== "on" &&
            // It needs the store of logs, and not the logs.
            !(part === "tracing" && components.elasticsearch === "existing"),
    ).map(([part, needed, because]) => ({
        path: `components.${part}`,
        got: show("on"),
        allowed: `${part in EXISTING ? '"off", "existing"' : '"off"'}, or components.${needed}: on: ${because}`,
    }));
}

/** The part that an objective measures. */
const MEASURED: Readonly<Record<string, readonly (keyof Components)[]>> = {
    "elasticsearch-availability": ["logging", "elasticsearch"],
    "log-delivery": ["logging"],
    "trace-delivery": ["tracing"],
};

function objectivesOfAbsentParts({ slos, components }: ComponentSettings & Dependents): Problem[] {
    return Object.entries(slos).flatMap(([objective, slo]) => {
        const sli = indicatorName(objective, slo);
        const parts = (sli && !isRedisIndicator(sli) ? MEASURED[sli] : undefined) ?? [];
        const part = parts.find((each) => components[each] !== "on");
        return part
            ? [
                  {
                      path: `slos.${objective}`,
                      got: `an objective of a part that is ${components[part] === "off" ? "off" : "somebody else's"}`,
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

function receiversWithoutAlertmanager({
    alerting,
    components,
    existing,
}: ComponentSettings & Dependents): Problem[] {
    const routes = {
        on: true,
        off: false,
        existing: existing.alertmanager?.takesRouting ?? true,
    }[components.alertmanager];
    return routes || Object.keys(alerting.receivers).length === 0
        ? []
        : [
              {
                  path: "alerting.receivers",
                  got: show(Object.keys(alerting.receivers)),
                  allowed:
                      components.alertmanager === "off"
                          ? "{}, or components.alertmanager: on: nobody else tells them"
                          : "{}, since that Alertmanager routes by itself, or existing.alertmanager.takesRouting: true once it reads alertmanager-config (docs/adapting.md)",
              },
          ];
}

function snapshotsOfOthers({
    components,
    elasticsearch,
}: ComponentSettings & Dependents): Problem[] {
    const { type } = elasticsearch.snapshots;
    return components.elasticsearch === "existing" && type !== "none"
        ? [
              {
                  path: "elasticsearch.snapshots",
                  got: `type: ${type}`,
                  allowed:
                      "nothing, or components.elasticsearch: on: whoever has that Elasticsearch takes its snapshots",
              },
          ]
        : [];
}
