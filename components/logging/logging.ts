import type * as pulumi from "@pulumi/pulumi";

import type { PlatformNamespaces } from "../stack/platformNamespaces";
import type { Scraper } from "../kubernetes/monitors";
import type { StackConfig } from "../stack/config";
import { EckOperator } from "./eckOperator";
import { Elasticsearch } from "./elasticsearch";
import { ElasticsearchExporter } from "./elasticsearchExporter";
import { ElasticsearchSetup } from "./elasticsearchSetup";
import { FluentBit } from "./fluentBit";
import { Kibana } from "./kibana";
import { SnapshotDrill } from "./snapshotDrill";

export interface LoggingArgs {
    readonly config: StackConfig;
    readonly namespaces: PlatformNamespaces;
    readonly scraper: Scraper;
}

/** What of the logs others use. */
export interface Logging {
    readonly elasticsearch: Elasticsearch;
    readonly kibana: Kibana;
}

/** The way of a log line: Fluent Bit on each node, Elasticsearch, Kibana; and who watches them. */
export function installLogging(
    { config, namespaces, scraper }: LoggingArgs,
    opts: pulumi.ComponentResourceOptions,
): Logging {
    const { charts } = config;
    const logging = { config, namespace: namespaces.logging.name };
    const elastic = { charts, namespace: namespaces.elasticOperator.name };

    const operator = new EckOperator("elastic-operator", elastic, opts);
    const elasticsearch = new Elasticsearch("elasticsearch", { operator, ...logging }, opts);
    const kibana = new Kibana("kibana", { elasticsearch, ...logging }, opts);
    const applied = { elasticsearch, kibana, ...logging };
    const setup = new ElasticsearchSetup("elasticsearch-setup", applied, opts);
    const stored = { elasticsearch, scraper };
    new ElasticsearchExporter("elasticsearch-exporter", { ...stored, ...logging }, opts);
    if (config.elasticsearch.snapshots.type !== "none") {
        new SnapshotDrill("snapshot-drill", { ...stored, ...logging }, opts);
    }
    const operatorNamespace = namespaces.redisOperator.name;
    new FluentBit("fluent-bit", { operatorNamespace, setup, ...stored, ...logging }, opts);
    return { elasticsearch, kibana };
}
