import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { extraRuleProblems, ExtraRules, extraRuleSpec, writtenRules } from "../alerting/extraRules";
import { knownMetrics, metricNames } from "../dashboards/ownMetrics";
import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { Problem, show } from "../settings/problems";

/** Installs the rules of the stack's owner, a PrometheusRule for each folder. */
export function installExtraRules(
    all: Readonly<Record<string, ExtraRules>>,
    {
        namespace,
        environment,
        team,
        scraper,
    }: {
        readonly namespace: pulumi.Input<string>;
        readonly environment: string;
        /** Of alerts whose folder names none. */
        readonly team: string;
        readonly scraper: Scraper;
    },
    opts: pulumi.ComponentResourceOptions,
): void {
    for (const [name, own] of Object.entries(all)) {
        new k8s.apiextensions.CustomResource(
            `extra-rules-${name}`,
            {
                apiVersion: "monitoring.coreos.com/v1",
                kind: "PrometheusRule",
                metadata: { name: `extra-${name}`, namespace, labels: PART_OF },
                spec: extraRuleSpec(own, environment, team),
            },
            { ...opts, dependsOn: [...scraper.monitorCrds] },
        );
    }
}

interface Settings {
    readonly alerting: { readonly extraRules: Readonly<Record<string, ExtraRules>> };
    readonly cluster: { readonly role: "owner" | "tenant" };
    readonly redis: Readonly<Record<string, unknown>>;
    readonly prometheus: { readonly dropRedisMetrics: readonly string[] };
}

/** Metrics of such rules that nothing exposes or records, and that nobody says are their own. */
export function unmeasuredRuleProblems({
    alerting,
    cluster,
    redis,
    prometheus,
}: Settings): Problem[] {
    const all = Object.entries(alerting.extraRules);
    if (all.length === 0) {
        return [];
    }
    if (cluster.role === "tenant" && Object.keys(redis).length === 0) {
        return [
            {
                path: "alerting.extraRules",
                got: "rules without a namespace",
                allowed:
                    "a namespace in redis, or the rules in the owner's stack: a tenant has no other",
            },
        ];
    }
    const known = knownMetrics(prometheus.dropRedisMetrics);
    return all.flatMap(([name, own]) => {
        // What cannot be read is told of already.
        if (extraRuleProblems({ [name]: own }).length > 0) {
            return [];
        }
        const rules = writtenRules(own);
        const recorded = rules.flatMap(({ rule }) => rule.record ?? []);
        return rules.flatMap(({ place, rule }) =>
            [...new Set(metricNames(rule.expr))].flatMap((metric) => {
                const why = known(metric, [...own.metrics, ...recorded]);
                return why === undefined
                    ? []
                    : [
                          {
                              path: `alerting.extraRules.${name}.folder`,
                              got: `${place}: the metric ${show(metric)}`,
                              allowed: `${why}; a metric of yours is told in \`metrics\` beside the folder`,
                          },
                      ];
            }),
        );
    });
}
