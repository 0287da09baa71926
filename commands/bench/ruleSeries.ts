import * as fs from "node:fs";

import { exposerMetrics, catalogueExposers } from "../../components/metrics/catalogue/catalogue";
import { SCRAPE_TARGETS } from "../../components/metrics/catalogue/targets";
import type { Selector } from "../../lab/promql/syntax";
import { recordedDumps, samplesKept } from "../catalogue/dropped";
import type { RedisPod } from "./redisPopulation";

type LabelSet = Readonly<Record<string, string>>;

/** One series: constant, or growing by `perSecond`. */
export interface Series {
    readonly name: string;
    readonly labels: LabelSet;
    readonly value: number;
    readonly perSecond: number;
    /** What it is at a time, in seconds, where that is no line. */
    readonly shape?: (at: number) => number;
}

/**
 * The series that selectors read, for a population of Redis pods: of redis_exporter what was recorded, of the others
 * one for each pod, workload or cluster, with the labels of the catalogue and the values that the selectors ask for.
 */
export function seriesFor(pods: readonly RedisPod[], selectors: readonly Selector[]): Series[] {
    const read = new Set(selectors.map(({ name }) => name ?? ""));
    const series = [
        ...pods.flatMap((pod) => [...exporterSeries(pod, read), ...upSeries(pod, read)]),
        ...otherMetrics(read).flatMap((metric) =>
            variants(metric.name, selectors).flatMap((labels) => ofOthers(metric, labels, pods)),
        ),
    ];
    // Selectors that differ in what an object already has ask for the same series.
    return [...new Map(series.map((each) => [identity(each), each])).values()];
}

/** What tells series apart: the name and the labels. */
export function identity({ name, labels }: Series): string {
    const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([name, sorted]);
}

const DUMPS = new Map(recordedDumps().map(({ name, samples }) => [name, samples]));
const TYPES = exposerMetrics("redis-exporter").metrics;

function targetLabels({ namespace, app, pod, setupType }: RedisPod): LabelSet {
    return {
        namespace,
        app,
        pod,
        redis_setup_type: setupType,
        service: `${app}-metrics`,
        job: `${app}-metrics`,
        instance: `${pod}.${namespace}:9121`,
        container: "redis-exporter",
        endpoint: "redis-exporter",
        environment: "staging",
    };
}

function exporterSeries(pod: RedisPod, read: ReadonlySet<string>): Series[] {
    const samples = samplesKept(DUMPS.get(pod.dump) ?? [], /^$/).filter(({ name }) =>
        read.has(name),
    );
    return samples.map(({ name, labels, value }) => ({
        name,
        labels: { ...labels, ...targetLabels(pod) },
        value: Number(value),
        perSecond: growing(name, TYPES[name.replace(/_(bucket|sum|count)$/, "")]?.type),
    }));
}

/** Counters that stand still in health. */
const OF_FAULTS = /evicted|errors|rejected|failed/;

function growing(name: string, type: string | undefined): number {
    if (OF_FAULTS.test(name)) {
        return 0;
    }
    return type === "counter" || (/_(bucket|sum|count|total)$/.test(name) && !/restarts/.test(name))
        ? 0.01
        : 0;
}

function upSeries(pod: RedisPod, read: ReadonlySet<string>): Series[] {
    return read.has("up")
        ? [{ name: "up", labels: targetLabels(pod), value: 1, perSecond: 0 }]
        : [];
}

interface OtherMetric {
    readonly name: string;
    readonly exposer: string;
    readonly labels: readonly string[];
}

function otherMetrics(read: ReadonlySet<string>): OtherMetric[] {
    return catalogueExposers()
        .filter((exposer) => exposer !== "redis-exporter" && exposer in SCRAPE_TARGETS)
        .flatMap((exposer) =>
            Object.entries(exposerMetrics(exposer).metrics).map(([name, { labels = [] }]) => ({
                name,
                exposer,
                labels,
            })),
        )
        .flatMap((metric) =>
            ["", "_bucket", "_sum", "_count"].map((suffix) => ({
                ...metric,
                name: `${metric.name}${suffix}`,
            })),
        )
        .filter(({ name }) => read.has(name));
}

/** The different sets of values that selectors ask of a metric, apart from what tells objects apart. */
function variants(name: string, selectors: readonly Selector[]): LabelSet[] {
    const sets = selectors
        .filter((selector) => selector.name === name)
        .map(({ matchers }) =>
            Object.fromEntries(
                matchers
                    .filter(({ label, operator }) => !/^!/.test(operator) && !OBJECT.has(label))
                    .map(({ label, value }) => [label, value.split("|")[0] ?? ""]),
            ),
        );
    return [...new Map(sets.map((set) => [JSON.stringify(set), set])).values()];
}

const OBJECT: ReadonlySet<string> = new Set(["namespace", "pod", "app", "container", "instance"]);

/** One for each container, pod or workload of Redis when the metric has such a label, otherwise one. */
function ofOthers(metric: OtherMetric, wanted: LabelSet, pods: readonly RedisPod[]): Series[] {
    if (wanted.job !== undefined && !SCRAPE_TARGETS[metric.exposer]?.job.test(wanted.job)) {
        return [];
    }
    const series = (labels: LabelSet, value: number): Series => ({
        name: metric.name,
        labels: { job: metric.exposer, instance: "cluster", ...wanted, ...labels },
        value,
        perSecond: growing(metric.name, undefined),
    });
    const labelled = (label: string): boolean => metric.labels.includes(label);
    if (labelled("pod")) {
        // Pods in order: none waits or restarts, and none is near a limit.
        const value = /limit/.test(metric.name) ? 100 : 0;
        return pods.flatMap(({ namespace, pod, app }) =>
            (labelled("container") ? [app, "redis-exporter"] : [""]).map((container) =>
                series(
                    { namespace, pod, image: "image", ...(container ? { container } : {}) },
                    value,
                ),
            ),
        );
    }
    const workload = ["statefulset", "deployment"].find(labelled);
    if (workload !== undefined) {
        const workloads = new Map(pods.map((pod) => [`${pod.namespace}/${pod.app}`, pod]));
        return [...workloads.values()].map(({ namespace, app }) =>
            series({ namespace, [workload]: app }, 1),
        );
    }
    return [series({}, 1)];
}

/** When a series has samples: seconds since the epoch, and between two samples. */
export interface Times {
    readonly start: number;
    readonly end: number;
    readonly step: number;
}

/** Writes the history of series as OpenMetrics text. */
export function writeOpenMetrics(
    file: string,
    all: readonly Series[],
    times: (series: Series) => Times,
): void {
    const output = fs.openSync(file, "w");
    for (const series of all) {
        const { start, end, step } = times(series);
        const text = selectorText(series);
        let lines = "";
        for (let at = start; at <= end; at += step) {
            lines += `${text} ${valueAt(series, at)} ${at}\n`;
        }
        fs.writeSync(output, lines);
    }
    fs.writeSync(output, "# EOF\n");
    fs.closeSync(output);
}

/** Series as they are at a time, in Prometheus' text format. */
export function exposition(all: readonly Series[], at: number): string {
    return all.map((series) => `${selectorText(series)} ${valueAt(series, at)}\n`).join("");
}

function selectorText({ name, labels }: Series): string {
    const text = Object.entries(labels)
        .map(([label, each]) => `${label}=${JSON.stringify(each)}`)
        .join(",");
    return `${name}{${text}}`;
}

/** From the epoch on, so that a scrape goes on where the history ends. */
function valueAt({ value, perSecond, shape }: Series, at: number): number {
    return shape ? shape(at) : value + perSecond * at;
}
