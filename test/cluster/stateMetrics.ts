import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { KubeClient, LiveObject } from "../../lab/cluster/kubeClient";
import { ApiError } from "../../lab/cluster/kubeTransport";
import { listAt, textAt, valueAt } from "../../lab/program/objects";

type Labels = Readonly<Record<string, string>>;
export interface Sample {
    readonly name: string;
    readonly labels: Labels;
    readonly value: number;
}
/** What is exposed of a cluster at a moment. */
export type Exposed = (client: KubeClient) => Promise<readonly Sample[]>;

/**
 * Serves what kube-state-metrics would of live objects, which is in no Go module that could be had: the target, for a static
 * scrape configuration, and what ends it.
 */
export async function serveStateMetrics(
    client: KubeClient,
    exposed: Exposed,
): Promise<{ readonly target: string; readonly stop: () => Promise<void> }> {
    const server = createServer((_, response) => {
        exposed(client).then(
            (samples) => {
                // Without it Prometheus takes nothing.
                response.setHeader("content-type", "text/plain; version=0.0.4");
                response.end(samples.map(line).join(""));
            },
            (error: unknown) => response.writeHead(500).end(String(error)),
        );
    });
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
    });
    return {
        target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
        stop: () => {
            server.closeAllConnections();
            return new Promise((resolve) => server.close(() => resolve()));
        },
    };
}

function line({ name, labels, value }: Sample): string {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
    return `${name}{${pairs.join(",")}} ${value}\n`;
}

/** Of ReplicaSets, https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/replicaset-metrics.md. */
export const replicaSets: Exposed = async (client) =>
    (await client.list("apps/v1", "ReplicaSet")).flatMap(({ metadata, spec }) => {
        const { namespace = "", name, ownerReferences: [owner] = [] } = metadata;
        const labels = { namespace, replicaset: name };
        const created = Date.parse(textAt(metadata, "creationTimestamp")) / 1000;
        const replicas = Number(valueAt(spec, "replicas"));
        const owned = { owner_kind: owner?.kind ?? "", owner_name: owner?.name ?? "" };
        return [
            { name: "kube_replicaset_created", labels, value: created },
            { name: "kube_replicaset_owner", labels: { ...labels, ...owned }, value: 1 },
            { name: "kube_replicaset_spec_replicas", labels, value: replicas },
        ];
    });

/** Of custom resources, as `customResourceState.config` of the chart's values asks for them. */
export function customResources(config: unknown): Exposed {
    const resources = listAt(config, "spec", "resources");
    return async (client) =>
        (await Promise.all(resources.map((each) => ofKind(client, each)))).flat();
}

async function ofKind(client: KubeClient, resource: unknown): Promise<Sample[]> {
    const [group, version, kind] = ["group", "version", "kind"].map((each) =>
        textAt(resource, "groupVersionKind", each),
    ) as [string, string, string];
    const objects = await client.list(`${group}/${version}`, kind).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) {
            return [];
        }
        throw error;
    });
    const common = {
        customresource_group: group,
        customresource_version: version,
        customresource_kind: kind,
    };
    const prefix = textAt(resource, "metricNamePrefix");
    return listAt(resource, "metrics").flatMap((metric) =>
        objects.flatMap((object) => sampleOf(object, prefix, metric, common)),
    );
}

function sampleOf(object: LiveObject, prefix: string, metric: unknown, common: Labels): Sample[] {
    const each = valueAt(metric, "each");
    const paths = {
        ...(valueAt(metric, "labelsFromPath") as object),
        ...(valueAt(each, "info", "labelsFromPath") as object | undefined),
    } as Readonly<Record<string, readonly string[]>>;
    const found = Object.entries(paths)
        .map(([label, path]) => [label, resolved(object, path)] as const)
        .filter(([, value]) => value !== undefined);
    const labels = Object.fromEntries(found.map(([label, value]) => [label, String(value)]));
    const sample = {
        name: `${prefix}_${textAt(metric, "name")}`,
        labels: { ...common, ...labels },
    };
    if (textAt(each, "type") === "Info") {
        return [{ ...sample, value: 1 }];
    }
    const time = resolved(object, listAt(each, "gauge", "path") as string[]);
    return typeof time === "string" ? [{ ...sample, value: Date.parse(time) / 1000 }] : [];
}

/** The value at a path, of which `[key=value]` is the item of a list that has it. */
function resolved(value: unknown, path: readonly string[]): unknown {
    return path.reduce((here, part) => {
        const [, key = "", wanted] = /^\[(.+)=(.+)\]$/.exec(part) ?? [];
        return wanted === undefined
            ? valueAt(here, part)
            : Array.isArray(here)
              ? here.find((each) => valueAt(each, key) === wanted)
              : undefined;
    }, value);
}
