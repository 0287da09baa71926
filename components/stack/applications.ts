import type * as pulumi from "@pulumi/pulumi";

import { isRedisIndicator, indicatorName } from "../alerting/slos/settings";
import { errorRatioRules } from "../alerting/slos/sloRules";
import { AnnotatedPods, MonitoredPods } from "../applications/annotatedPods";
import { Application } from "../applications/application";
import { selectorsOf } from "../applications/applicationProblems";
import { toolTargets } from "../delivery/toolTargets";
import { scaleApplications, tenantAutoscaler } from "./autoscaling";
import type { StackConfig } from "./config";
import type { Platform } from "./platform";
import { stackAlerts } from "./policies";

/** What of applications the stack's Prometheus, or its owner's, is told; `own` are the namespaces of this stack by name. */
export function installApplications(
    config: StackConfig,
    { scraper, recordsObjectives, autoscaler }: Platform,
    own: Readonly<Record<string, pulumi.Input<string>>>,
    opts: pulumi.ComponentResourceOptions,
): void {
    const { environment } = config;
    const { annotated, ...limits } = config.scrape;
    const alerts = stackAlerts(config);
    const declared = Object.entries(config.applications).flatMap(([namespaceName, byName]) =>
        Object.entries(byName).map(([applicationName, settings]) => ({
            namespaceName,
            applicationName,
            settings,
        })),
    );
    const recorded = recordsObjectives || hasRedisObjectives(config);
    const recorder = declared.find(
        ({ settings: { slo } }) => slo.availability !== undefined || slo.latency !== undefined,
    );
    const home = (namespaceName: string) =>
        own[namespaceName] ?? foreignHome(config, scraper, namespaceName);
    for (const each of declared) {
        const { namespaceName, applicationName } = each;
        new Application(
            `application-${namespaceName}.${applicationName}`,
            {
                ...each,
                home: home(namespaceName),
                isolated: config.redis[namespaceName]?.isolate === "namespace",
                limits,
                sharedRules: !recorded && each === recorder ? errorRatioRules() : [],
                environment,
                alerts,
                scraper,
            },
            opts,
        );
    }
    scaleApplications(
        config,
        autoscaler ?? tenantAutoscaler(config),
        own,
        home,
        alerts,
        scraper,
        opts,
    );
    if (annotated.enabled) {
        new AnnotatedPods(
            "annotated-pods",
            {
                home: scraper.workload.namespace,
                namespaces: annotated.namespaces,
                closed: closedNamespaces(config),
                monitored: [
                    ...declared.flatMap(
                        ({ namespaceName, applicationName, settings }): MonitoredPods[] =>
                            selectorsOf(applicationName, settings).map((podLabels) => ({
                                namespace: namespaceName,
                                podLabels,
                            })),
                    ),
                    ...toolTargets(config).map(({ pods }) => pods),
                ],
                injected: config.mesh.istio?.mode === "sidecar",
                limits,
                environment,
                alerts,
                scraper,
            },
            opts,
        );
    }
}

/** A tenant makes nothing in namespaces of its owner's. */
function foreignHome(
    { cluster }: Pick<StackConfig, "cluster">,
    { workload }: Platform["scraper"],
    namespace: string,
): pulumi.Input<string> {
    return cluster.role === "owner" ? workload.namespace : namespace;
}

/** Where nobody is let in, or what is there has monitors: the chart's, or ours. */
function closedNamespaces({
    redis,
    namespaces,
}: Pick<StackConfig, "redis" | "namespaces">): string[] {
    const isolated = Object.entries(redis)
        .filter(([, { isolate }]) => isolate === "namespace")
        .map(([namespace]) => namespace);
    return ["kube-.*", ...Object.values(namespaces), ...isolated];
}

function hasRedisObjectives({ redis, slos }: Pick<StackConfig, "redis" | "slos">): boolean {
    return (
        Object.keys(redis).length > 0 &&
        Object.entries(slos).some(([name, slo]) => isRedisIndicator(indicatorName(name, slo)))
    );
}
