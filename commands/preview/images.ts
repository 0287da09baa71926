import { chartFacts } from "../../lab/charts/facts";
import { leaves, valueAt } from "../../lab/program/objects";
import type { Registration } from "../../lab/program/program";
import { chartName } from "./requests";

/** Images that ECK makes of a custom resource's version. */
const ECK_IMAGES: Readonly<Record<string, string>> = {
    Elasticsearch: "docker.elastic.co/elasticsearch/elasticsearch",
    Kibana: "docker.elastic.co/kibana/kibana",
};

/** Every image that the stack runs, sorted: what a mirror of a cluster without internet must hold. */
export function imagesOf(registrations: readonly Registration[]): string[] {
    const facts = chartFacts();
    const images = registrations.flatMap(({ inputs }) => {
        if (inputs.chart !== undefined) {
            return facts[chartName(inputs)]?.images ?? [];
        }
        const eck = ECK_IMAGES[String(inputs.kind)];
        const named = leaves(inputs.spec)
            .filter(([path, value]) => path.at(-1) === "image" && typeof value === "string")
            .map(([, value]) => String(value));
        return eck ? [...named, `${eck}:${String(valueAt(inputs, "spec", "version"))}`] : named;
    });
    return [...new Set(images)].sort();
}

/** Charts whose images are known of another version only: the pinned one is newer than the facts. */
export function chartsWithoutFacts(registrations: readonly Registration[]): string[] {
    const facts = chartFacts();
    return registrations
        .filter(({ inputs }) => inputs.chart !== undefined)
        .map(({ inputs }) => [chartName(inputs), String(inputs.version)] as const)
        .filter(([chart, version]) => facts[chart] && facts[chart].version !== version)
        .map(([chart, version]) => `${chart} ${version}`);
}
