import type { Labels } from "../../lab/program/objects";
import type { Drill } from "./drills";
import type { Floor } from "./floor";
import type { Generated, Route, Rule, RuleGroup } from "./generated";
import { DOWN_AFTER } from "./podSpecs";
import { milliseconds } from "./shortened";

/**
 * Scrape intervals after the scrape that would have been next until Prometheus ends the series of a target that the API
 * server has no more: it might come back. https://github.com/prometheus/prometheus/blob/main/scrape/scrape.go.
 */
const STALE_AFTER = 1.1;

/** What the generated objects say about an alert, after the intervals have been divided. */
export interface AlertTimes {
    readonly floor: Floor;
    /** Seconds between two evaluations of the rule: of its group, or else of all. */
    readonly evaluationInterval: number;
    /** Seconds for which the alert goes on when its cause has gone. */
    readonly keepFiring: number;
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
    drill: Pick<Drill, "alert" | "seenBySentinel" | "losesTarget">,
    receivers: readonly string[],
    factor: number,
): AlertTimes {
    const seconds = (duration: string) => milliseconds(duration) / 1000 / factor;
    const { rule, interval } = findRule(ruleGroups, drill.alert);
    const labels = { ...prometheus.externalLabels, ...rule.labels, alertname: drill.alert };
    const timings = receivers.map((name) => timingOf(name, labels, alertmanager.route));
    const longest = (read: (timing: Timing) => string) =>
        Math.max(...timings.map((timing) => seconds(read(timing))));
    const scrapeInterval = seconds(prometheus.scrapeInterval);
    const evaluationInterval = seconds(interval ?? prometheus.evaluationInterval);
    return {
        floor: [
            {
                name: "Sentinel's down-after",
                seconds: drill.seenBySentinel ? seconds(DOWN_AFTER) : 0,
            },
            { name: "scrape interval", seconds: scrapeInterval },
            {
                name: "a gone target's series",
                seconds: drill.losesTarget ? STALE_AFTER * scrapeInterval : 0,
            },
            { name: "for", seconds: seconds(rule.for ?? "0s") },
            { name: "evaluation interval", seconds: evaluationInterval },
            { name: "group_wait", seconds: longest(({ groupWait }) => groupWait) },
        ],
        evaluationInterval,
        keepFiring: seconds(rule.keep_firing_for ?? "0s"),
        groupInterval: longest(({ groupInterval }) => groupInterval),
    };
}

/**
 * A rule that makes the alert, and how often it is evaluated, where its group says so. Throws with the alerts that there are
 * when none does.
 */
export function findRule(
    groups: readonly RuleGroup[],
    alert: string,
): { readonly rule: Rule; readonly interval?: string } {
    const rules = groups.flatMap(({ interval, rules }) =>
        rules.map((rule) => ({ rule, interval })),
    );
    const found = rules.find(({ rule }) => rule.alert === alert);
    if (found === undefined) {
        const names = [...new Set(rules.flatMap(({ rule }) => rule.alert ?? []))].sort();
        throw new Error(`no rule makes ${alert}; there are ${names.join(", ")}`);
    }
    return found;
}

interface Timing {
    readonly groupWait: string;
    readonly groupInterval: string;
}

/** Alertmanager's defaults. */
const DEFAULTS: Timing = { groupWait: "30s", groupInterval: "5m" };

/**
 * How long the route waits by which a receiver gets an alert; a route has its parent's times unless it says otherwise.
 */
function timingOf(receiver: string, alert: Labels, root: Route): Timing {
    const search = (route: Route, inherited: Timing): Timing | undefined => {
        if (!(route.matchers ?? []).every((matcher) => matches(matcher, alert))) {
            return undefined;
        }
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

/** Whether labels fit a matcher such as `severity=~"critical|warning"`. */
function matches(matcher: string, labels: Labels): boolean {
    const [, name = "", operator, value = ""] =
        /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(matcher) ?? [];
    if (operator === undefined) {
        throw new Error(`a route has the matcher ${matcher}, which a drill cannot read`);
    }
    const label = labels[name] ?? "";
    const same = operator.endsWith("~")
        ? new RegExp(`^(?:${value})$`).test(label)
        : label === value;
    return operator.startsWith("!") ? !same : same;
}
