import { platformRules } from "../alerting/platformAlerts";
import { isAlert } from "../alerting/prometheusRule";
import { redisStackRules } from "../alerting/redisAlerts";
import { DECLARED_PODS, ALERT_SETTING } from "../alerting/rules/redis/declared";
import { alertSettings } from "../alerting/rules/settings";
import { INDICATORS } from "../alerting/slos/settings";
import { matchesWhole } from "../metrics/exporterMetricPattern";
import { MetricIndex } from "../metrics/catalogue/metricIndex";
import { suggestion } from "../settings/problems";

/**
 * The metrics of an owner's dashboard. The whole gate, which follows labels through an expression, needs a parser that only
 * the tests install; this finds names.
 */

const WORDS = new Set(
    "and or unless bool offset by without on ignoring group_left group_right atan2 inf nan start end".split(
        " ",
    ),
);

/** Names of metrics in an expression; one that a variable is a part of is not known. */
export function metricNames(promql: string): string[] {
    const bare = promql
        .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""')
        .replace(/#.*$/gm, "")
        .replace(/\{[^{}]*\}/g, (matchers, at: number, all: string) =>
            all[at - 1] === "$" ? matchers : " ",
        )
        .replace(/\[[^\]]*\]/g, " ")
        .replace(/[\w:]*(?:\$\{[^}]*\}|\$\w+|\[\[\w+\]\])[\w:]*/g, " ")
        .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)/gi, " ");
    return [...bare.matchAll(/(?<![\w.:])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g)]
        .map(([name]) => name)
        .filter((name) => !WORDS.has(name.toLowerCase()));
}

/** Series of Prometheus itself. */
const OF_PROMETHEUS = ["ALERTS", "ALERTS_FOR_STATE"];

/** Why nothing exposes or records a metric; undefined when something does, or `own` names it. */
export function knownMetrics(
    dropped: readonly string[],
): (metric: string, own: readonly string[]) => string | undefined {
    const index = MetricIndex.ofCatalogue();
    const recorded = new Set([...OF_PROMETHEUS, DECLARED_PODS, ALERT_SETTING, ...records()]);
    return (metric, own) => {
        if (own.includes(metric) || recorded.has(metric)) {
            return undefined;
        }
        const exposers = index.find(metric).map(({ exposer }) => exposer);
        if (exposers.length === 0) {
            const all = [...index.names(), ...recorded, ...own];
            return `a metric that something exposes or records; ${suggestion(metric, all).trim()}`.replace(
                /; $/,
                "",
            );
        }
        const base = metric.replace(/_(bucket|sum|count)$/, "");
        return exposers.every((exposer) => exposer === "redis-exporter") &&
            dropped.some((pattern) => matchesWhole(pattern, base) || matchesWhole(pattern, metric))
            ? "a metric that is stored: `prometheus.dropRedisMetrics` drops this one"
            : undefined;
    };
}

/** What our rules record, of every part and objective. */
function records(): string[] {
    const settings = alertSettings.parse({});
    const slos = Object.fromEntries(
        INDICATORS.map((name) => [name, { objective: 99.9, window: "30d" }]),
    );
    const namespaces = { monitoring: "", redisOperator: "", logging: "", tracing: "" };
    const parts = {
        kubeStateMetrics: true,
        redisOperator: true,
        alertmanager: true,
        logging: true,
        elasticsearch: true,
        tracing: true,
    };
    return [
        ...platformRules({ parts, namespaces, slos, scrapeInterval: "30s" }, settings),
        ...redisStackRules(
            { environment: "", slos, scrapeIntervals: ["30s"], recordedByPlatform: true },
            settings,
        ),
    ].flatMap(({ rules }) => rules.flatMap((rule) => (isAlert(rule) ? [] : [rule.record])));
}
