import { parseAllDocuments } from "yaml";

import type { ExposerMetrics } from "../../components/metrics/catalogue/catalogue";
import { MetricIndex } from "../../components/metrics/catalogue/metricIndex";
import { groupExpressions } from "../../lab/promql/expressions";
import { indexWith } from "../../lab/promql/gate";

interface Manifest {
    readonly kind?: string;
    readonly spec?: { readonly groups: Parameters<typeof groupExpressions>[0] };
}

/**
 * What the recording rules of a chart write, from its rendered PrometheusRules, with the labels that their expressions
 * leave. The rest of the catalogue must be there.
 */
export function recordedMetrics(chart: string, version: string, manifests: string): ExposerMetrics {
    const groups = parseAllDocuments(manifests)
        .map((document) => document.toJS() as Manifest | null)
        .flatMap((each) => (each?.kind === "PrometheusRule" ? (each.spec?.groups ?? []) : []));
    const rules = groupExpressions(groups, chart).filter(({ record }) => record !== undefined);
    const index = indexWith(rules, MetricIndex.ofCatalogue(chart));
    const names = [...new Set(rules.map(({ record }) => record ?? ""))].sort();
    return {
        exposer: chart,
        version,
        evidence: [`recording rules of the chart ${version}`],
        recorded: true,
        metrics: Object.fromEntries(
            names.map((name) => {
                const labels = index.find(name).flatMap((series) => [...series.labels]);
                return [name, { type: "gauge", labels: [...new Set(labels)].sort() }];
            }),
        ),
    };
}
