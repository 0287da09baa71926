import { adaptedImage, imageText } from "../../components/adaptation/images";
import { ECK_IMAGES } from "../../components/adaptation/ownImages";
import { adaptationPart } from "../../components/adaptation/settings";
import { chartFacts } from "../../lab/charts/facts";
import { leaves, valueAt } from "../../lab/program/objects";
import type { Registration } from "../../lab/program/program";
import type { Settings } from "../../lab/program/stackFile";
import { chartName } from "./requests";

/** Every image that the stack runs, sorted, from where its nodes pull it: what a cluster without internet must reach. */
export function imagesOf(registrations: readonly Registration[], settings: Settings): string[] {
    const facts = chartFacts();
    const adapted = adaptationPart.keys.images.parse(settings.images);
    const images = registrations.flatMap(({ inputs }) => {
        if (inputs.chart !== undefined) {
            const images = facts[chartName(inputs)]?.images ?? [];
            return images.map((image) => imageText(adaptedImage(image, adapted)));
        }
        const eck = (ECK_IMAGES as Partial<Record<string, string>>)[String(inputs.kind)];
        const named = leaves(inputs.spec)
            .filter(([path, value]) => path.at(-1) === "image" && typeof value === "string")
            .map(([, value]) => String(value));
        return eck && named.length === 0
            ? [`${eck}:${String(valueAt(inputs, "spec", "version"))}`]
            : named;
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
