import * as pulumi from "@pulumi/pulumi";

import type { Scraper } from "../kubernetes/monitors";
import { AlertRules } from "./alertRules";
import type { AlertContext, RuleGroup } from "./prometheusRule";
import { redisRules } from "./rules/redis";
import type { AlertSettings } from "./rules/settings";
import { redisSlos } from "./slos/declaredSlos";
import type { SloSettings } from "./slos/settings";
import { errorRatioRules, sloRules } from "./slos/sloRules";

/** What the rules on a stack's Redis instances are made of. */
export interface RedisRulesArgs {
    readonly environment: string;
    readonly slos: Readonly<Record<string, SloSettings>>;
    /** Of every instance. */
    readonly scrapeIntervals: readonly string[];
    /** Whether the platform's rules record what objectives share; otherwise these do. */
    readonly recordedByPlatform: boolean;
}

/** Rules that a stack has once for all of its Redis instances. */
export function redisStackRules(
    { environment, slos, scrapeIntervals, recordedByPlatform }: RedisRulesArgs,
    settings: AlertSettings,
): RuleGroup[] {
    const objectives = sloRules("redis", redisSlos(slos, environment, scrapeIntervals), settings);
    return [
        ...redisRules(environment, settings),
        ...(recordedByPlatform || objectives.length === 0 ? [] : errorRatioRules()),
        ...objectives,
    ];
}

export interface RedisAlertsArgs extends RedisRulesArgs {
    /** Where the PrometheusRule goes: a namespace of the stack, since a tenant has no other. */
    readonly namespace: pulumi.Input<string>;
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/** The alerts and objectives of a stack's Redis instances, which read what their namespaces declare. */
export class RedisAlerts extends pulumi.ComponentResource {
    constructor(name: string, args: RedisAlertsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisAlerts", name, {}, opts);
        const { namespace, scraper } = args;
        // Who owns an instance is a label of what it declares.
        const alerts = { ...args.alerts, team: undefined };
        const groups = redisStackRules(args, alerts.settings);
        new AlertRules(
            name,
            { namespace, ruleName: "redis-alerts", groups, alerts, scraper },
            { parent: this },
        );
        this.registerOutputs({});
    }
}
