import { NAMESPACES } from "../../components/common/namespaceNames";
import { AlertRule, prometheusRuleSpec, RuleGroup } from "../../components/common/prometheusRule";
import { environmentOf } from "../../components/monitoring/platformAlerts";
import { fluxRules } from "../../components/monitoring/rules/flux";
import { redisInstanceRules } from "../../components/monitoring/rules/redis";
import { redisOperatorRules } from "../../components/monitoring/rules/redisOperator";
import { workloadRules } from "../../components/monitoring/rules/workloads";
import { ENVIRONMENT, RUNBOOKS, TENANTS } from "./alertCase";
import { DECLARED, NAMESPACE } from "./redisWorld";

/** The groups that each file of components/monitoring/rules makes, by the file's name. */
export const GROUPS: Readonly<Record<string, RuleGroup>> = {
    "flux.ts": fluxRules(),
    "redis.ts": redisInstanceRules(NAMESPACE, DECLARED),
    "redisOperator.ts": redisOperatorRules(NAMESPACES.redisOperator),
    "workloads.ts": workloadRules(),
};

export const RULES: readonly AlertRule[] = Object.values(GROUPS).flatMap(({ rules }) => rules);

const PLATFORM_ENVIRONMENT = environmentOf({
    environment: ENVIRONMENT,
    cluster: {
        name: "main",
        role: "owner",
        ownerStack: "",
        tenantNamespaces: TENANTS,
        controlPlane: "managed",
        waitForReady: true,
    },
});

/** A rule file for Prometheus, the specs of our PrometheusRules: with every alert, or with those of one name alone. */
export function ruleFile(only?: string): object {
    const groups = Object.entries(GROUPS).flatMap(([file, { name, rules }]) => {
        const wanted = rules.filter(({ alert }) => only === undefined || alert === only);
        // A Redis namespace is of one environment; the platform's rules see the tenants' namespaces too.
        const environment = file === "redis.ts" ? ENVIRONMENT : PLATFORM_ENVIRONMENT;
        return wanted.length > 0 ? [{ name, rules: wanted, environment }] : [];
    });
    return {
        groups: groups.flatMap(({ environment, ...group }) => {
            const common = { labels: { environment }, runbookBaseUrl: RUNBOOKS };
            return (prometheusRuleSpec([group], common) as { groups: object[] }).groups;
        }),
    };
}
