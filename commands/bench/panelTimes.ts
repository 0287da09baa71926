import { seconds as secondsOf } from "../../components/settings/duration";
import {
    panelsIn,
    type PlacedDashboard,
    type Variable,
    variableQuery,
    withoutVariables,
} from "../../lab/promql/dashboards";

/** Seconds that a graph looks back, and the least between two of its points: an hour, and as often as Prometheus scrapes. */
const RANGE = 3600;
const STEP = 30;
const ANYTHING = ".*";

/** A query of a panel, as Grafana asks it. */
export interface PanelQuery {
    readonly place: string;
    readonly query: string;
    readonly instant: boolean;
    /** Seconds between two points of a graph. */
    readonly step: number;
}

/** What is chosen in the variables of a dashboard: what a reader finds there, or All in each that offers it. */
export type Choice = "at first" | "All";

/** What stands in a query for each variable of a dashboard, by its name. */
type Chosen = ReadonlyMap<string, string>;

/** The queries of every panel of some dashboards; without anything chosen each variable takes everything. */
export function panelQueries(
    dashboards: readonly PlacedDashboard[],
    chosen: ReadonlyMap<string, Chosen> = new Map(),
): PanelQuery[] {
    return dashboards.flatMap(({ place, dashboard }) =>
        panelsIn(dashboard).flatMap(({ title = "", targets = [], interval }) =>
            targets.flatMap(({ expr, instant = false }) =>
                expr
                    ? [
                          {
                              place: `${/([\w-]+)\.json$/.exec(place)?.[1]}: ${title}`,
                              query: substituted(
                                  withoutVariables(expr),
                                  chosen.get(place) ?? new Map(),
                              ),
                              instant,
                              step: Math.max(STEP, interval ? secondsOf(interval) : 0),
                          },
                      ]
                    : [],
            ),
        ),
    );
}

function substituted(text: string, chosen: Chosen): string {
    return text.replaceAll(
        /\$\{?([a-z]\w*)\}?/g,
        (_, name: string) => chosen.get(name) ?? ANYTHING,
    );
}

/**
 * What a choice puts into the queries of dashboards, by their places: as Grafana does, each variable has the values that the
 * Prometheus knows for what is chosen in those before it.
 */
export async function chosenValues(
    api: string,
    dashboards: readonly PlacedDashboard[],
    choice: Choice,
): Promise<Map<string, Chosen>> {
    const chosen = new Map<string, Chosen>();
    for (const { place, dashboard } of dashboards) {
        const values = new Map<string, string>();
        for (const variable of dashboard.templating?.list ?? []) {
            const { series, label } = variableQuery(variable);
            if (variable.name && series && label) {
                const found = await labelValues(api, label, substituted(series, values));
                values.set(variable.name, pattern(variable, choice, found));
            }
        }
        chosen.set(place, values);
    }
    return chosen;
}

async function labelValues(api: string, label: string, series: string): Promise<string[]> {
    const query = new URLSearchParams({ "match[]": series });
    const answer = await fetch(`${api}/label/${label}/values?${query.toString()}`);
    return ((await answer.json()) as { data: string[] }).data;
}

/** https://grafana.com/docs/grafana/latest/visualizations/dashboards/variables/variable-syntax/ */
function pattern(
    { includeAll, allValue, current }: Variable,
    choice: Choice,
    values: readonly string[],
): string {
    const given = current?.value;
    if (Array.isArray(given) && (choice === "at first" || includeAll !== true)) {
        return `(${given.join("|")})`;
    }
    if (includeAll !== true) {
        return values[0] ?? "";
    }
    const [first = "", ...others] = values.map((value) =>
        value.replace(/[.+*?()[\]{}^$|\\]/g, "\\\\$&"),
    );
    return allValue ?? (others.length === 0 ? first : `(${[first, ...others].join("|")})`);
}

/** How often each query is asked, with all others between: a scrape or an evaluation of every rule takes seconds, which none of them is to be charged for. */
const ROUNDS = 4;

/** Seconds that a Prometheus needs for each query, the fastest of several; by panel the slowest. */
export async function panelTimes(
    api: string,
    queries: readonly PanelQuery[],
): Promise<Map<string, number>> {
    const fastest = queries.map(() => Infinity);
    for (let round = 0; round < ROUNDS; round++) {
        for (const [index, query] of queries.entries()) {
            fastest[index] = Math.min(fastest[index] ?? Infinity, await ask(api, query));
        }
    }
    const times = new Map<string, number>();
    for (const [index, { place }] of queries.entries()) {
        times.set(place, Math.max(times.get(place) ?? 0, fastest[index] ?? 0));
    }
    return times;
}

async function ask(api: string, { place, query, instant, step }: PanelQuery): Promise<number> {
    const end = Math.floor(Date.now() / 1000);
    const range = { start: String(end - RANGE), end: String(end), step: String(step) };
    const body = new URLSearchParams(instant ? { query } : { query, ...range });
    const begun = performance.now();
    const path = instant ? "query" : "query_range";
    const answer = await fetch(`${api}/${path}`, { method: "POST", body });
    const text = await answer.text();
    if (!answer.ok) {
        throw new Error(`${place}: ${text}`);
    }
    return (performance.now() - begun) / 1000;
}
