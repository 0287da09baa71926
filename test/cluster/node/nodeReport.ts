import { setTimeout } from "node:timers/promises";

import type { KubeClient, LiveObject } from "../../../lab/cluster/kubeClient";
import { podProblem } from "../../../lab/cluster/node/podState";
import { valueAt } from "../../../lab/program/objects";

/** What staging says when it is up on a real node; the parts of Prometheus are those of its HTTP API. */
export interface NodeReport {
    /** Pods that the node has images for. */
    readonly pods: readonly PodReport[];
    /** Of those pods: https://prometheus.io/docs/prometheus/latest/querying/api/#targets. */
    readonly targets: readonly TargetReport[];
    /** Those that are evaluated each minute: https://prometheus.io/docs/prometheus/latest/querying/api/#rules. */
    readonly rules: readonly RuleReport[];
    /** `address:port` of the Alertmanagers that Prometheus sends to. */
    readonly alertmanagers: readonly string[];
    /** The configuration that Alertmanager has loaded, as YAML. */
    readonly routing: string;
    /** The series of SELECTORS now, by selector. */
    readonly series: Readonly<Record<string, readonly SeriesReport[]>>;
}

export interface PodReport {
    /** `namespace/name`. */
    readonly name: string;
    readonly address: string;
    readonly restarts: number;
    /** Why it is not ready; not there when it is. */
    readonly problem?: string;
}

export interface TargetReport {
    readonly scrapePool: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly health: string;
    readonly lastError: string;
}

export interface RuleReport {
    readonly name: string;
    readonly health: string;
    readonly lastError?: string;
}

export interface SeriesReport {
    readonly metric: Readonly<Record<string, string>>;
    /** Seconds since the epoch, and the value. */
    readonly value: readonly [number, string];
}

/** What Prometheus is asked for. */
const SELECTORS = ["redis_up", "redis_exporter_last_scrape_error", "node_memory_MemTotal_bytes"];
/** Seconds: two scrapes or evaluations as shipped, and some for a slow machine. */
const PATIENCE = 150;
const MINUTE = 60;

interface RuleGroup {
    /** Seconds. */
    readonly interval: number;
    readonly rules: readonly RuleReport[];
}

/** The pods that `choose` takes, when all are ready or time is over; what they lack is in the report. */
export async function readyPods(
    client: KubeClient,
    choose: (pod: LiveObject) => boolean,
): Promise<PodReport[]> {
    const pods = async () => (await client.list("v1", "Pod")).filter(choose).map(podReport);
    return lookUntil(pods, (all) => all.length > 0 && all.every(({ problem }) => !problem));
}

/** Asks the Prometheus and the Alertmanager of the addresses, when they have looked at everything once. */
export async function monitoringReport(
    pods: readonly PodReport[],
    prometheus: string,
    alertmanager: string,
): Promise<NodeReport> {
    const read = async <T>(path: string): Promise<T> =>
        (await json<{ data: T }>(`http://${prometheus}/api/v1/${path}`)).data;
    const names = pods.map(({ name }) => name);
    const targets = await lookUntil(async () => {
        const { activeTargets } = await read<{ activeTargets: TargetReport[] }>("targets");
        return activeTargets.filter(({ labels }) =>
            names.includes(`${labels.namespace}/${labels.pod}`),
        );
    }, isSettled);
    const rules = await lookUntil(async () => {
        const { groups } = await read<{ groups: RuleGroup[] }>("rules");
        return groups.filter(({ interval }) => interval <= MINUTE).flatMap((group) => group.rules);
    }, isSettled);
    const series = SELECTORS.map(async (selector) => {
        const { result } = await read<{ result: SeriesReport[] }>(`query?query=${selector}`);
        return [selector, result] as const;
    });
    const { activeAlertmanagers } = await read<{ activeAlertmanagers: { url: string }[] }>(
        "alertmanagers",
    );
    const { config } = await json<{ config: { original: string } }>(
        `http://${alertmanager}/api/v2/status`,
    );
    return {
        ...{ pods, targets, rules },
        alertmanagers: activeAlertmanagers.map(({ url }) => new URL(url).host),
        routing: config.original,
        series: Object.fromEntries(await Promise.all(series)),
    };
}

function isSettled(all: readonly { readonly health: string }[]): boolean {
    return all.length > 0 && all.every(({ health }) => health !== "unknown");
}

function podReport(pod: LiveObject): PodReport {
    const { metadata, status } = pod;
    const statuses = (valueAt(status, "containerStatuses") ?? []) as { restartCount: number }[];
    return {
        name: `${metadata.namespace}/${metadata.name}`,
        address: (valueAt(status, "podIP") as string | undefined) ?? "",
        restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
        problem: podProblem(pod),
    };
}

/** Looks every second until it is enough or time is over, and returns what was there last. */
async function lookUntil<T>(look: () => Promise<T>, isEnough: (seen: T) => boolean): Promise<T> {
    const end = Date.now() + PATIENCE * 1000;
    for (;;) {
        const seen = await look();
        if (isEnough(seen) || Date.now() > end) {
            return seen;
        }
        await setTimeout(1000);
    }
}

async function json<T>(url: string): Promise<T> {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return (await response.json()) as T;
}
