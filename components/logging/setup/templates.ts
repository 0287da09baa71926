import type { estypes } from "@elastic/elasticsearch";

import { days } from "../../settings/duration";
import { FieldType, LOG_FIELDS, STREAMS } from "../logSchema";
import { LIFECYCLE_POLICY } from "./lifecycle";

export const SETTINGS_TEMPLATE = "observability-logs-settings";
export const MAPPINGS_TEMPLATE = "observability-logs-mappings";

/** Lucene refuses terms above 32766 bytes, which are 8191 characters of at most four bytes: longer ones are not indexed. */
const LONGEST_TERM = 8191;
/** For grouping by a message; a longer one is still searched as text. */
const LONGEST_GROUPED_TEXT = 1024;
/** The schema has far fewer fields: the limit is for what a later version adds. */
const TOTAL_FIELDS = 200;

/** Texts by whose whole value dashboards group, as `msg.keyword`. */
export const GROUPED_TEXTS = ["msg", "error"] as const;

/** https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/field-data-types */
function property(name: string, type: FieldType): estypes.MappingProperty {
    switch (type) {
        case "keyword":
            return { type, ignore_above: LONGEST_TERM };
        case "flattened":
            return { type, ignore_above: LONGEST_TERM };
        case "text":
            return (GROUPED_TEXTS as readonly string[]).includes(name)
                ? {
                      type,
                      fields: { keyword: { type: "keyword", ignore_above: LONGEST_GROUPED_TEXT } },
                  }
                : { type };
        default:
            return { type };
    }
}

/** The mapping of `LOG_FIELDS`; what else a document has is kept and not indexed, so that it can break nothing. */
export function logMappings(): estypes.MappingTypeMapping {
    return {
        dynamic: false,
        properties: Object.fromEntries(
            Object.entries(LOG_FIELDS).map(([name, { type }]) => [name, property(name, type)]),
        ),
    };
}

/** https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-cluster-put-component-template */
export function componentTemplates(): estypes.ClusterPutComponentTemplateRequest[] {
    return [
        {
            name: SETTINGS_TEMPLATE,
            template: {
                settings: {
                    index: {
                        lifecycle: { name: LIFECYCLE_POLICY },
                        number_of_shards: 1,
                        // No copy on one node, one copy on more: green on both, also after nodes were added.
                        auto_expand_replicas: "0-1",
                        codec: "best_compression",
                        mapping: {
                            // A field of a wrong type is left out of the index; the document is kept.
                            ignore_malformed: true,
                            total_fields: { limit: TOTAL_FIELDS },
                        },
                    },
                },
            },
        },
        { name: MAPPINGS_TEMPLATE, template: { mappings: logMappings() } },
    ];
}

/** Above Elasticsearch's own templates (100 and 200). */
const PRIORITY = 500;

/** What Elasticsearch refuses of a stream goes to its failure store, for as long as the stream's documents. */
export function failureStore(retention: string): {
    readonly enabled: true;
    readonly lifecycle: { readonly enabled: true; readonly data_retention: string };
} {
    return { enabled: true, lifecycle: { enabled: true, data_retention: `${days(retention)}d` } };
}

/** https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-put-index-template */
export function indexTemplates(retention: string): estypes.IndicesPutIndexTemplateRequest[] {
    return Object.values(STREAMS).map((stream) => ({
        name: stream,
        index_patterns: [stream],
        data_stream: {},
        priority: PRIORITY,
        composed_of: [SETTINGS_TEMPLATE, MAPPINGS_TEMPLATE],
        template: { data_stream_options: { failure_store: failureStore(retention) } },
    }));
}
