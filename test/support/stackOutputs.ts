import * as pulumi from "@pulumi/pulumi";

/** Outputs of the last run as the engine got them: those marked as secret hold the mark instead of their value. */
export function rawStackOutputs(): Record<string, unknown> {
    const monitor = pulumi.runtime.getMonitor() as unknown as {
        getRegisteredResources(): ReadonlyMap<string, { readonly state: unknown }>;
    };
    const stack = [...monitor.getRegisteredResources()].find(([urn]) =>
        urn.includes("::pulumi:pulumi:Stack::"),
    );
    const outputs = stack?.[1].state as { toJavaScript(): Record<string, unknown> };
    return outputs.toJavaScript();
}
