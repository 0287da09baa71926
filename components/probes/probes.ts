import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext } from "../alerting/prometheusRule";
import { CERTIFICATE_ONLY, PROBES_JOB, probeRules } from "../alerting/rules/probes";
import { contentHash } from "../kubernetes/contentHash";
import { scrapeTimeout } from "../kubernetes/foreignMonitors";
import { PART_OF, selectorLabels, workloadLabels } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { PATIENT } from "../kubernetes/probes";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { address, allowIngress, NamedListener, ServiceEndpoint } from "../kubernetes/wiring";
import { IMAGES } from "../versions";
import { blackboxFiles, CONFIG_FOLDER, Endpoint, Endpoints, moduleOf } from "./blackbox";

const NAME = "blackbox-exporter";
const COMPONENT = "probes";
const PORT = 9115;

export interface ProbesArgs {
    readonly endpoints: Endpoints;
    /** Servers of ours among them, which let nobody in that has no edge, by the probe's name. */
    readonly servers: Readonly<Record<string, NamedListener>>;
    readonly namespaceName: string;
    readonly namespace: pulumi.Input<string>;
    readonly environment: string;
    /** Wait in `pulumi up` until the exporter is ready. */
    readonly waitForReady: boolean;
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/**
 * A blackbox exporter that asks endpoints for Prometheus, a Probe of each, and their alerts. Needs the operator's CRDs;
 * leaves nothing.
 */
export class Probes extends pulumi.ComponentResource {
    constructor(name: string, args: ProbesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Probes", name, {}, opts);
        const { endpoints, servers, namespace, scraper, alerts } = args;
        const child = { parent: this };
        const exporter = this.exporter(name, args);
        allowIngress("prometheus-to-probes", { from: [scraper.workload], to: [exporter] }, child);
        for (const [probe, server] of Object.entries(servers)) {
            allowIngress(`probes-to-${probe}`, { from: [exporter.workload], to: [server] }, child);
        }
        for (const [probe, settings] of Object.entries(endpoints)) {
            new k8s.apiextensions.CustomResource(
                `${name}-${probe}`,
                {
                    apiVersion: "monitoring.coreos.com/v1",
                    kind: "Probe",
                    metadata: { name: probe, namespace, labels: PART_OF },
                    spec: {
                        prober: { url: address(exporter) },
                        ...probeSpec(probe, settings, args.environment),
                    },
                },
                // No value flows from the CRD, yet it must exist first.
                { parent: this, dependsOn: [...scraper.monitorCrds] },
            );
        }
        new AlertRules(
            `${name}-alerts`,
            {
                namespace,
                ruleName: PROBES_JOB,
                groups: [
                    {
                        name: PROBES_JOB,
                        rules: probeRules(args.namespaceName, alerts.settings),
                    },
                ],
                alerts,
                scraper,
            },
            child,
        );
        this.registerOutputs({});
    }

    private exporter(
        name: string,
        { endpoints, namespace, waitForReady }: ProbesArgs,
    ): ServiceEndpoint {
        const child = { parent: this };
        const labels = workloadLabels(NAME, COMPONENT);
        const podLabels = selectorLabels(NAME, COMPONENT);
        const metadata = { name: NAME, namespace, labels };
        const files = blackboxFiles(endpoints);
        const config = new k8s.core.v1.ConfigMap(
            `${name}-config`,
            { metadata, data: files },
            child,
        );
        new k8s.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: { ...metadata, ...(waitForReady ? {} : SKIP_AWAIT) },
                spec: {
                    selector: { matchLabels: podLabels },
                    template: blackboxPod(
                        config.metadata.name,
                        pulumi.output(files).apply((all) => contentHash(JSON.stringify(all))),
                    ),
                },
            },
            child,
        );
        const service = new k8s.core.v1.Service(
            `${name}-service`,
            {
                // The wait for its pods is the Deployment's.
                metadata: { ...metadata, ...SKIP_AWAIT },
                spec: {
                    selector: podLabels,
                    ports: [{ name: "http", port: PORT, targetPort: "http" }],
                },
            },
            child,
        );
        return {
            workload: { namespace, podLabels },
            port: PORT,
            service: service.metadata.name,
            servicePort: PORT,
            scheme: "http",
        };
    }
}

const SKIP_AWAIT = { annotations: { "pulumi.com/skipAwait": "true" } };

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ProbeSpec, without the prober. */
export function probeSpec(probe: string, endpoint: Endpoint, environment: string): object {
    const { url, tcp, interval, certificateOnly } = endpoint;
    return {
        jobName: PROBES_JOB,
        module: moduleOf(probe, endpoint),
        interval,
        scrapeTimeout: scrapeTimeout(interval),
        targets: {
            staticConfig: {
                static: [url ?? tcp],
                labels: { probe, environment, ...(certificateOnly ? CERTIFICATE_ONLY : {}) },
            },
        },
    };
}

/** Its pod; a changed configuration changes the template, and so rolls it. */
export function blackboxPod(
    configMap: pulumi.Input<string>,
    hash: pulumi.Input<string>,
): k8s.types.input.core.v1.PodTemplateSpec {
    const healthy = { httpGet: { path: "/-/healthy", port: "http" } };
    return {
        metadata: {
            labels: workloadLabels(NAME, COMPONENT),
            annotations: { "observability/config": hash },
        },
        spec: {
            nodeSelector: LINUX_NODES,
            automountServiceAccountToken: false,
            securityContext: {
                runAsNonRoot: true,
                runAsUser: 1000,
                runAsGroup: 1000,
                seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
                {
                    name: NAME,
                    image: IMAGES.blackboxExporter,
                    args: [`--config.file=${CONFIG_FOLDER}/blackbox.yml`],
                    ports: [{ name: "http", containerPort: PORT }],
                    readinessProbe: healthy,
                    livenessProbe: { ...healthy, ...PATIENT },
                    resources: {
                        requests: { cpu: "10m", memory: "32Mi" },
                        limits: { memory: "64Mi" },
                    },
                    securityContext: {
                        allowPrivilegeEscalation: false,
                        readOnlyRootFilesystem: true,
                        capabilities: { drop: ["ALL"] },
                    },
                    volumeMounts: [{ name: "config", mountPath: CONFIG_FOLDER, readOnly: true }],
                },
            ],
            volumes: [{ name: "config", configMap: { name: configMap } }],
        },
    };
}
