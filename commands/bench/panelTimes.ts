import { seconds as secondsOf } from "../../components/settings/duration";
import type { Registration } from "../../lab/program/program";
import { dashboardsOf, panelsIn, withoutVariables } from "../../lab/promql/dashboards";

/** Seconds that a graph looks back, and the least between two of its points: an hour, and as often as Prometheus scrapes. */
const RANGE = 3600;
const STEP = 30;

/** A query of a panel, as Grafana asks it. */
export interface PanelQuery {
    readonly place: string;
    readonly query: string;
    readonly instant: boolean;
    /** Seconds between two points of a graph. */
    readonly step: number;
}

/** What is chosen in the variables of a dashboard: what a reader finds there, or All in each. */
export type Choice = "at first" | "All";

/** The queries of every panel of the dashboards that a program registers. */
export function panelQueries(registrations: readonly Registration[], choice: Choice): PanelQuery[] {
    return dashboardsOf(registrations).flatMap(({ place, dashboard }) => {
        const chosen = new Map(
            (dashboard.templating?.list ?? []).map(({ name = "", current }) => [
                name,
                choice === "All" ? undefined : chosenIn(current?.value),
            ]),
        );
        return panelsIn(dashboard).flatMap(({ title = "", targets = [], interval }) =>
            targets.flatMap(({ expr, instant = false }) =>
                expr
                    ? [
                          {
                              place: `${/([\w-]+)\.json$/.exec(place)?.[1]}: ${title}`,
                              query: withoutVariables(expr).replaceAll(
                                  /\$\{?([a-z]\w*)\}?/g,
                                  (_, name: string) => chosen.get(name) ?? ".*",
                              ),
                              instant,
                              step: Math.max(STEP, interval ? secondsOf(interval) : 0),
                          },
                      ]
                    : [],
            ),
        );
    });
}

/** As Grafana puts several values into a pattern; undefined for All. */
function chosenIn(value: unknown): string | undefined {
    return Array.isArray(value) ? `(${value.join("|")})` : undefined;
}

/** Seconds that a Prometheus needs for each query, the fastest of three; by panel the slowest. */
export async function panelTimes(
    api: string,
    queries: readonly PanelQuery[],
): Promise<Map<string, number>> {
    const times = new Map<string, number>();
    for (const { place, query, instant, step } of queries) {
        const end = Math.floor(Date.now() / 1000);
        const range = { start: String(end - RANGE), end: String(end), step: String(step) };
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
        const taken = Math.min(await ask(), await ask(), await ask());
        times.set(place, Math.max(times.get(place) ?? 0, taken));
    }
    return times;
}
