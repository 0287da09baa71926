import * as fs from "node:fs";
import * as path from "node:path";

export const METRIC_TYPES = ["counter", "gauge", "histogram", "summary", "untyped"] as const;
export type MetricType = (typeof METRIC_TYPES)[number];

/** What is known of one metric family. */
export interface Metric {
    readonly type: MetricType;
    /** Labels of its own, sorted; a series may lack some. `le` and `quantile` follow from the type. */
    readonly labels?: readonly string[];
    /** The first version of the exposer that has it, where that is later than the first one looked at. */
    readonly since?: string;
}

/** Every metric of one exposer. One file of `data/`; made by `npm run catalogue`, never by hand. */
export interface ExposerMetrics {
    readonly exposer: string;
    readonly version: string;
    /** Where the names were seen: answers of the running exposer, or lists in its sources. */
    readonly evidence: readonly string[];
    /** True where they are written by recording rules instead of exposed: scraping adds no labels to them. */
    readonly recorded?: boolean;
    readonly metrics: Readonly<Record<string, Metric>>;
}

const DATA = path.join(__dirname, "data");

/** Names of the exposers in the catalogue, sorted. */
export function catalogueExposers(): string[] {
    return fs
        .readdirSync(DATA)
        .map((file) => path.basename(file, ".json"))
        .sort();
}

/** Throws when the catalogue has no such exposer. */
export function exposerMetrics(exposer: string): ExposerMetrics {
    const file = path.join(DATA, `${exposer}.json`);
    return JSON.parse(fs.readFileSync(file, "utf8")) as ExposerMetrics;
}

/** Labels of each series of a metric family, by the name of the series: a histogram is three. */
export function seriesOf(name: string, metric: Metric): Map<string, readonly string[]> {
    const labels = metric.labels ?? [];
    switch (metric.type) {
        case "histogram":
            return new Map([
                [`${name}_bucket`, [...labels, "le"]],
                [`${name}_sum`, labels],
                [`${name}_count`, labels],
            ]);
        case "summary":
            return new Map([
                [name, [...labels, "quantile"]],
                [`${name}_sum`, labels],
                [`${name}_count`, labels],
            ]);
        default:
            return new Map([[name, labels]]);
    }
}
