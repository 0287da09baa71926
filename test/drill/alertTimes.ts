import type { Floor } from "./floor";
import type { Generated, Route, Rule, RuleGroup } from "./generated";
import { milliseconds } from "./shortened";
import { DOWN_AFTER } from "./local/podSpecs";

/** What the generated objects say about an alert, after the intervals have been divided. */
export interface AlertTimes {
    readonly floor: Floor;
    /** Seconds between two evaluations of the rules. */
    readonly evaluationInterval: number;
    /** Seconds until Alertmanager tells what has changed in a group that was told before, at most. */
    readonly groupInterval: number;
}

/**
 * The times of an alert that goes to these receivers. `factor` is what intervals are divided by. Throws when no rule
 * makes the alert.
 */
export function alertTimes(
    {
        ruleGroups,
        alertmanager,
        prometheus,
    }: Pick<Generated, "ruleGroups" | "alertmanager" | "prometheus">,
    drill: { readonly alert: string; readonly seenBySentinel?: boolean },
    receivers: readonly string[],
    factor: number,
): AlertTimes {
    const seconds = (duration: string) => milliseconds(duration) / 1000 / factor;
    const longest = (read: (timing: Timing) => string) =>
        Math.max(...receivers.map((name) => seconds(read(timingOf(name, alertmanager.route)))));
    const rule = findRule(ruleGroups, drill.alert);
    const evaluationInterval = seconds(prometheus.evaluationInterval);
    return {
        floor: [
            {
                name: "Sentinel's down-after",
                seconds: drill.seenBySentinel ? seconds(DOWN_AFTER) : 0,
            },
            { name: "scrape interval", seconds: seconds(prometheus.scrapeInterval) },
            { name: "for", seconds: seconds(rule.for ?? "0s") },
            { name: "evaluation interval", seconds: evaluationInterval },
            { name: "group_wait", seconds: longest(({ groupWait }) => groupWait) },
        ],
        evaluationInterval,
        groupInterval: longest(({ groupInterval }) => groupInterval),
    };
}

/** A rule that makes the alert. Throws with the alerts that there are when none does. */
export function findRule(groups: readonly RuleGroup[], alert: string): Rule {
    const rules = groups.flatMap((group) => group.rules);
    const rule = rules.find((each) => each.alert === alert);
    if (rule === undefined) {
        const names = [...new Set(rules.map((each) => each.alert))].sort();
        throw new Error(`no rule makes ${alert}; there are ${names.join(", ")}`);
    }
    return rule;
}

interface Timing {
    readonly groupWait: string;
    readonly groupInterval: string;
}

/** Alertmanager's defaults. */
const DEFAULTS: Timing = { groupWait: "30s", groupInterval: "5m" };

/** How long the first route of a receiver waits; a route has its parent's times unless it says otherwise. */
function timingOf(receiver: string, root: Route): Timing {
    const search = (route: Route, inherited: Timing): Timing | undefined => {
        const timing = {
            groupWait: route.group_wait ?? inherited.groupWait,
            groupInterval: route.group_interval ?? inherited.groupInterval,
        };
        const below = (route.routes ?? []).map((each) => search(each, timing));
        return below.find((found) => found) ?? (route.receiver === receiver ? timing : undefined);
    };
    const found = search(root, DEFAULTS);
    if (found === undefined) {
        throw new Error(`no route leads to the receiver "${receiver}"`);
    }
    return found;
}
