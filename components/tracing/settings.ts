import { z } from "zod";

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

export const jaeger = z.strictObject({
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
