import { seconds } from "../../settings/duration";
import type { AlertSettings } from "../rules/settings";

/** Two windows that must both be bad: the long one for significance, the short one so that the alert ends soon. */
export interface WindowPair {
    readonly long: string;
    readonly short: string;
}

interface Burn extends WindowPair {
    /** Share of the error budget that is gone within the long window. */
    readonly share: (settings: AlertSettings) => number;
}

/** https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts */
export const BURNS = {
    ErrorBudgetBurnFast: [
        { long: "1h", short: "5m", share: (s) => s.ErrorBudgetBurnFast.shareIn1h },
        { long: "6h", short: "30m", share: (s) => s.ErrorBudgetBurnFast.shareIn6h },
    ],
    ErrorBudgetBurnSlow: [
        { long: "1d", short: "2h", share: (s) => s.ErrorBudgetBurnSlow.shareIn1d },
        { long: "3d", short: "6h", share: (s) => s.ErrorBudgetBurnSlow.shareIn3d },
    ],
} as const satisfies Partial<Record<keyof AlertSettings, readonly Burn[]>>;
export type BurnAlert = keyof typeof BURNS;

export const WINDOW_PAIRS: readonly WindowPair[] = Object.values(BURNS).flat();
export const LONGEST_WINDOW = "3d";

interface Objective {
    /** Percent. */
    readonly objective: number;
    readonly window: string;
}

/** The share of what is counted that may be bad. */
export function errorBudget({ objective }: Pick<Objective, "objective">): number {
    return rounded(1 - objective / 100);
}

/**
 * The share of errors above which an alert fires: the one that spends `share` of the budget within the long window. At
 * least the budget itself: slower than that, some of it is left at the end.
 */
export function errorThreshold(slo: Objective, { long }: WindowPair, share: number): number {
    return rounded(errorBudget(slo) * burnRate(slo, long, share));
}

/** How many times faster than evenly over the objective's window. */
export function burnRate(
    { window }: Pick<Objective, "window">,
    long: string,
    share: number,
): number {
    return Math.max(1, (share * seconds(window)) / seconds(long));
}

/** Without the noise of floating point: 1 - 0.999 is 0.0010000000000000009. */
function rounded(value: number): number {
    return Number(value.toPrecision(6));
}
