import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext, RuleGroup } from "../alerting/prometheusRule";
import { applicationRules } from "../alerting/rules/applications";
import { ForeignTarget, foreignMonitor, ScrapeLimits } from "../kubernetes/foreignMonitors";
import type { Scraper } from "../kubernetes/monitors";
import { allowIngress } from "../kubernetes/wiring";
import { selectorOf } from "./applicationProblems";
import type { ApplicationSettings } from "./settings";

export interface ApplicationArgs {
    readonly namespaceName: string;
    readonly applicationName: string;
    readonly settings: ApplicationSettings;
    /** Where its monitor and its rules stand: its own namespace where that is ours, otherwise Prometheus'. */
    readonly home: pulumi.Input<string>;
    /** Whether its pods let nobody in unless a policy opens it. */
    readonly isolated: boolean;
    readonly limits: ScrapeLimits;
    /** Rules that objectives share, where nobody else records them. */
    readonly sharedRules: readonly RuleGroup[];
    readonly environment: string;
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/**
 * What Prometheus needs to know of an application: a monitor, the edge to its pods and its rules. Needs the operator's
 * CRDs, and no pod; leaves nothing.
 */
export class Application extends pulumi.ComponentResource {
    constructor(name: string, args: ApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Application", name, {}, opts);
        const { namespaceName, applicationName, settings, home, scraper, alerts } = args;
        const child = { parent: this };
        // A name has no dot: no other pair of names makes the same.
        const objectName = `${namespaceName}.${applicationName}`;
        foreignMonitor(
            name,
            { monitorName: objectName, home, scraper, target: applicationTarget(args) },
            child,
        );
        if (args.isolated) {
            const workload = {
                namespace: home,
                podLabels: selectorOf(applicationName, settings),
            };
            allowIngress(
                `prometheus-to-${objectName}`,
                { from: [scraper.workload], to: [{ workload, port: settings.port }] },
                child,
            );
        }
        const application = {
            namespace: namespaceName,
            name: applicationName,
            interval: settings.interval,
            team: settings.team,
            sampleLimit: args.limits.sampleLimit,
            slo: settings.slo,
        };
        new AlertRules(
            `${name}-alerts`,
            {
                namespace: home,
                ruleName: objectName,
                groups: [...args.sharedRules, ...applicationRules(application, alerts.settings)],
                alerts,
                scraper,
            },
            child,
        );
        this.registerOutputs({});
    }
}

/** How it is scraped; `job` and `app` are its name, whatever its pods and Services are called. */
export function applicationTarget({
    namespaceName,
    applicationName,
    settings,
    limits,
    environment,
}: Pick<
    ApplicationArgs,
    "namespaceName" | "applicationName" | "settings" | "limits" | "environment"
>): ForeignTarget {
    const { service, port, path, interval } = settings;
    return {
        namespace: namespaceName,
        selector: { matchLabels: selectorOf(applicationName, settings) },
        service,
        port,
        path,
        interval,
        labels: { job: applicationName, app: applicationName, environment },
        limits,
    };
}
