import type { AdapterRule } from "../../components/autoscaling/prometheusAdapter";

/** A rule's query as prometheus-adapter makes it of a request: its text templates are Go's, with these three names. */
export function expanded(
    { metricsQuery, seriesQuery }: AdapterRule,
    matchers: Readonly<Record<string, string>>,
    groupBy: string,
): string {
    const labels = Object.entries(matchers).map(
        ([label, value]) => `${label}${value.includes("|") ? "=~" : "="}"${value}"`,
    );
    return metricsQuery
        .replaceAll("<<.Series>>", seriesQuery.replace(/\{.*/, ""))
        .replaceAll("<<.LabelMatchers>>", labels.join(","))
        .replaceAll("<<.GroupBy>>", groupBy);
}
