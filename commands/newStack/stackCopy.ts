import { isMap, isScalar, Pair, parseDocument } from "yaml";

import { SECRET_KEYS } from "../../components/settings/secretKeys";
import type { NewStackRequest } from "./arguments";

/** The text of a new stack file, and what of it is not as in the file that it was made of. */
export interface StackCopy {
    readonly text: string;
    /** Lines in which the old name became the new one. */
    readonly renamed: readonly string[];
    /** Keys that are a stack's own, and were left out. */
    readonly leftOut: readonly string[];
}

/** What belongs to one stack: the key of its secrets, what only that opens, and its cluster's context. */
const OWN = ["secretsprovider", "encryptedkey", "encryptionsalt", "kubeContext", ...SECRET_KEYS];

/**
 * Makes a stack file of the text of another one. Where the other's name stands as a word by itself (`staging`,
 * `redis-staging`, `grafana.staging.example.com`) the new one takes its place, so that namespaces, hosts and folders of
 * buckets are not shared. Each key that has no comment gets its description, by the key with the project's prefix.
 */
export function stackCopy(
    source: string,
    { stack, from }: NewStackRequest,
    descriptions: ReadonlyMap<string, string>,
): StackCopy {
    const kept: string[] = [];
    const leftOut: string[] = [];
    let end = 0;
    for (const { key, start, stop, commented } of entries(source)) {
        if (OWN.includes(key.replace(/^observability:/, ""))) {
            leftOut.push(key);
            kept.push(source.slice(end, start));
            end = stop;
            continue;
        }
        const description = descriptions.get(key);
        if (description !== undefined && !commented) {
            kept.push(source.slice(end, start), `  # ${description}\n`);
            end = start;
        }
    }
    const before = [...kept, source.slice(end)].join("").split("\n");
    const word = new RegExp(`(?<![A-Za-z0-9])${escaped(from)}(?![A-Za-z0-9])`, "g");
    const after = before.map((line) => line.replace(word, stack));
    return {
        text: after.join("\n"),
        renamed: after.filter((line, i) => line !== before[i]).map((line) => line.trim()),
        leftOut,
    };
}

interface Entry {
    readonly key: string;
    /** Of the line with the key, and of the line after its value. */
    readonly start: number;
    readonly stop: number;
    readonly commented: boolean;
}

/** Keys of the file and of its `config`, in the order in which they stand there. */
function entries(source: string): Entry[] {
    const { contents } = parseDocument(source);
    const all = isMap(contents) ? contents.items : [];
    const config = all.find(({ key }) => isScalar(key) && key.value === "config")?.value;
    const pairs = [
        ...all.filter(({ key }) => isScalar(key) && key.value !== "config"),
        ...(isMap(config) ? config.items : []),
    ];
    return pairs.map((pair) => entry(source, pair)).sort(({ start: a }, { start: b }) => a - b);
}

function entry(source: string, { key, value }: Pair): Entry {
    const { value: name, range } = key as { value: unknown; range: [number, number, number] };
    const start = source.lastIndexOf("\n", range[0]) + 1;
    const last = (value as { range?: [number, number, number] } | null)?.range?.[1] ?? range[1];
    // A map of several lines ends after its last line.
    const stop = source[last - 1] === "\n" ? last : source.indexOf("\n", last) + 1 || source.length;
    const above = source.slice(0, start).trimEnd().split("\n").at(-1) ?? "";
    return { key: String(name), start, stop, commented: above.trim().startsWith("#") };
}

function escaped(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
