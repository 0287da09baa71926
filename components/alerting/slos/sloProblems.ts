import { seconds } from "../../settings/duration";
import { Problem, show, suggestion } from "../../settings/problems";
import { broken } from "../../settings/read";
import type { AlertSettings } from "../rules/settings";
import { BURNS, BurnAlert, errorBudget, errorThreshold, LONGEST_WINDOW } from "./burnRates";
import {
    IndicatorName,
    indicatorName,
    INDICATORS,
    isRedisIndicator,
    SloSettings,
} from "./settings";

/** What objectives are checked against: what is measured, how often, and how long that is kept. */
export interface MeasuredSettings {
    readonly retention: { readonly metrics: string };
    readonly prometheus: { readonly scrapeInterval: string };
    /** By namespace and name. */
    readonly redis: Readonly<
        Record<
            string,
            {
                readonly instances: Readonly<Record<string, { readonly scrapeInterval: string }>>;
                readonly external?:
                    Readonly<Record<string, { readonly scrapeInterval: string }>> | undefined;
            }
        >
    >;
}

interface Settings extends MeasuredSettings {
    readonly slos: Readonly<Record<string, SloSettings>>;
    readonly alerting: { readonly rules: AlertSettings };
}

/** The objectives that cannot be measured, cannot be missed or cannot be kept. Returns every problem. */
export function sloProblems(settings: Settings): Problem[] {
    const rules = [
        indicatorProblems,
        (name: string, slo: SloSettings, all: Settings) => windowProblems(`slos.${name}`, slo, all),
        (name: string, slo: SloSettings, all: Settings) => alertProblems(`slos.${name}`, slo, all),
        samplingProblems,
    ];
    return Object.keys(settings.slos).flatMap((name) =>
        broken(
            settings,
            rules.map((rule) => (all: Settings) => {
                const slo = all.slos[name];
                return slo ? rule(name, slo, all) : [];
            }),
        ),
    );
}

/** Of one objective, wherever it stands: the same as of those of `slos`, but for what is measured. */
export function objectiveProblems(
    path: string,
    slo: Objective,
    settings: Pick<Settings, "retention" | "alerting">,
): Problem[] {
    return [...windowProblems(path, slo, settings), ...alertProblems(path, slo, settings)];
}

type Objective = Pick<SloSettings, "objective" | "window">;

function indicatorProblems(name: string, slo: SloSettings, { redis }: Settings): Problem[] {
    const sli = indicatorName(name, slo);
    const path = `slos.${name}`;
    if (sli === undefined) {
        return [
            {
                path: `${path}.sli`,
                got: "nothing",
                allowed: `${suggestion(name, INDICATORS)}what the objective measures, where its name does not say it: ${INDICATORS.join(", ")}`,
            },
        ];
    }
    return isRedisIndicator(sli)
        ? redisProblems(path, slo, Object.keys(redis))
        : platformProblems(path, sli, slo);
}

function redisProblems(
    path: string,
    { namespaces = [] }: SloSettings,
    declared: readonly string[],
): Problem[] {
    if (declared.length === 0) {
        return [
            {
                path,
                got: "a stack without Redis instances",
                allowed: "remove it, or declare instances in redis",
            },
        ];
    }
    return namespaces
        .filter((namespace) => !declared.includes(namespace))
        .map((namespace) => ({
            path: `${path}.namespaces`,
            got: show(namespace),
            allowed: `${suggestion(namespace, declared)}namespaces that redis declares: ${declared.join(", ")}`,
        }));
}

function platformProblems(
    path: string,
    sli: IndicatorName,
    { namespaces }: SloSettings,
): Problem[] {
    return namespaces === undefined
        ? []
        : [
              {
                  path: `${path}.namespaces`,
                  got: show(namespaces),
                  allowed: `nothing: ${sli} is measured for the whole platform`,
              },
          ];
}

function windowProblems(
    path: string,
    { window }: Objective,
    { retention }: Pick<Settings, "retention">,
): Problem[] {
    const problem = (allowed: string): Problem[] => [
        { path: `${path}.window`, got: show(window), allowed },
    ];
    if (seconds(window) > seconds(retention.metrics)) {
        return problem(
            `at most retention.metrics (${retention.metrics}): what Prometheus has deleted cannot be counted`,
        );
    }
    return seconds(window) <= seconds(LONGEST_WINDOW)
        ? problem(`longer than ${LONGEST_WINDOW}, the longest window of its alerts`)
        : [];
}

/** An alert whose threshold is all events or more can never fire. */
function alertProblems(
    path: string,
    slo: Objective,
    { alerting }: Pick<Settings, "alerting">,
): Problem[] {
    const impossible = (Object.keys(BURNS) as BurnAlert[]).filter((alert) =>
        BURNS[alert].some((burn) => errorThreshold(slo, burn, burn.share(alerting.rules)) >= 1),
    );
    return impossible.length === 0
        ? []
        : [
              {
                  path: `${path}.objective`,
                  got: show(slo.objective),
                  allowed: `more: ${impossible.join(" and ")} could never fire, even if everything failed; or lower their shares in alerting.rules, or shorten the window (${slo.window})`,
              },
          ];
}

/** Where moments are counted, one missed scrape must not spend what pages. */
function samplingProblems(name: string, slo: SloSettings, settings: Settings): Problem[] {
    const sli = indicatorName(name, slo);
    if (!sli?.endsWith("-availability")) {
        return [];
    }
    const { shareIn1h } = settings.alerting.rules.ErrorBudgetBurnFast;
    const interval = Math.max(...scrapeIntervals(isRedisIndicator(sli), settings).map(seconds));
    const paging = shareIn1h * errorBudget(slo) * seconds(slo.window);
    const most = 100 * (1 - interval / shareIn1h / seconds(slo.window));
    // A window in which no scrape fits is told by itself.
    return paging < interval && most > 0
        ? [
              {
                  path: `slos.${name}.objective`,
                  got: show(slo.objective),
                  allowed: `at most ${Math.floor(most * 1000) / 1000} over ${slo.window} with a scrapeInterval of ${interval}s: one scrape that fails would page`,
              },
          ]
        : [];
}

function scrapeIntervals(ofRedis: boolean, { redis, prometheus }: Settings): string[] {
    const watched = Object.values(redis).flatMap(({ instances, external }) =>
        Object.values({ ...instances, ...external }),
    );
    return ofRedis && watched.length > 0
        ? watched.map(({ scrapeInterval }) => scrapeInterval)
        : [prometheus.scrapeInterval];
}
