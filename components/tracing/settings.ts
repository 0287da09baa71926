import { z } from "zod";

import type { Capacity } from "../settings/capacity";
import { seconds } from "../settings/duration";
import type { Part, SettingsOf } from "../settings/part";
import { Problem, show } from "../settings/problems";
import { bytes, gibibytes, mebibytes } from "../settings/quantity";
import { freeText, goDuration, memory, namespace, pods, whole } from "../settings/scalars";

/** A share of traces: 0 is none, 1 is all. */
const probability = z
    .number()
    .min(0, { error: "allowed: 0 (none) to 1 (all)" })
    .max(1, { error: "allowed: 0 (none) to 1 (all)" })
    .meta({ kind: "0 to 1" });

/** Below it, the share that is left for the queue and the batches holds less than one batch. */
const MINIMUM_MEMORY = "256Mi";
/** The Java virtual machine and Spark, before they have read a span. */
const MINIMUM_GRAPH_MEMORY = "1Gi";

const tailSampling = z.strictObject({
    decisionWait: goDuration
        .describe("How long the spans of a trace are waited for")
        .default("10s"),
    keepSlowerThanMs: whole(1)
        .describe("Traces at least so long are kept, as are those with an error")
        .default(1000),
    keepProbability: probability.describe("Share of the other traces that is kept"),
    expectedTracesPerSecond: whole(1, 1_000_000).describe("Sizes what is held while waiting"),
});

const jaeger = z
    .strictObject({
        collector: z.strictObject({
            minReplicas: pods().describe("Collectors that always run"),
            maxReplicas: pods().describe("Collectors under load (70 % CPU; needs metrics-server)"),
            memory: memory(
                MINIMUM_MEMORY,
                "a fifth of it is the queue of spans that Elasticsearch has not taken yet",
            ).describe("Request and limit"),
        }),
        clientNamespaces: z
            .array(namespace)
            .describe("Namespaces whose pods may send spans; without any, pods of every namespace")
            .default([]),
        query: z.strictObject({
            replicas: pods().describe("Pods of the UI and the API"),
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
                    .record(freeText("names of services are what their SDKs say"), probability)
                    .describe("The same by the service's name")
                    .default({}),
                tail: tailSampling
                    .describe("Decide on whole traces in the collector; needs `maxReplicas: 1`")
                    .optional(),
            })
            .prefault({}),
        serviceGraph: z
            .strictObject({
                memory: memory(MINIMUM_GRAPH_MEMORY, "the job is a Spark program").describe(
                    "Request and limit of the job",
                ),
            })
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

function jaegerProblems({ collector, sampling }: JaegerSettings): Problem[] {
    const { minReplicas, maxReplicas } = collector;
    const problems: Problem[] = [];
    if (minReplicas > maxReplicas) {
        problems.push({
            path: "jaeger.collector.minReplicas",
            got: show(minReplicas),
            allowed: `at most maxReplicas (${maxReplicas})`,
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
    const waiting = sampling.tail && waitingTraces(sampling.tail, collector.memory);
    if (waiting && waiting.needed > waiting.usable) {
        problems.push({
            path: "jaeger.sampling.tail.decisionWait",
            got: show(sampling.tail?.decisionWait),
            allowed: `less, or fewer expectedTracesPerSecond: what waits takes ${gibibytes(waiting.needed)} or more, and jaeger.collector.memory ${collector.memory} leaves ${gibibytes(waiting.usable)} for it; or set memory to ${mebibytes(waiting.volumeFor)} or more`,
        });
    }
    return problems;
}

/** A small trace: ten spans of 500 bytes. Those of real services are larger, so that what is refused cannot work. */
const BYTES_PER_TRACE = 5000;
/** The memory limiter refuses spans at 80 %, of which 20 % are the queue of what Elasticsearch has not taken yet. */
const WAITING_SHARE = 0.6;

/** Traces that are held until they are decided, against the collector's memory; in bytes. */
export function waitingTraces(
    tail: Pick<z.output<typeof tailSampling>, "decisionWait" | "expectedTracesPerSecond">,
    collectorMemory: string,
): Capacity {
    const needed = tail.expectedTracesPerSecond * seconds(tail.decisionWait) * BYTES_PER_TRACE;
    return {
        needed,
        usable: bytes(collectorMemory) * WAITING_SHARE,
        volumeFor: needed / WAITING_SHARE,
    };
}
