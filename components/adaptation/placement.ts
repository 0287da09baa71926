import { Component, ON_EVERY_NODE } from "./components";
import { Fields, given } from "./overlay";
import type { Spread } from "../kubernetes/placement";
import type { AdaptationSettings, Placement } from "./settings";

/** Where the pods of a component run: its own fields, each over the default's. */
export function placementOf(
    { scheduling }: Pick<AdaptationSettings, "scheduling">,
    component: Component,
): Placement {
    const shared = ON_EVERY_NODE.includes(component) ? {} : scheduling.default;
    return { ...shared, ...scheduling[component] };
}

/** Fields of a pod that say where it runs, without the spread. */
export function nodeFields({
    nodeSelector,
    tolerations,
    affinity,
    priorityClassName,
}: Placement): Fields {
    return given({ nodeSelector, tolerations, affinity, priorityClassName });
}

/** Constraints for pods with these labels. */
export function spreadConstraints(
    spread: readonly Spread[],
    matchLabels: unknown,
): readonly Fields[] {
    return spread.map((each) => ({ ...each, labelSelector: { matchLabels } }));
}

/** `imagePullSecrets` of a pod; nothing without any. */
export function pullSecrets({ images }: Pick<AdaptationSettings, "images">): Fields[] | undefined {
    return images.pullSecrets.length > 0 ? images.pullSecrets.map((name) => ({ name })) : undefined;
}
