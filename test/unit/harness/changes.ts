import type { LiveObject } from "../../../lab/cluster/kubeClient";

/** Another object in the place of one; none takes it away. */
export type Change = (object: LiveObject) => LiveObject | undefined;

/** Replaces a text wherever it is in the object. */
export function replace(from: string, to: string): Change {
    return (each) => JSON.parse(JSON.stringify(each).replaceAll(from, to)) as LiveObject;
}

/** Another spec, and other labels where they are given. */
export function withSpec(spec: object, labels?: Readonly<Record<string, string>>): Change {
    return (each) => ({
        ...each,
        metadata: { ...each.metadata, ...(labels ? { labels } : {}) },
        spec,
    });
}

/** Takes the object away. */
export const WITHOUT: Change = () => undefined;
