import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import { Problem, show } from "../settings/problems";
import { bytes } from "../settings/quantity";
import { duration, name, quantity } from "../settings/scalars";

/** A share of traces: 0 is none, 1 is all. */
const probability = z
    .number()
    .min(0, { error: "allowed: 0 (none) to 1 (all)" })
    .max(1, { error: "allowed: 0 (none) to 1 (all)" })
    .meta({ kind: "0 to 1" });

const tailSampling = z.strictObject({
    decisionWait: duration.describe("How long the spans of a trace are waited for").default("10s"),
    keepSlowerThanMs: z
        .int()
        .min(1)
        .describe("Traces at least so long are kept, as are those with an error")
        .default(1000),
    keepProbability: probability.describe("Share of the other traces that is kept"),
    expectedTracesPerSecond: z.int().min(1).describe("Sizes what is held while waiting"),
});

const jaeger = z
    .strictObject({
        collector: z.strictObject({
            minReplicas: z.int().min(1).describe("Collectors that always run"),
            maxReplicas: z
                .int()
                .min(1)
                .describe("Collectors under load (70 % CPU; needs metrics-server)"),
            memory: quantity.describe("Request and limit"),
        }),
        clientNamespaces: z
            .array(name)
            .describe("Namespaces whose pods may send spans; without any, pods of every namespace")
            .default([]),
        query: z.strictObject({
            replicas: z.int().min(1).describe("Pods of the UI and the API"),
        }),
        otlpTls: z
            .boolean()
            .describe(
                "Take spans over TLS only, with a certificate of the stack's own authority (output `caCertificate`)",
            )
            .default(false),
        sampling: z
            .strictObject({
                defaultProbability: probability
                    .describe(
                        "What SDKs with a remote sampler are told for a service that is not named",
                    )
                    .default(1),
                services: z
                    .record(z.string().min(1), probability)
                    .describe("The same by the service's name")
                    .default({}),
                tail: tailSampling
                    .describe("Decide on whole traces in the collector; needs `maxReplicas: 1`")
                    .optional(),
            })
            .prefault({}),
        serviceGraph: z
            .strictObject({ memory: quantity.describe("Request and limit of the job") })
            .describe(
                "Compute each night which service calls which; without it, Jaeger's System Architecture stays empty",
            )
            .optional(),
    })
    .describe("Collector and query service, sampling, TLS, service graph");

export type JaegerSettings = z.output<typeof jaeger>;
export type SamplingSettings = JaegerSettings["sampling"];

const keys = { jaeger };

/** Jaeger: collectors, query service, sampling. */
export const tracingPart: Part<typeof keys, SettingsOf<typeof keys>> = {
    keys,
    platformProblems: ({ jaeger: settings }) => jaegerProblems(settings),
};

/** Below it, the share that is left for the queue and the batches holds less than one batch. */
const MINIMUM_MEMORY = "256Mi";
/** The Java virtual machine and Spark, before they have read a span. */
const MINIMUM_GRAPH_MEMORY = "1Gi";

function jaegerProblems({ collector, sampling, serviceGraph }: JaegerSettings): Problem[] {
    const { minReplicas, maxReplicas, memory } = collector;
    const problems: Problem[] = [];
    if (minReplicas > maxReplicas) {
        problems.push({
            path: "jaeger.collector.minReplicas",
            got: show(minReplicas),
            allowed: `at most maxReplicas (${maxReplicas})`,
        });
    }
    if (bytes(memory) < bytes(MINIMUM_MEMORY)) {
        problems.push({
            path: "jaeger.collector.memory",
            got: show(memory),
            allowed: `${MINIMUM_MEMORY} or more: a fifth of it is the queue of spans that Elasticsearch has not taken yet`,
        });
    }
    if (sampling.tail && maxReplicas > 1) {
        problems.push({
            path: "jaeger.sampling.tail",
            got: `jaeger.collector.maxReplicas ${maxReplicas}`,
            allowed:
                "one collector, since it decides on the spans of a trace that it has seen itself: set jaeger.collector.minReplicas and maxReplicas to 1, or remove tail and set jaeger.sampling.defaultProbability",
        });
    }
    if (serviceGraph && bytes(serviceGraph.memory) < bytes(MINIMUM_GRAPH_MEMORY)) {
        problems.push({
            path: "jaeger.serviceGraph.memory",
            got: show(serviceGraph.memory),
            allowed: `${MINIMUM_GRAPH_MEMORY} or more: the job is a Spark program`,
        });
    }
    return problems;
}
