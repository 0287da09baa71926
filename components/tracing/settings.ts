import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import { Problem, show } from "../settings/problems";
import { bytes } from "../settings/quantity";
import { duration, quantity } from "../settings/scalars";

/** A share of traces: 0 is none, 1 is all. */
const probability = z
    .number()
    .min(0, { error: "allowed: 0 (none) to 1 (all)" })
    .max(1, { error: "allowed: 0 (none) to 1 (all)" });

const tailSampling = z.strictObject({
    /** How long a collector waits for the spans of a trace before it decides. */
    decisionWait: duration.default("10s"),
    /** Traces that take at least so long are kept, as are those with an error. */
    keepSlowerThanMs: z.int().min(1).default(1000),
    /** The share of the other traces that is kept. */
    keepProbability: probability,
    /** New traces per second, which sizes what is held while waiting. */
    expectedTracesPerSecond: z.int().min(1),
});

const jaeger = z.strictObject({
    collector: z.strictObject({
        minReplicas: z.int().min(1),
        maxReplicas: z.int().min(1),
        memory: quantity,
    }),
    query: z.strictObject({ replicas: z.int().min(1) }),
    /** Spans are taken over TLS only, with a certificate of our own authority. */
    otlpTls: z.boolean().default(false),
    /** What SDKs with a remote sampler are told, and what is kept of what they send. */
    sampling: z
        .strictObject({
            defaultProbability: probability.default(1),
            /** Probability by the service's name. */
            services: z.record(z.string().min(1), probability).default({}),
            tail: tailSampling.optional(),
        })
        .prefault({}),
    /** The daily job that computes which service calls which. */
    serviceGraph: z.strictObject({ memory: quantity }).optional(),
});

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
