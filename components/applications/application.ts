import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext, RuleGroup } from "../alerting/prometheusRule";
import { applicationRules } from "../alerting/rules/applications";
import { ENVOY, ENVOY_PORT } from "../kubernetes/envoy";
import { ForeignTarget, foreignMonitor, ScrapeLimits } from "../kubernetes/foreignMonitors";
import type { Scraper } from "../kubernetes/monitors";
import { allowIngress } from "../kubernetes/wiring";
import { primaryOf, proxiesOf, selectorOf, selectorsOf } from "./applicationProblems";
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
        const proxies = proxiesOf(applicationName, settings);
        for (const target of proxyTargets(args)) {
            const { job } = target.labels;
            foreignMonitor(
                `${name}-${job}`,
                { monitorName: `${namespaceName}.${job}`, home, scraper, target },
                child,
            );
        }
        if (args.isolated) {
            selectorsOf(applicationName, settings).forEach((podLabels, i) => {
                const workload = { namespace: home, podLabels };
                const proxy = proxies.length > 0 ? [{ workload, port: ENVOY_PORT }] : [];
                allowIngress(
                    `prometheus-to-${objectName}${i === 0 ? "" : "-primary"}`,
                    {
                        from: [scraper.workload],
                        to: [{ workload, port: settings.port }, ...proxy],
                    },
                    child,
                );
            });
        }
        const application = {
            namespace: namespaceName,
            name: applicationName,
            interval: settings.interval,
            team: settings.team,
            sampleLimit: args.limits.sampleLimit,
            slo: settings.slo,
            proxies: proxies.filter(({ always }) => always).map(({ job }) => job),
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

/** Its sidecars, as jobs of their own. */
export function proxyTargets({
    namespaceName,
    applicationName,
    settings,
    limits,
    environment,
}: Parameters<typeof applicationTarget>[0]): ForeignTarget[] {
    return proxiesOf(applicationName, settings).map(({ job, app, podLabels }) => ({
        namespace: namespaceName,
        selector: { matchLabels: podLabels },
        ...ENVOY,
        interval: settings.interval,
        labels: { job, app, environment },
        limits,
    }));
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
        selector: settings.canary
            ? {
                  matchExpressions: [
                      {
                          key: "app",
                          operator: "In",
                          values: [applicationName, primaryOf(applicationName)],
                      },
                  ],
              }
            : { matchLabels: selectorOf(applicationName, settings) },
        service,
        port,
        path,
        interval,
        labels: { job: applicationName, app: applicationName, environment },
        limits,
    };
}
