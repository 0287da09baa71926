import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../stack/config";
import { bytes } from "../settings/quantity";
import { nodeLimits, rejectedLimit } from "./logBuffer";
import type { Scraper } from "../kubernetes/monitors";
import type { Elasticsearch } from "./elasticsearch";
import type { ElasticsearchSetup } from "./elasticsearchSetup";
import { FluentBitEvents } from "./fluentBitEvents";
import { fluentBitRelease } from "./fluentBitRelease";
import { nodeValues } from "./fluentBitValues";
import { PATHS } from "./pipeline/logFiles";
import { nodePipeline, pipelineFile } from "./pipeline/pipeline";
import { logSchemaScript, ScriptSettings } from "./pipeline/script";

export interface FluentBitArgs {
    readonly config: StackConfig;
    readonly namespace: pulumi.Input<string>;
    /** Namespace of the Redis operator, whose logs are a stream of their own. */
    readonly operatorNamespace: pulumi.Input<string>;
    readonly elasticsearch: Elasticsearch;
    /** Makes the streams, which Fluent Bit may not. */
    readonly setup: ElasticsearchSetup;
    readonly scraper: Scraper;
}

/**
 * Fluent Bit on every node: container logs to Elasticsearch, buffered on the node's disk; and, where events are
 * collected, one more for the cluster's events. Leaves positions and chunks in /var/lib/fluent-bit of each node.
 */
export class FluentBit extends pulumi.ComponentResource {
    constructor(name: string, args: FluentBitArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:FluentBit", name, {}, opts);
        const { config, namespace, elasticsearch, setup, scraper } = args;
        const { fluentBit } = config;
        const script = logSchemaScript(scriptSettings(config));
        fluentBitRelease(
            name,
            {
                ...{ config, namespace, elasticsearch, setup, scraper },
                release: "fluent-bit",
                values: (references, target) =>
                    pulumi
                        .all([args.operatorNamespace, namespace])
                        .apply(([operatorNamespace, ownNamespace]) => {
                            const pipeline = nodePipeline({
                                paths: PATHS,
                                sources: {
                                    ownNamespace,
                                    operatorNamespace,
                                    redisNamespaces: redisNamespaces(config),
                                },
                                target,
                                limits: nodeLimits(fluentBit),
                                rejectedLimit: rejectedLimit(bytes(fluentBit.bufferSize)),
                                outageHours: fluentBit.outageHours,
                            });
                            return nodeValues({ file: pipelineFile(pipeline), script }, references);
                        }),
            },
            { parent: this },
        );
        if (fluentBit.streams.events) {
            new FluentBitEvents(
                `${name}-events`,
                { config, namespace, elasticsearch, setup, scraper, script },
                { parent: this },
            );
        }
        this.registerOutputs({});
    }
}

/** Environment of every namespace with Redis instances: this stack's own, and its tenants'. */
export function redisNamespaces(
    config: Pick<StackConfig, "redis" | "environment" | "cluster">,
): Record<string, string> {
    const own = Object.keys(config.redis).map(
        (namespace) => [namespace, config.environment] as const,
    );
    return { ...Object.fromEntries(own), ...config.cluster.tenantNamespaces };
}

function scriptSettings(config: StackConfig): ScriptSettings {
    return {
        cluster: config.cluster.name,
        environment: config.environment,
        environments: redisNamespaces(config),
    };
}
