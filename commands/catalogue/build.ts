import {
    ExposerMetrics,
    Metric,
    METRIC_TYPES,
    MetricType,
} from "../../components/metrics/catalogue/catalogue";
import { parseExposition } from "./exposition";

/** Names from an exposer's sources, for what no running one shows: commands/catalogue/lists/. */
export interface MetricList {
    readonly source: string;
    readonly version: string;
    /** `<type> <label> <label> ...` by metric. */
    readonly metrics?: Readonly<Record<string, string>>;
    /** The first version that has a metric, by metric. */
    readonly since?: Readonly<Record<string, string>>;
}

export interface Dump {
    readonly version: string;
    readonly text: string;
}

/** One exposer's file of the catalogue, from answers of its `/metrics` and a list. Throws at a name without a type. */
export function buildCatalogue(
    exposer: string,
    dumps: readonly Dump[],
    list?: MetricList,
): ExposerMetrics {
    const families = new Map<string, { type: MetricType; labels: Set<string> }>();
    const add = (name: string, type: string, labels: Iterable<string>): void => {
        const known = families.get(name) ?? {
            type: metricType(exposer, name, type),
            labels: new Set(),
        };
        // Some exposers say `untyped` where others, or their sources, know it.
        const better = known.type === "untyped" ? metricType(exposer, name, type) : known.type;
        families.set(name, { type: better, labels: new Set([...known.labels, ...labels]) });
    };
    for (const { text } of dumps) {
        for (const [name, { type, labels }] of dumpedFamilies(text)) {
            add(name, type, labels);
        }
    }
    for (const [name, text] of Object.entries(list?.metrics ?? {})) {
        const [type = "", ...labels] = text.split(/\s+/);
        add(name, type, labels);
    }
    const versions = [...new Set(dumps.map(({ version }) => version))];
    return {
        exposer,
        version: versions.sort(compareVersions).at(-1) ?? list?.version ?? "",
        evidence: [
            ...(versions.length > 0 ? [`/metrics of ${versions.join(", ")}`] : []),
            ...(list ? [list.source] : []),
        ],
        metrics: Object.fromEntries(
            [...families.entries()]
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([name, { type, labels }]) => [
                    name,
                    entry(type, labels, list?.since?.[name]),
                ]),
        ),
    };
}

function entry(type: MetricType, labels: ReadonlySet<string>, since: string | undefined): Metric {
    return {
        type,
        ...(labels.size > 0 ? { labels: [...labels].sort() } : {}),
        ...(since === undefined ? {} : { since }),
    };
}

function metricType(exposer: string, name: string, type: string): MetricType {
    // OpenMetrics' further types are gauges and counters in the text format.
    const known = METRIC_TYPES.find((each) => each === type.replace(/^unknown$/, "untyped"));
    if (known === undefined) {
        throw new Error(
            `${exposer}: ${name} has the type "${type}"; allowed: ${METRIC_TYPES.join(", ")}`,
        );
    }
    return known;
}

/** Labels that follow from the type. */
const OF_THE_TYPE: Readonly<Record<string, string>> = { histogram: "le", summary: "quantile" };

function dumpedFamilies(text: string): Map<string, { type: string; labels: Set<string> }> {
    const { types, samples } = parseExposition(text);
    const families = new Map(
        [...types].map(([name, type]) => [name, { type, labels: new Set<string>() }]),
    );
    for (const { name, labels } of samples) {
        const family = familyOf(name, types);
        const known = families.get(family) ?? { type: "untyped", labels: new Set() };
        families.set(family, known);
        Object.entries(labels)
            .filter(([label, value]) => value !== "" && label !== OF_THE_TYPE[known.type])
            .forEach(([label]) => known.labels.add(label));
    }
    return families;
}

function familyOf(series: string, types: ReadonlyMap<string, string>): string {
    const family = series.replace(/_(bucket|sum|count)$/, "");
    return !types.has(series) && ["histogram", "summary"].includes(types.get(family) ?? "")
        ? family
        : series;
}

function compareVersions(a: string, b: string): number {
    return a.localeCompare(b, "en", { numeric: true });
}
