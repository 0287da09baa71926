import type * as pulumi from "@pulumi/pulumi";

import { OPERATOR_RESOURCES } from "./operatorResources";
import { adaptedTemplate, commonMetadata, POD_TEMPLATES } from "./podTemplate";
import { changedAt, Fields, lifted, overlaid } from "./overlay";
import { adaptedValues } from "./releaseValues";
import type { AdaptationSettings } from "./settings";

const RELEASE = "kubernetes:helm.sh/v3:Release";

/**
 * What the configuration says of everything that the stack makes, applied to each resource as it is declared: what a part
 * makes need not know of it, and cannot leave it out. See docs/adr/0020-adapted-in-one-place.md.
 */
export function adaptation(settings: AdaptationSettings): pulumi.ResourceTransformation {
    return ({ type, props, opts }) => {
        if (type === RELEASE) {
            const { name, values } = props as { name: string; values: unknown };
            const adapted = lifted(values, (known) => adaptedValues(name, known, settings));
            return { props: { ...props, values: adapted }, opts };
        }
        return type.startsWith("kubernetes:")
            ? { props: adaptedObject(props, settings), opts }
            : undefined;
    };
}

/** What a Prometheus selects by labels. */
const SELECTED: readonly string[] = [
    "ServiceMonitor",
    "PodMonitor",
    "ScrapeConfig",
    "Probe",
    "PrometheusRule",
];

/** An object of Kubernetes as it is declared. */
export function adaptedObject(object: Fields, settings: AdaptationSettings): Fields {
    const kind = String(object.kind);
    const { metadata } = object;
    const name = String((metadata as Fields | undefined)?.name);
    const { labels, annotations } = commonMetadata(settings);
    const common = {
        // Labels of these reach the selectors of their Services, and restart Redis.
        ...(labels && !kind.startsWith("Redis") ? { labels } : {}),
        ...(annotations ? { annotations } : {}),
    };
    const selected = settings.existing.prometheus?.objectLabels ?? {};
    const asked =
        SELECTED.includes(kind) && Object.keys(selected).length > 0 ? { labels: selected } : {};
    const labelled: Fields = {
        ...object,
        metadata: overlaid(overlaid(metadata, common), asked),
    };
    const template = POD_TEMPLATES[kind];
    if (template) {
        return changedAt(labelled, template, (pods) => adaptedTemplate(pods, settings)) as Fields;
    }
    const operated = OPERATOR_RESOURCES[kind];
    return operated
        ? { ...labelled, spec: lifted(labelled.spec, (spec) => operated(spec, name, settings)) }
        : labelled;
}
