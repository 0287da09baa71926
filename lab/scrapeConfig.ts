import { gunzipSync } from "node:zlib";

import { parse } from "yaml";

import type { Cluster, KubeObject } from "./cluster";

const REDIS_MONITOR = /^serviceMonitor\/([^/]+)\/([^/]+)\/\d+$/;

/** Names of the scrape jobs that the Prometheus Operator generated, such as `serviceMonitor/staging/cache/0`. */
export async function scrapeJobs(cluster: Cluster): Promise<string[]> {
    const secret = await cluster.getOne(
        "secret",
        "monitoring",
        "prometheus-kube-prometheus-stack-prometheus",
    );
    const packed = Buffer.from(secret.data?.["prometheus.yaml.gz"] ?? "", "base64");
    const { scrape_configs: jobs } = parse(gunzipSync(packed).toString()) as {
        scrape_configs: { job_name: string }[];
    };
    return jobs.map(({ job_name }) => job_name);
}

/** Instances of a namespace that have a scrape job, once for each job. */
export function scrapedInstances(jobs: readonly string[], namespace: string): string[] {
    return jobs
        .map((job) => REDIS_MONITOR.exec(job))
        .filter((match) => match?.[1] === namespace)
        .map((match) => match?.[2] ?? "");
}

interface MonitorSpec {
    readonly selector: {
        readonly matchLabels?: Readonly<Record<string, string>>;
        readonly matchExpressions?: readonly {
            readonly key: string;
            readonly operator: string;
            readonly values?: readonly string[];
        }[];
    };
}

/** Services that a ServiceMonitor selects, by the API's rules for `matchLabels` and the operator `In`. */
export function selectedServices(
    monitor: KubeObject,
    services: readonly KubeObject[],
): KubeObject[] {
    const { matchLabels = {}, matchExpressions = [] } = (monitor.spec as unknown as MonitorSpec)
        .selector;
    return services.filter(({ metadata: { labels = {} } }) => {
        const exact = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
        return (
            exact &&
            matchExpressions.every(
                ({ key, operator, values }) =>
                    operator === "In" && (values ?? []).includes(labels[key] ?? ""),
            )
        );
    });
}
