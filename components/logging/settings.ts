import type { Part, SettingsOf } from "../settings/part";
import { elasticsearch, ElasticsearchNeeds, elasticsearchProblems } from "./elasticsearchSettings";
import { fluentBit, fluentBitProblems } from "./fluentBitSettings";
import { kibana } from "./kibanaSettings";
import {
    pendingSnapshots,
    snapshotCredentialProblems,
    snapshotCredentials,
} from "./snapshotSettings";

const keys = { elasticsearch, snapshotCredentials, kibana, fluentBit };

export type LoggingSettings = SettingsOf<typeof keys>;

/** Fluent Bit, Elasticsearch and Kibana. */
export const loggingPart: Part<typeof keys, LoggingSettings & ElasticsearchNeeds> = {
    keys,
    platformProblems: (settings) => [
        ...elasticsearchProblems(settings.elasticsearch, settings.retention),
        ...snapshotCredentialProblems(
            settings.elasticsearch.snapshots,
            settings.snapshotCredentials,
        ),
        ...fluentBitProblems(settings.fluentBit),
    ],
    platformPending: (settings) =>
        pendingSnapshots(settings.elasticsearch.snapshots, settings.snapshotCredentials),
};
