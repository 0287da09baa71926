import { specProblems } from "../kubernetes/customSpec";
import { broken } from "../settings/read";
import type { Part, SettingsOf } from "../settings/part";
import { elasticsearch, ElasticsearchNeeds, elasticsearchProblems } from "./elasticsearchSettings";
import { fluentBit, fluentBitProblems } from "./fluentBitSettings";
import { kibana } from "./kibanaSettings";
import { ELASTIC_KINDS } from "./specGuards";
import {
    pendingSnapshots,
    snapshotCredentialProblems,
    snapshotCredentials,
} from "./snapshotSettings";

const keys = { elasticsearch, snapshotCredentials, kibana, fluentBit };

export type LoggingSettings = SettingsOf<typeof keys>;

/** Fluent Bit, Elasticsearch and Kibana. */
export const loggingPart: Part<
    typeof keys,
    LoggingSettings &
        ElasticsearchNeeds & {
            readonly existingSecrets: { readonly snapshots?: string | undefined };
            readonly components: { readonly elasticsearch: string };
        }
> = {
    keys,
    platformProblems: (settings) =>
        broken(settings, [
            (all) =>
                all.components.elasticsearch === "existing"
                    ? []
                    : elasticsearchProblems(all.elasticsearch, all.retention),
            (all) =>
                snapshotCredentialProblems(all.elasticsearch.snapshots, all.snapshotCredentials),
            (all) => fluentBitProblems(all.fluentBit),
            ({ kibana: { spec = {} } }) => specProblems("kibana.spec", spec, ELASTIC_KINDS.Kibana),
        ]),
    platformPending: (settings) =>
        pendingSnapshots(
            settings.elasticsearch.snapshots,
            settings.snapshotCredentials,
            settings.existingSecrets.snapshots,
        ),
};
