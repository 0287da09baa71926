import * as pulumi from "@pulumi/pulumi";

import { Recorded, textIn } from "./recordedState";

/**
 * The Kubernetes provider applies with the field manager that this annotation names, and with a random one otherwise.
 * A fixed one lets an object be applied again that the state does not know, and says whose it is.
 */
export const FIELD_MANAGER = "pulumi.com/patchFieldManager";

/** Where charts keep what is for all of them, and read what they know; a release's own values are in Helm's record. */
const IN_VALUES = ["global", "observability", "stack"] as const;

/** The stack's full name, `organization/project/stack`: what its objects and releases are marked with. */
export function ownMark(): string {
    return stackMark(pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack());
}

export function stackMark(organization: string, project: string, stack: string): string {
    return [organization, project, stack].join("/");
}

/** Whose an object is: the full name of a stack, or undefined when no stack of this program made it. */
export function markOfObject(annotations: Readonly<Record<string, string>>): string | undefined {
    return annotations[FIELD_MANAGER];
}

/** Whose a Helm release is, by its values. */
export function markOfValues(values: unknown): string | undefined {
    return textIn(values, ...IN_VALUES);
}

type Properties = Readonly<Record<string, unknown>>;

/** An object's properties with the mark. */
export function markedObject(props: Properties, mark: string): Properties {
    return { ...props, metadata: changed(props.metadata, (metadata) => annotated(metadata, mark)) };
}

/** A release's properties with the mark in its values. */
export function markedRelease(props: Properties, mark: string): Properties {
    return {
        ...props,
        values: changed(props.values, (values) => {
            const global = (values.global ?? {}) as Properties;
            return { ...values, global: { ...global, [IN_VALUES[1]]: { [IN_VALUES[2]]: mark } } };
        }),
    };
}

/**
 * Whether the state has a resource that was made without a mark. It stays so: what is recorded needs none, and a new
 * field manager would be refused what the old one has, where a value changes at the same time.
 */
export function isUnmarked({ outputs }: Recorded): boolean {
    const annotations = (outputs.metadata as { annotations?: Record<string, string> } | undefined)
        ?.annotations;
    return (
        markOfObject(annotations ?? {}) === undefined && markOfValues(outputs.values) === undefined
    );
}

function annotated(metadata: Properties, mark: string): Properties {
    const annotations = changed(metadata.annotations, (present) => ({
        ...present,
        [FIELD_MANAGER]: mark,
    }));
    return { ...metadata, annotations };
}

/** Plain values stay plain, so that what is known before anything registers stays known. */
function changed(value: unknown, change: (value: Properties) => Properties): unknown {
    return pulumi.Output.isInstance(value) || value instanceof Promise
        ? pulumi.output(value).apply((known) => change((known ?? {}) as Properties))
        : change((value ?? {}) as Properties);
}
