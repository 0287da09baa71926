import * as fs from "node:fs";
import * as path from "node:path";

/** What only a chart's archive tells, of the version that is pinned: `npm run chart-facts` writes it. */
export interface ChartFacts {
    readonly version: string;
    /** Every image that the chart runs with our values, those of its hooks and operators too. */
    readonly images: readonly string[];
    /** The chart's own resources of a container, by the place in its values, where it has some. */
    readonly resources: Readonly<Record<string, unknown>>;
    /** Names of the alerts that the chart ships by itself, and uids of its dashboards. */
    readonly alerts: readonly string[];
    readonly dashboards: readonly string[];
}

export const CHART_FACTS_FILE = path.join(__dirname, "pinned.json");

/** Facts of the charts that bring pods, by the chart's name. */
export function chartFacts(): Readonly<Record<string, ChartFacts>> {
    return JSON.parse(fs.readFileSync(CHART_FACTS_FILE, "utf8")) as Record<string, ChartFacts>;
}
