/** Whether a pattern with `*` takes a text, as Fluent Bit's `match` and `path` and Elasticsearch's index names do. */
export function matches(pattern: string, text: string): boolean {
    const escaped = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${escaped.join(".*")}$`).test(text);
}
