import * as pulumi from "@pulumi/pulumi";

import type { ChartSource } from "../kubernetes/chartSource";
import { helmRelease, HelmValues } from "../kubernetes/helmRelease";
import { monitorPods, Scraper } from "../kubernetes/monitors";
import { LINUX_NODES } from "../kubernetes/scheduling";
import type { Workload } from "../kubernetes/wiring";
import { CHARTS } from "../versions";
import type { RedisOperatorCrds } from "./redisOperatorCrds";
import type { RedisOperatorSettings } from "./settings";

export interface RedisOperatorArgs {
    readonly settings: RedisOperatorSettings;
    readonly charts: ChartSource;
    /** Label of its series. */
    readonly environment: string;
    readonly namespace: pulumi.Input<string>;
    readonly crds: RedisOperatorCrds;
    readonly scraper: Scraper;
}

/**
 * The Redis operator, once per cluster, and its own metrics. Needs its CRDs. It must outlive every Redis: their
 * finalizers wait for it.
 */
export class RedisOperator extends pulumi.ComponentResource {
    /** The operator's pods, which connect to every Redis. */
    public readonly workload: Workload;
    /** What a Redis custom resource depends on. */
    public readonly ready: readonly pulumi.Resource[];

    constructor(name: string, args: RedisOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisOperator", name, {}, opts);
        const { namespace, scraper } = args;
        this.workload = { namespace, podLabels: { name: "redis-operator" } };
        const release = helmRelease(
            `${name}-release`,
            {
                release: "redis-operator",
                chart: CHARTS.redisOperator,
                source: args.charts,
                namespace,
                values: redisOperatorValues(args.settings),
                skipCrds: true,
            },
            // No value flows from the CRDs, and the operator ends without them.
            { parent: this, dependsOn: [...args.crds.crds] },
        );
        this.ready = [release];
        monitorPods(
            name,
            {
                scraper,
                target: { workload: this.workload, port: 8080 },
                podSelector: { matchLabels: this.workload.podLabels ?? {} },
                portName: "metrics",
                // job="redis-operator", which the alerts select.
                jobLabel: "name",
                interval: "30s",
                timeout: "10s",
                // Its metrics carry the namespace and instance of the Redis that they are about.
                honorLabels: true,
                environment: args.environment,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/** https://github.com/OT-CONTAINER-KIT/redis-operator/blob/main/charts/redis-operator/values.yaml */
export function redisOperatorValues({
    replicas,
    watchNamespaces,
}: RedisOperatorSettings): HelmValues {
    return {
        replicas,
        nodeSelector: LINUX_NODES,
        redisOperator: {
            imagePullPolicy: "IfNotPresent",
            watchNamespace: watchNamespaces.join(","),
            // Pods of Redis are refused while its webhook is down, and nothing here needs it.
            webhook: false,
        },
        resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "500Mi" } },
        podSecurityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: "RuntimeDefault" },
        },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    };
}
