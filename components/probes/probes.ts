import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext } from "../alerting/prometheusRule";
import { BLACKBOX_EXPORTER, PROBES_JOB, probeRules } from "../alerting/rules/probes";
import { contentHash } from "../kubernetes/contentHash";
import { scrapeTimeout } from "../kubernetes/foreignMonitors";
import { httpService, SKIP_AWAIT } from "../kubernetes/httpService";
import { PART_OF, selectorLabels, workloadLabels } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { PATIENT } from "../kubernetes/probes";
import { LINUX_NODES } from "../kubernetes/scheduling";
import {
    address,
    allowIngress,
    NamedListener,
    ServiceEndpoint,
    Workload,
} from "../kubernetes/wiring";
import { IMAGES } from "../versions";
import {
    blackboxFiles,
    CERTIFICATE_MODULE,
    Certificates,
    CONFIG_FOLDER,
    Endpoints,
    moduleOf,
} from "./blackbox";
import type { ProbeSettings } from "./settings";

const COMPONENT = "probes";
const PORT = 9115;
/** A series without a sample for five minutes is none. */
const CERTIFICATE_INTERVAL = "2m";

export interface ProbesArgs {
    readonly endpoints: Endpoints;
    readonly certificates: Certificates;
    /** Servers of the platform among them, which let nobody in that has no edge, by a name of ours. */
    readonly servers: Readonly<Record<string, NamedListener>>;
    readonly namespaceName: string;
    readonly namespace: pulumi.Input<string>;
    readonly environment: string;
    /** Wait in `pulumi up` until the exporter is ready. */
    readonly waitForReady: boolean;
    /** Whether kube-state-metrics tells what is deployed. */
    readonly kubeStateMetrics: boolean;
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
        for (const [server, listener] of Object.entries(servers)) {
            allowIngress(
                `probes-to-${server}`,
                { from: [exporter.workload], to: [listener] },
                child,
            );
        }
        const probes = [
            ...Object.entries(endpoints).map(
                ([probe, settings]) =>
                    [probe, probeSpec(probe, settings, args.environment)] as const,
            ),
            ...Object.entries(args.certificates).map(
                ([probe, ports]) =>
                    [probe, certificateProbeSpec(probe, ports, args.environment)] as const,
            ),
        ];
        for (const [probe, spec] of probes) {
            new k8s.apiextensions.CustomResource(
                `${name}-${probe}`,
                {
                    apiVersion: "monitoring.coreos.com/v1",
                    kind: "Probe",
                    metadata: { name: probe, namespace, labels: PART_OF },
                    spec: { prober: { url: address(exporter) }, ...spec },
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
                        rules: probeRules(args.namespaceName, args, alerts.settings),
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
        { endpoints, certificates, namespace, waitForReady }: ProbesArgs,
    ): ServiceEndpoint {
        const child = { parent: this };
        const labels = workloadLabels(BLACKBOX_EXPORTER, COMPONENT);
        const podLabels = selectorLabels(BLACKBOX_EXPORTER, COMPONENT);
        const metadata = { name: BLACKBOX_EXPORTER, namespace, labels };
        const files = blackboxFiles(endpoints, certificates);
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
                    template: blackboxPod(config.metadata.name, contentHash(JSON.stringify(files))),
                },
            },
            child,
        );
        return httpService(`${name}-service`, { metadata, podLabels, port: PORT }, child);
    }
}

/** Its pods in that namespace, for the edges to what they ask. */
export function blackboxWorkload(namespace: pulumi.Input<string>): Workload {
    return { namespace, podLabels: selectorLabels(BLACKBOX_EXPORTER, COMPONENT) };
}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ProbeSpec, without the prober. */
export function probeSpec(probe: string, settings: ProbeSettings, environment: string): object {
    const { url, tcp, interval } = settings;
    return {
        jobName: PROBES_JOB,
        module: moduleOf(probe, settings),
        interval,
        scrapeTimeout: scrapeTimeout(interval),
        targets: { staticConfig: { static: [url ?? tcp], labels: { probe, environment } } },
    };
}

/** Asks each of the ports when its certificate ends; whether it answers is known of those who serve it. */
export function certificateProbeSpec(
    probe: string,
    ports: readonly pulumi.Input<string>[],
    environment: string,
): object {
    return {
        jobName: PROBES_JOB,
        module: CERTIFICATE_MODULE,
        interval: CERTIFICATE_INTERVAL,
        scrapeTimeout: scrapeTimeout(CERTIFICATE_INTERVAL),
        targets: { staticConfig: { static: ports, labels: { probe, environment } } },
        metricRelabelings: [
            {
                action: "keep",
                sourceLabels: ["__name__"],
                regex: "probe_ssl_earliest_cert_expiry",
            },
        ],
    };
}

/** Its pod; a changed configuration changes the template, and so rolls it. */
export function blackboxPod(
    configMap: pulumi.Input<string>,
    hash: string,
): k8s.types.input.core.v1.PodTemplateSpec {
    const healthy = { httpGet: { path: "/-/healthy", port: "http" } };
    return {
        metadata: {
            labels: workloadLabels(BLACKBOX_EXPORTER, COMPONENT),
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
                    name: BLACKBOX_EXPORTER,
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
