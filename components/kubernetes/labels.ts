export type Labels = Readonly<Record<string, string>>;

/** On everything that this program makes: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/. */
export const PART_OF: Labels = { "app.kubernetes.io/part-of": "observability" };

/** Labels of a workload of ours; `selectorLabels` picks its pods by. */
export function workloadLabels(name: string, component: string): Labels {
    return {
        ...PART_OF,
        ...selectorLabels(name, component),
        "app.kubernetes.io/managed-by": "pulumi",
    };
}

export function selectorLabels(name: string, component: string): Labels {
    return { "app.kubernetes.io/name": name, "app.kubernetes.io/component": component };
}
