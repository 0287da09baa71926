import type { Registration } from "../../lab/program/program";
import { dashboardsOf, panelsIn, withoutVariables } from "../../lab/promql/dashboards";

/** Seconds that a graph looks back, and between two of its points: an hour on a screen of 1440 pixels. */
const RANGE = 3600;
const STEP = 30;

/** A query of a panel, as Grafana asks it with All in every variable. */
export interface PanelQuery {
    readonly place: string;
    readonly query: string;
    readonly instant: boolean;
}

/** The queries of every panel of the dashboards that a program registers. */
export function panelQueries(registrations: readonly Registration[]): PanelQuery[] {
    return dashboardsOf(registrations).flatMap(({ place, dashboard }) =>
        panelsIn(dashboard).flatMap(({ title = "", targets = [] }) =>
            targets.flatMap(({ expr, instant = false }) =>
                expr
                    ? [
                          {
                              place: `${/([\w-]+)\.json$/.exec(place)?.[1]}: ${title}`,
                              query: withoutVariables(expr).replaceAll(/\$\{?[a-z]\w*\}?/g, ".*"),
                              instant,
                          },
                      ]
                    : [],
            ),
        ),
    );
}

/** Seconds that a Prometheus needs for each query, the faster of two; by panel the slowest. */
export async function panelTimes(
    api: string,
    queries: readonly PanelQuery[],
): Promise<Map<string, number>> {
    const times = new Map<string, number>();
    for (const { place, query, instant } of queries) {
        const end = Math.floor(Date.now() / 1000);
        const range = { start: String(end - RANGE), end: String(end), step: String(STEP) };
        const body = new URLSearchParams(instant ? { query } : { query, ...range });
        const ask = async (): Promise<number> => {
            const begun = performance.now();
            const path = instant ? "query" : "query_range";
            const answer = await fetch(`${api}/${path}`, { method: "POST", body });
            const text = await answer.text();
            if (!answer.ok) {
                throw new Error(`${place}: ${text}`);
            }
            return (performance.now() - begun) / 1000;
        };
        const taken = Math.min(await ask(), await ask());
        times.set(place, Math.max(times.get(place) ?? 0, taken));
    }
    return times;
}
