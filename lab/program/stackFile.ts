import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { formatProblems } from "../../components/settings/problems";
import { SECRET_KEYS } from "../../components/settings/secretKeys";
import { readStackText } from "../../components/stack/stackFileText";

export const ROOT = path.resolve(__dirname, "../..");
export const PROJECT = "observability";

/**
 * Stack files of the product's own: tests, drills and benchmarks run with them. Those beside Pulumi.yaml are the user's,
 * and no change of them may fail a test.
 */
export const FIXTURES = path.join(__dirname, "fixtures");

/** Configuration of a stack as the engine passes it: text as it is, everything else as JSON. */
export interface StackSettings {
    readonly config: Record<string, string>;
    readonly secretKeys: readonly string[];
}

/** Values by key without the project's prefix, such as `cluster`. */
export type Settings = Record<string, unknown>;

/** The stacks there are: those with a file Pulumi.<stack>.yaml beside Pulumi.yaml, by name. */
export function stackNames(root: string): string[] {
    return fs
        .readdirSync(root)
        .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
        .sort();
}

/**
 * The values of Pulumi.<stack>.yaml in a folder, as the engine reads them: keys of this program without its prefix, those
 * of others with theirs. Of the fixtures when no folder is given. Throws what is wrong in the text, all at once.
 */
export function readStackFile(stack: string, root = FIXTURES): Settings {
    const text = fs.readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8");
    const { config, problems } = readStackText(text, PROJECT);
    if (problems.length > 0) {
        throw new Error(formatProblems(problems, PROJECT, stack));
    }
    return withoutPrefix(config);
}

/** Keys of this program without its prefix. */
export function withoutPrefix(config: Readonly<Record<string, unknown>>): Settings {
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [
            key.startsWith(`${PROJECT}:`) ? key.slice(PROJECT.length + 1) : key,
            value,
        ]),
    );
}

/** Settings with the defaults of Pulumi.yaml, in the engine's form. */
export function stackSettings(settings: Settings, root = ROOT): StackSettings {
    const values: Settings = { ...projectDefaults(root), ...settings };
    const secretKeys: string[] = [];
    const config: Record<string, string> = {};
    for (const [key, value] of Object.entries(values)) {
        const fullKey = key.includes(":") ? key : `${PROJECT}:${key}`;
        const plain = withoutCiphertext(value);
        // Values of tests are in clear; what is in a file was looked at when it was read.
        if (plain !== value || (SECRET_KEYS as readonly string[]).includes(key)) {
            secretKeys.push(fullKey);
        }
        config[fullKey] = typeof plain === "string" ? plain : JSON.stringify(plain);
    }
    return { config, secretKeys };
}

function projectDefaults(root: string): Settings {
    const file = parse(fs.readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as {
        config: Record<string, { default?: unknown }>;
    };
    return Object.fromEntries(
        Object.entries(file.config)
            .filter(([, declaration]) => declaration.default !== undefined)
            .map(([key, declaration]) => [key.replace(`${PROJECT}:`, ""), declaration.default]),
    );
}

/** Such as every key with secrets takes. */
const ENCRYPTED = "encryptedInTheStackFile";

/** `{secure: ciphertext}` cannot be read without the stack's key, and nothing offline needs the value. */
function withoutCiphertext(value: unknown): unknown {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return value;
    }
    if (typeof (value as { secure?: unknown }).secure === "string") {
        return ENCRYPTED;
    }
    const entries = Object.entries(value).map(
        ([key, each]) => [key, withoutCiphertext(each)] as const,
    );
    return entries.every(([key, each]) => each === (value as Settings)[key])
        ? value
        : Object.fromEntries(entries);
}
