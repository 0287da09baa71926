/** One line of an exposition. */
export interface Sample {
    /** With the suffix of its series: `_bucket`, `_sum`, `_count`. */
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: string;
}

export interface Exposition {
    /** Type by family, in the order of the text. */
    readonly types: ReadonlyMap<string, string>;
    readonly samples: readonly Sample[];
}

/** `label="value"`, or a metric's name in quotes, as names that are not legacy ones are written. */
const PART = /(?:([a-zA-Z_][a-zA-Z0-9_]*|"(?:[^"\\]|\\.)*")\s*=\s*)?"((?:[^"\\]|\\.)*)"\s*,?\s*/gy;

/**
 * Reads a `/metrics` answer in Prometheus' text format,
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format. Throws at a line that is not in it.
 */
export function parseExposition(text: string): Exposition {
    const types = new Map<string, string>();
    const samples: Sample[] = [];
    for (const line of text.split("\n")) {
        const [, family, type] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
        if (family !== undefined && type !== undefined) {
            types.set(unquote(family), type);
        } else if (line.trim() !== "" && !line.startsWith("#")) {
            samples.push(parseSample(line));
        }
    }
    return { types, samples };
}

function parseSample(line: string): Sample {
    let name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? "";
    let rest = line.slice(name.length);
    const labels: Record<string, string> = {};
    if (rest.startsWith("{")) {
        PART.lastIndex = 1;
        let end = 1;
        for (let match = PART.exec(rest); match; match = PART.exec(rest)) {
            const [, label, value = ""] = match;
            if (label === undefined) {
                name = unescape(value);
            } else {
                labels[unquote(label)] = unescape(value);
            }
            end = PART.lastIndex;
        }
        rest = rest.slice(end + 1);
    }
    const value = /^\s*(\S+)(\s+-?[\d.]+)?\s*(#.*)?$/.exec(rest)?.[1];
    if (name === "" || value === undefined) {
        throw new Error(`not a sample in Prometheus' text format: ${line}`);
    }
    return { name, labels, value };
}

function unquote(text: string): string {
    return text.startsWith('"') ? unescape(text.slice(1, -1)) : text;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n" };

function unescape(text: string): string {
    return text.replace(/\\(.)/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
}
