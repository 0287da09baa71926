import type { Labels } from "../kubernetes/labels";
import { Component, componentOf } from "./components";
import { adaptedImage, ImageSettings, imageText } from "./images";
import { changedAt, Fields, given, lifted, overlaid } from "./overlay";
import { nodeFields, placementOf, pullSecrets, spreadConstraints } from "./placement";
import { withoutIds } from "./platforms";
import { adaptedResources } from "./resources";
import type { AdaptationSettings } from "./settings";

/** Where a kind has its pods' template. */
export const POD_TEMPLATES: Readonly<Record<string, readonly string[]>> = {
    Deployment: ["spec", "template"],
    StatefulSet: ["spec", "template"],
    DaemonSet: ["spec", "template"],
    Job: ["spec", "template"],
    CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** A template of pods that this program makes, with what the configuration says. */
export function adaptedTemplate(template: unknown, settings: AdaptationSettings): unknown {
    return lifted(template, (known) => {
        const { metadata, spec } = known as { metadata?: { labels?: Labels }; spec: unknown };
        const component = componentOf(metadata?.labels ?? {});
        return {
            ...(known as Fields),
            metadata: overlaid(metadata ?? {}, commonMetadata(settings)),
            spec: adaptedPodSpec(spec, component, settings),
        };
    });
}

/** Labels and annotations that everything has. */
export function commonMetadata({
    commonLabels: labels,
    commonAnnotations: annotations,
}: Pick<AdaptationSettings, "commonLabels" | "commonAnnotations">): Fields {
    return {
        ...(Object.keys(labels).length > 0 ? { labels } : {}),
        ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    };
}

function adaptedPodSpec(
    spec: unknown,
    component: Component,
    settings: AdaptationSettings,
): unknown {
    const placement = placementOf(settings, component);
    return lifted(spec, (pod) => {
        const { affinity, topologySpreadConstraints } = pod as {
            affinity?: Fields;
            topologySpreadConstraints?: readonly { labelSelector: { matchLabels: unknown } }[];
        };
        // Pods of one workload are selected by what selects them already; a Job is one pod.
        const selected = topologySpreadConstraints?.[0]?.labelSelector.matchLabels;
        const over = given({
            ...nodeFields(placement),
            topologySpreadConstraints:
                placement.topologySpread && selected
                    ? spreadConstraints(placement.topologySpread, selected)
                    : undefined,
            imagePullSecrets: pullSecrets(settings),
        });
        // Pods that share a volume must be on its node.
        const kept = affinity?.podAffinity
            ? { affinity: { podAffinity: affinity.podAffinity } }
            : {};
        const merged = overlaid(overlaid(pod, over), kept);
        const images = ["initContainers", "containers"].reduce(
            (all, key) => withImages(all, [key, "*", "image"], settings.images),
            merged,
        );
        const contexts = [
            ["securityContext"],
            ["containers", "*", "securityContext"],
            ["initContainers", "*", "securityContext"],
        ].reduce((all, path) => withoutIds(all, path, settings), images);
        return sized(contexts, component, settings);
    });
}

/** The image at a path, where it now comes from. */
export function withImages(
    value: unknown,
    path: readonly string[],
    settings: ImageSettings,
): unknown {
    return changedAt(value, path, (image) => imageText(adaptedImage(String(image), settings)));
}

/** The first container is the main one. */
function sized(pod: unknown, component: Component, settings: AdaptationSettings): unknown {
    const resources = settings.resources[component];
    return resources
        ? changedAt(pod, ["containers"], (containers) =>
              (containers as Fields[]).map((each, i) =>
                  i === 0
                      ? { ...each, resources: adaptedResources(each.resources, resources) }
                      : each,
              ),
          )
        : pod;
}
