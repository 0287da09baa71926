import * as pulumi from "@pulumi/pulumi";

/** A resource as the program declares it. Properties may hold Outputs. */
export interface Declared {
    readonly type: string;
    readonly name: string;
    readonly props: Readonly<Record<string, unknown>>;
    readonly resource: pulumi.Resource;
}

/** Everything that the program declares, held back until the whole is known and allowed. */
export interface Declarations {
    readonly all: readonly Declared[];
    /** Begins to note what is declared: once, after the transformations whose changes are to be noted. */
    watch(): void;
    /** Lets the providers register; nothing of them reaches a cluster by itself. */
    releaseProviders(): void;
    /** Lets everything else register. What was never released is never registered. */
    releaseAll(): void;
}

/** Read before anything else, and making nothing. */
const READ_ONLY = "pulumi:pulumi:StackReference";

/**
 * Builds the program while every resource waits for its release, so that a program that refuses has registered nothing.
 * Names in `exempt` wait for the providers alone. Rejects with what `build` throws.
 */
export async function heldBack<T>(
    exempt: readonly string[],
    build: (declarations: Declarations) => Promise<T>,
): Promise<T> {
    const all: Declared[] = [];
    const providers = gate();
    const others = gate();
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
        if (type === READ_ONLY) {
            return undefined;
        }
        const first = type.startsWith("pulumi:providers:") || exempt.includes(name);
        const { passed } = first ? providers : others;
        return { props, opts: pulumi.mergeOptions(opts, { dependsOn: passed }) };
    });
    const watch = () =>
        pulumi.runtime.registerStackTransformation(({ resource, type, name, props }) => {
            if (type !== READ_ONLY) {
                all.push({ type, name, props, resource });
            }
            return undefined;
        });
    try {
        return await build({
            all,
            watch,
            releaseProviders: providers.open,
            releaseAll: others.open,
        });
    } catch (error) {
        // What waits must end: the same error, which the SDK shows once.
        providers.close(error as Error);
        others.close(error as Error);
        throw error;
    }
}

interface Gate {
    readonly passed: Promise<pulumi.Resource[]>;
    readonly open: () => void;
    readonly close: (error: Error) => void;
}

function gate(): Gate {
    let open = (): void => undefined;
    let close: Gate["close"] = () => undefined;
    const passed = new Promise<pulumi.Resource[]>((resolve, reject) => {
        open = () => resolve([]);
        close = reject;
    });
    // Nothing may wait at it.
    passed.catch(() => undefined);
    return { passed, open, close };
}
