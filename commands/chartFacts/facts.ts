import { parse, parseAllDocuments } from "yaml";

import { CHART_PODS } from "../../lab/charts/chartPods";
import type { ChartFacts } from "../../lab/charts/facts";
import { leaves, valueAt } from "../../lab/program/objects";

/** What Helm makes of a chart's archive. */
export interface HelmTexts {
    /** `helm template` with the values of a stack of ours. */
    readonly ours: string;
    /** `helm template` with the chart's own values. */
    readonly plain: string;
    /** `helm show values`. */
    readonly values: string;
}

/** The facts of a chart, sorted, so that a diff shows what another version changes. */
export function factsOf(chart: string, version: string, texts: HelmTexts): ChartFacts {
    const values: unknown = parse(texts.values);
    const places = (CHART_PODS[chart] ?? []).flatMap(({ containers }) => containers);
    const resources = places
        .map((at) => [at.join("."), valueAt(values, ...at)] as const)
        .filter(([, value]) => Object.keys(value ?? {}).length > 0);
    const plain = objectsOf(texts.plain);
    return {
        version,
        images: sorted(objectsOf(texts.ours).flatMap(imagesIn)),
        resources: Object.fromEntries(resources),
        alerts: sorted(plain.flatMap(alertsIn)),
        dashboards: sorted(plain.flatMap(dashboardsIn)),
    };
}

function objectsOf(text: string): unknown[] {
    return parseAllDocuments(text)
        .map((document) => document.toJS() as unknown)
        .filter((object) => typeof object === "object" && object !== null);
}

/** Images of containers, and the one that the Prometheus Operator is told to run beside Prometheus and Alertmanager. */
function imagesIn(object: unknown): string[] {
    return leaves(object).flatMap(([path, value]) => {
        if (typeof value !== "string") {
            return [];
        }
        const [, told] = /^--prometheus-config-reloader=(\S+)$/.exec(value) ?? [];
        return told ? [told] : path.at(-1) === "image" ? [value] : [];
    });
}

function alertsIn(object: unknown): string[] {
    return valueAt(object, "kind") === "PrometheusRule"
        ? leaves(object)
              .filter(([path]) => path.at(-1) === "alert")
              .map(([, value]) => String(value))
        : [];
}

/** The uids of the dashboards in a ConfigMap. */
function dashboardsIn(object: unknown): string[] {
    if (valueAt(object, "kind") !== "ConfigMap") {
        return [];
    }
    return leaves(valueAt(object, "data"))
        .filter(([path]) => path.at(-1)?.endsWith(".json"))
        .map(([, text]) => valueAt(JSON.parse(String(text)) as unknown, "uid"))
        .filter((uid) => typeof uid === "string");
}

function sorted(all: readonly string[]): string[] {
    return [...new Set(all)].sort();
}
