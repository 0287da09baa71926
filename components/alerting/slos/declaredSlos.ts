import { seconds } from "../../settings/duration";
import { Scope } from "../rules/redis/state";
import { MeasuredNamespaces, platformIndicator, redisIndicator } from "./indicators";
import {
    IndicatorName,
    indicatorName,
    isRedisIndicator,
    PlatformIndicatorName,
    SloSettings,
} from "./settings";
import type { Slo } from "./sloRules";

/** A rate over fewer scrapes has gaps when one of them fails. */
const SCRAPES_PER_RATE = 4;

/** The objectives that a stack sets for its Redis instances. */
export function redisSlos(
    slos: Readonly<Record<string, SloSettings>>,
    environment: string,
    scrapeIntervals: readonly string[],
): Slo[] {
    const scope = new Scope(environment);
    return declaredFor(slos, isRedisIndicator).map(({ name, settings, sli }) => ({
        name,
        settings,
        indicator: redisIndicator(sli, scope, settings.namespaces, rateWindow(scrapeIntervals)),
    }));
}

/** The objectives that an owner sets for its platform. */
export function platformSlos(
    slos: Readonly<Record<string, SloSettings>>,
    namespaces: MeasuredNamespaces,
    scrapeInterval: string,
): Slo[] {
    const isPlatform = (sli?: IndicatorName): sli is PlatformIndicatorName =>
        sli !== undefined && !isRedisIndicator(sli);
    return declaredFor(slos, isPlatform).map(({ name, settings, sli }) => ({
        name,
        settings,
        indicator: platformIndicator(sli, namespaces, rateWindow([scrapeInterval])),
    }));
}

function declaredFor<T extends IndicatorName>(
    slos: Readonly<Record<string, SloSettings>>,
    wanted: (sli?: IndicatorName) => sli is T,
): { name: string; settings: SloSettings; sli: T }[] {
    return Object.entries(slos).flatMap(([name, settings]) => {
        const sli = indicatorName(name, settings);
        return wanted(sli) ? [{ name, settings, sli }] : [];
    });
}

/** Over which a rate holds some scrapes. */
export function rateWindow(scrapeIntervals: readonly string[]): string {
    const longest = Math.max(0, ...scrapeIntervals.map(seconds));
    return `${Math.max(2, Math.ceil((SCRAPES_PER_RATE * longest) / 60))}m`;
}
