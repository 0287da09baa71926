import { stringify } from "yaml";

import { clusterRoleBinding, discoveryAccess, serviceAccount } from "../../../lab/cluster/access";
import { BUILT_IMAGES } from "../../../lab/cluster/node/images";
import { RESEND_DELAY } from "../deadMansSwitch";
import type { Generated } from "../generated";
import { MONITORING } from "../settings";
import { milliseconds, shorten } from "../shortened";

/** The pod of the one Prometheus, as the operator names it. */
export const PROMETHEUS_POD = "prometheus-drill-0";
export const ALERTMANAGER_POD = "alertmanager-drill-0";

const MONITORING_API = "monitoring.coreos.com/v1";
const USER = {
    runAsNonRoot: true,
    runAsUser: 1000,
    fsGroup: 2000,
    seccompProfile: { type: "RuntimeDefault" },
};

/** The Prometheus Operator as a pod, with every right in this cluster of one drill. */
export function operatorObjects(): object[] {
    const name = "prometheus-operator";
    const labels = { "app.kubernetes.io/name": name };
    return [
        serviceAccount(MONITORING, name),
        clusterRoleBinding(MONITORING, name, "cluster-admin"),
        {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name, namespace: MONITORING },
            spec: {
                selector: { matchLabels: labels },
                template: {
                    metadata: { labels },
                    spec: {
                        serviceAccountName: name,
                        securityContext: USER,
                        containers: [
                            {
                                name,
                                image: BUILT_IMAGES.operator(),
                                securityContext: {
                                    allowPrivilegeEscalation: false,
                                    capabilities: { drop: ["ALL"] },
                                },
                                args: [
                                    `--prometheus-config-reloader=${BUILT_IMAGES.reloader()}`,
                                    "--kubelet-endpoints=false",
                                ],
                            },
                        ],
                    },
                },
            },
        },
    ];
}

/** Alertmanager's Secrets, and Alertmanager and Prometheus as resources of the operator. */
export function monitoringObjects(generated: Generated, factor: number): object[] {
    const { alertmanager, alertmanagerSpec, receiverSecrets, prometheus } = generated;
    const spec = {
        replicas: 1,
        scrapeInterval: prometheus.scrapeInterval,
        evaluationInterval: prometheus.evaluationInterval,
        externalLabels: prometheus.externalLabels,
        image: BUILT_IMAGES.prometheus(),
        serviceAccountName: "prometheus",
        securityContext: USER,
        ...everything("serviceMonitor", "rule"),
        alerting: {
            alertmanagers: [{ namespace: MONITORING, name: "alertmanager-operated", port: "web" }],
        },
        additionalArgs: [
            {
                name: "rules.alert.resend-delay",
                value: `${milliseconds(RESEND_DELAY) / factor}ms`,
            },
        ],
    };
    return [
        secret("alertmanager-config", {
            "alertmanager.yaml": stringify(shorten(alertmanager, factor)),
            "messages.tmpl": generated.messageTemplates,
        }),
        secret("alertmanager-receivers", receiverSecrets),
        {
            apiVersion: MONITORING_API,
            kind: "Alertmanager",
            metadata: { name: "drill", namespace: MONITORING },
            spec: {
                replicas: 1,
                image: BUILT_IMAGES.alertmanager(),
                ...pick(alertmanagerSpec, "configSecret", "secrets", "resources"),
                securityContext: USER,
            },
        },
        ...discoveryAccess(MONITORING, "prometheus"),
        {
            apiVersion: MONITORING_API,
            kind: "Prometheus",
            metadata: { name: "drill", namespace: MONITORING },
            spec: shorten(spec, factor),
        },
    ];
}

/** The program's own ServiceMonitors and alerts on Redis, and the chart's Watchdog. */
export function scrapingObjects(generated: Generated, factor: number): object[] {
    const { monitors, ruleGroups } = generated;
    return [
        ...monitors.map(({ manifest }) => manifest),
        {
            apiVersion: MONITORING_API,
            kind: "PrometheusRule",
            metadata: { name: "drill", namespace: MONITORING },
            spec: { groups: ruleGroups },
        },
    ].map((object) => shorten(object, factor));
}

function pick(from: Readonly<Record<string, unknown>>, ...keys: readonly string[]): object {
    return Object.fromEntries(keys.map((key) => [key, from[key]]));
}

function everything(...kinds: readonly string[]): object {
    return Object.fromEntries(
        kinds.flatMap((kind) => [
            [`${kind}Selector`, {}],
            [`${kind}NamespaceSelector`, {}],
        ]),
    );
}

function secret(name: string, stringData: Readonly<Record<string, string>>): object {
    return {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, namespace: MONITORING },
        stringData,
    };
}
