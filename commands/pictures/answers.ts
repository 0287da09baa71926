import { seconds as secondsOf } from "../../components/settings/duration";
import type {
    DashboardJson,
    PanelJson,
    PrometheusQueryJson,
} from "../../components/dashboards/model/types";
import { NOW } from "./now";
import type { Found, Stage } from "./stage";

/** A query of a panel, and what a Prometheus has answered. */
interface AnswerOf {
    readonly refId: string;
    readonly legend: string;
    readonly table: boolean;
    readonly result: readonly Found[];
}

/** The answers to the queries of a dashboard, by the id of the panel. */
export type Answers = Readonly<Record<string, readonly AnswerOf[]>>;

/** Seconds between two points of a graph, of which one of 1440 pixels has some hundred. */
const STEPS = [30, 60, 120, 300, 600, 1200, 1800, 3600];
const POINTS = 500;
/** What Grafana makes of `$__rate_interval`: four scrapes of 30 s, or the step and a scrape. */
const SCRAPE = 30;

/** Where a dashboard begins, in seconds. */
export function beginOf({ time }: DashboardJson): number {
    return NOW - secondsOf(time?.from.replace("now-", "") ?? "1h");
}

/** Asks what the panels of a dashboard ask, with All in every variable, at the time of the pictures. */
export async function answersOf(dashboard: DashboardJson, { ask }: Stage): Promise<Answers> {
    const found: Record<string, AnswerOf[]> = {};
    const chosen = await valuesOf(dashboard, ask);
    for (const panel of panelsOf(dashboard)) {
        const begin = panel.timeFrom ? NOW - secondsOf(panel.timeFrom) : beginOf(dashboard);
        const range = NOW - begin;
        const least = secondsOf(panel.interval ?? "30s");
        const step = Math.max(least, STEPS.find((each) => each >= range / POINTS) ?? 3600);
        const filled = (text: string) =>
            withValues(text, chosen)
                .replaceAll(/\$__rate_interval/g, `${Math.max(4 * SCRAPE, step + SCRAPE)}s`)
                .replaceAll(/\$__range/g, `${range}s`)
                .replaceAll(/\$__interval/g, `${step}s`);
        for (const target of panel.targets ?? []) {
            const { refId, expr, legendFormat, format, instant } = target as PrometheusQueryJson;
            // A search for log lines.
            if (expr === undefined) {
                continue;
            }
            const result = await ask(filled(expr), instant ? undefined : { from: begin, step });
            // Prometheus gives what is of one time in any order.
            const sorted = [...result].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
            (found[String(panel.id)] ??= []).push({
                refId: refId ?? "",
                legend: legendFormat ?? "",
                table: format === "table",
                result: sorted,
            });
        }
    }
    return found;
}

const textOf = ({ metric }: Found): string => JSON.stringify(Object.entries(metric).sort());

/** What Grafana puts in the place of each variable where All is chosen: each value that there is. */
async function valuesOf(
    { templating: { list = [] } }: DashboardJson,
    ask: Stage["ask"],
): Promise<ReadonlyMap<string, string>> {
    const chosen = new Map<string, string>();
    for (const { name, type, query, allValue } of list) {
        const text = typeof query === "string" ? query : String(query?.query);
        const [, series = "", label = ""] = /^label_values\((.+), (\w+)\)$/s.exec(text) ?? [];
        if (type !== "query" || allValue) {
            chosen.set(name, allValue ?? ".*");
            continue;
        }
        const found = await ask(`group by (${label}) (${withValues(series, chosen)})`);
        const values = found.map(({ metric }) => metric[label] ?? "").filter(Boolean);
        chosen.set(name, `(${values.sort().join("|")})`);
    }
    return chosen;
}

function withValues(text: string, chosen: ReadonlyMap<string, string>): string {
    return text.replaceAll(/\$\{?([a-z]\w*)\}?/g, (_, name: string) => chosen.get(name) ?? ".*");
}

/** Of open rows: those of closed ones are not drawn. */
function panelsOf({ panels = [] }: DashboardJson): PanelJson[] {
    return panels.filter((panel): panel is PanelJson => "targets" in panel);
}
