import { NAMESPACES } from "../../components/cluster/namespaceNames";
import { AlertRule, prometheusRuleSpec, RuleGroup } from "../../components/common/prometheusRule";
import { fluxRules } from "../../components/monitoring/rules/flux";
import { redisInstanceRules } from "../../components/monitoring/rules/redis";
import { redisOperatorRules } from "../../components/monitoring/rules/redisOperator";
import { workloadRules } from "../../components/monitoring/rules/workloads";
import { ENVIRONMENT, RUNBOOKS } from "./alertCase";
import { DECLARED, NAMESPACE } from "./redisWorld";

/** The groups that each file of components/monitoring/rules makes, by the file's name. */
export const GROUPS: Readonly<Record<string, RuleGroup>> = {
    "flux.ts": fluxRules(),
    "redis.ts": redisInstanceRules(NAMESPACE, DECLARED),
    "redisOperator.ts": redisOperatorRules(NAMESPACES.redisOperator),
    "workloads.ts": workloadRules(),
};

export const RULES: readonly AlertRule[] = Object.values(GROUPS).flatMap(({ rules }) => rules);

/** A rule file for Prometheus, the spec of a PrometheusRule: with every alert, or with those of one name alone. */
export function ruleFile(only?: string): object {
    const groups = Object.values(GROUPS).map((group) => ({
        ...group,
        rules: group.rules.filter(({ alert }) => only === undefined || alert === only),
    }));
    return prometheusRuleSpec(
        groups.filter(({ rules }) => rules.length > 0),
        { labels: { environment: ENVIRONMENT }, runbookBaseUrl: RUNBOOKS },
    );
}
