import * as pulumi from "@pulumi/pulumi";

import type { Registration } from "./program";

interface SecretDataWatch {
    /** The registrations, those of Secrets with the keys whose values are no secret. */
    withPublicKeys(registrations: readonly Registration[]): Promise<Registration[]>;
    restore(): void;
}

/**
 * Watches what the SDK makes secret. It does so with the data of a Secret as a whole, and which of its values were
 * secret before is known only there. A value that was made of a secret one is secret too: Pulumi keeps track of it.
 */
export function watchSecretData(): SecretDataWatch {
    const sdk: { secret: typeof pulumi.secret } = pulumi;
    const { secret } = sdk;
    const known: Promise<readonly [string, readonly string[]]>[] = [];
    sdk.secret = (value: pulumi.Input<unknown>) => {
        if (isPlainMap(value)) {
            known.push(publicKeysOf(value));
        }
        return secret(value);
    };
    return {
        withPublicKeys: async (registrations) => {
            const publicKeys = new Map(await Promise.all(known));
            return registrations.map((registration) => {
                const data = dataOf(registration);
                const keys = data && publicKeys.get(fingerprint(data));
                return keys ? { ...registration, publicKeys: keys } : registration;
            });
        },
        restore: () => void (sdk.secret = secret),
    };
}

async function publicKeysOf(
    data: Readonly<Record<string, unknown>>,
): Promise<readonly [string, readonly string[]]> {
    const entries = await Promise.all(
        Object.entries(data).map(async ([key, value]) => {
            const output = pulumi.output(value);
            return { key, value: await resolved(output), secret: await pulumi.isSecret(output) };
        }),
    );
    const values = Object.fromEntries(entries.map(({ key, value }) => [key, value]));
    const shown = entries.filter((entry) => !entry.secret).map(({ key }) => key);
    return [fingerprint(values), shown];
}

/** The value, or undefined where a preview cannot know it: `apply` is never called then. */
async function resolved(output: pulumi.Output<unknown>): Promise<unknown> {
    const { isKnown } = output as unknown as { readonly isKnown: Promise<boolean> };
    return (await isKnown) ? new Promise((resolve) => output.apply(resolve)) : undefined;
}

/** The data of a Secret that holds text; undefined for everything else. */
function dataOf({ inputs }: Registration): Readonly<Record<string, unknown>> | undefined {
    const { stringData } = inputs as { stringData?: { secret?: unknown } };
    return isPlainMap(stringData?.secret) ? stringData.secret : undefined;
}

/** The same text for the same keys and values, whatever their order. */
function fingerprint(values: Readonly<Record<string, unknown>>): string {
    return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
    return (
        typeof value === "object" &&
        value !== null &&
        !pulumi.Output.isInstance(value) &&
        !Array.isArray(value)
    );
}
