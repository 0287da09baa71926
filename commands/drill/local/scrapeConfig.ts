import type { KubeObject } from "../../../lab/cluster";
import type { KubernetesObject, Labels } from "../../../lab/program/objects";
import { OperatorService, operatorServices } from "../../../lab/redisServices";
import { selectedServices } from "../../../lab/scrapeConfig";

/** A pod's exporter, and what Kubernetes knows about it. */
export interface Target {
    readonly namespace: string;
    readonly pod: string;
    readonly app: string;
    readonly port: number;
}

/** A scrape job of one ServiceMonitor; its targets are in a file, so that a pod can come and go. */
export interface ScrapeJob {
    readonly job_name: string;
    readonly [setting: string]: unknown;
}

export interface TargetGroup {
    readonly targets: readonly string[];
    readonly labels: Labels;
}

interface Endpoint {
    readonly port: string;
    readonly path: string;
    readonly interval: string;
    readonly scrapeTimeout: string;
    readonly relabelings: readonly { readonly targetLabel: string; readonly replacement: string }[];
}

interface MonitorSpec {
    readonly endpoints: readonly [Endpoint];
    readonly targetLabels?: readonly string[];
}

/** What the Prometheus Operator makes of a ServiceMonitor, with targets from a file instead of the API server. */
export function scrapeJob(monitor: KubernetesObject, targetsFile: string): ScrapeJob {
    const { endpoints } = monitor.manifest.spec as MonitorSpec;
    const [endpoint] = endpoints;
    return {
        job_name: jobName(monitor),
        scrape_interval: endpoint.interval,
        scrape_timeout: endpoint.scrapeTimeout,
        metrics_path: endpoint.path,
        file_sd_configs: [{ files: [targetsFile] }],
        relabel_configs: endpoint.relabelings.map(({ targetLabel, replacement }) => ({
            target_label: targetLabel,
            replacement,
        })),
    };
}

export function jobName({ namespace, name }: KubernetesObject): string {
    return `serviceMonitor/${namespace}/${name}/0`;
}

/**
 * The targets of a ServiceMonitor among the pods: those that a Service that it selects leads to, once for each such
 * Service, with the labels that the Prometheus Operator gives them.
 */
export function targetGroups(
    monitor: KubernetesObject,
    resources: readonly KubernetesObject[],
    pods: readonly Target[],
): TargetGroup[] {
    const { endpoints, targetLabels = [] } = monitor.manifest.spec as MonitorSpec;
    const services = resources.flatMap(({ kind, name, labels }) =>
        operatorServices(kind, name, labels),
    );
    return selectedBy(monitor, services).flatMap((service) =>
        pods
            .filter(({ app }) => app === service.app)
            .map(({ namespace, pod, port }) => ({
                targets: [`127.0.0.1:${port}`],
                labels: {
                    job: service.name,
                    namespace,
                    service: service.name,
                    pod,
                    container: "redis-exporter",
                    endpoint: endpoints[0].port,
                    ...Object.fromEntries(
                        targetLabels.map((label) => [label, service.labels[label] ?? ""]),
                    ),
                },
            })),
    );
}

function selectedBy(
    monitor: KubernetesObject,
    services: readonly OperatorService[],
): OperatorService[] {
    const asObject = (kind: string, name: string, labels: Labels): KubeObject => ({
        kind,
        metadata: { name, labels },
    });
    const selected = selectedServices(
        {
            ...asObject("ServiceMonitor", monitor.name, monitor.labels),
            spec: monitor.manifest.spec as KubeObject["spec"],
        },
        services.map(({ name, labels }) => asObject("Service", name, labels)),
    );
    const names = new Set(selected.map(({ metadata }) => metadata.name));
    return services.filter(({ name }) => names.has(name));
}
