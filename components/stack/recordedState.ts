import * as pulumi from "@pulumi/pulumi";

/** A resource as the last update of this stack left it in the state. */
export interface Recorded {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    /** What the provider answered; secrets are plain or missing. */
    readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * The stack's own state, read through the engine before anything is registered: empty for a new stack. Throws what the
 * engine says when the backend cannot be read.
 */
export async function recordedState(project: string, stack: string): Promise<Recorded[]> {
    const stackName = `${pulumi.getOrganization()}/${project}/${stack}`;
    // The function behind StackReference's getters, which would leave a resource in the state.
    const answer = (await pulumi.runtime.invoke(
        "pulumi:pulumi:readStackResourceOutputs",
        { stackName },
        { async: true },
    )) as {
        readonly outputs?: Readonly<
            Record<string, { type: string; outputs?: Record<string, unknown> }>
        >;
    };
    return Object.entries(answer.outputs ?? {}).map(([urn, { type, outputs }]) => ({
        urn,
        type,
        name: urn.slice(urn.lastIndexOf("::") + 2),
        outputs: outputs ?? {},
    }));
}

/** The text at a path of keys, or undefined when there is none. */
export function textIn(value: unknown, ...path: readonly string[]): string | undefined {
    const found = path.reduce<unknown>(
        (here, key) =>
            typeof here === "object" && here !== null
                ? (here as Record<string, unknown>)[key]
                : undefined,
        value,
    );
    return typeof found === "string" ? found : undefined;
}

/** The value at a path, or the Output on the way to it. */
export function plainAt(value: unknown, path: readonly string[]): unknown {
    return path.reduce<unknown>(
        (here, each) =>
            pulumi.Output.isInstance(here)
                ? here
                : typeof here === "object" && here !== null
                  ? (here as Record<string, unknown>)[each]
                  : undefined,
        value,
    );
}
