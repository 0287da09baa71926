/** Where an alert is: messages and dashboards are found by one of them, and routes group by both. */
export const PLACES = ["namespace", "node"] as const;

const AGGREGATION = /^(sum|avg|min|max|count|group|stddev|stdvar|quantile|count_values)\b/i;
/** They give the labels that they are told, whatever those of the argument are. */
const RELABELLING = /^label_(replace|join)\b/i;

/**
 * Whether an expression's result has neither label for sure, as far as its beginning tells. `npm run check:stacks` follows labels
 * through the whole of it, by a parser that only the tests install.
 */
export function losesPlace(promql: string): boolean {
    const text = promql
        .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""')
        .replace(/#.*$/gm, "");
    // The right side may give them.
    return !/\bor\b|\bgroup_right\b/i.test(text) && beginningLoses(text);
}

function beginningLoses(text: string): boolean {
    const start = text.replace(/^[\s(+-]+/, "");
    const scaled = /^[\d.]+(?:e[+-]?\d+)?\s*[-+*/%^]\s*(?=\S)/i.exec(start);
    if (scaled) {
        return beginningLoses(start.slice(scaled[0].length));
    }
    const name = /^[a-z_]\w*/i.exec(start)?.[0] ?? "";
    const rest = start.slice(name.length).trimStart();
    if (AGGREGATION.test(start)) {
        return aggregationLoses(rest);
    }
    if (!rest.startsWith("(") || RELABELLING.test(start)) {
        return false;
    }
    const { inside } = parenthesized(rest);
    if (/^absent(_over_time)?$/.test(name)) {
        return !PLACES.some((label) => new RegExp(`\\b${label}\\s*=\\s*""`).test(inside));
    }
    if (/^(vector|time|scalar|pi)$/.test(name)) {
        return true;
    }
    // Of a quantile, the vector is the second.
    const vector = commaSeparated(inside).find((each) => !/^\s*[\d.]*\s*$/.test(each));
    return vector !== undefined && beginningLoses(vector);
}

/** Its labels stand before its arguments, or after them. */
function aggregationLoses(rest: string): boolean {
    const modifier = /^(by|without)\s*(?=\()/i;
    const before = modifier.exec(rest);
    const { inside, after } = parenthesized(before ? rest.slice(before[0].length) : rest);
    if (before) {
        return groupingLoses(before[1], inside);
    }
    const behind = modifier.exec(after.trimStart());
    return groupingLoses(
        behind?.[1],
        behind ? parenthesized(after.trimStart().slice(behind[0].length)).inside : "",
    );
}

function groupingLoses(modifier: string | undefined, labels: string): boolean {
    const named = labels.split(",").map((label) => label.trim());
    const has = (label: string) => named.includes(label);
    return modifier?.toLowerCase() === "without" ? PLACES.every(has) : !PLACES.some(has);
}

/** What the first parenthesis of a text holds, and what follows it. */
function parenthesized(text: string): { readonly inside: string; readonly after: string } {
    let depth = 0;
    for (let at = 0; at < text.length; at++) {
        depth += text[at] === "(" ? 1 : text[at] === ")" ? -1 : 0;
        if (depth === 0) {
            return { inside: text.slice(1, at), after: text.slice(at + 1) };
        }
    }
    return { inside: text.slice(1), after: "" };
}

function commaSeparated(text: string): string[] {
    const parts = [""];
    let depth = 0;
    for (const letter of text) {
        depth += /[([{]/.test(letter) ? 1 : /[)\]}]/.test(letter) ? -1 : 0;
        if (letter === "," && depth === 0) {
            parts.push("");
        } else {
            parts.push(`${parts.pop() ?? ""}${letter}`);
        }
    }
    return parts;
}
