import { z } from "zod";

import { amount, ca, objectName, pods, serviceUrl } from "../settings/scalars";

/** The Elasticsearch of `components.elasticsearch: existing`. */
export const existingElasticsearchSettings = z
    .strictObject({
        url: serviceUrl
            .refine((each) => !each.startsWith("http:"), {
                error: "allowed: an https URL, since a password goes to it",
            })
            .describe("Where Fluent Bit, Jaeger, Grafana and the setup Job reach it, over https"),
        ca: ca
            .meta({ otherwise: undefined })
            .describe("Authority of its certificate; of a public one, the authority's root"),
        secret: objectName.describe(
            "With `username` and `password`, in the namespaces of Fluent Bit, Jaeger and Grafana, which may have an account each: [their rights](components/elasticsearch.md#one-that-is-there-already)",
        ),
        setupSecret: objectName
            .describe(
                "The same of the setup Job, which makes streams and their lifecycle, beside Fluent Bit",
            )
            .meta({ otherwise: "`secret`" })
            .optional(),
        nodes: pods()
            .describe("Nodes with data: Jaeger's indices have a copy where there are two or more")
            .default(3),
        dailyTraceVolume: amount
            .describe("Spans that are indexed per day, without copies, which size Jaeger's indices")
            .default("1Gi"),
    })
    .describe("The Elasticsearch of `components.elasticsearch: existing`");

export type ExistingElasticsearchSettings = z.output<typeof existingElasticsearchSettings>;
