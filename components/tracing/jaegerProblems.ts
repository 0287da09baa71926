import { bytes } from "../settings/quantity";
import { Problem, show } from "../settings/problems";
import type { Settings } from "../stack/schema";

/** Below it, the share that is left for the queue and the batches holds less than one batch. */
const MINIMUM_MEMORY = "256Mi";
/** The Java virtual machine and Spark, before they have read a span. */
const MINIMUM_GRAPH_MEMORY = "1Gi";

/** The rules between the keys of Jaeger. Returns every problem. */
export function jaegerProblems({ jaeger }: Pick<Settings, "jaeger">): Problem[] {
    const { collector, sampling, serviceGraph } = jaeger;
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
