/** A section of Fluent Bit's classic format; a key may come more than once. */
export interface Section {
    readonly type: string;
    readonly options: ReadonlyMap<string, readonly string[]>;
}

/** https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/classic-mode/format-schema */
export function sections(text: string): Section[] {
    return text
        .split(/^(?=\[)/m)
        .filter((part) => part.trim() !== "")
        .map((part) => {
            const [head = "", ...lines] = part.trim().split("\n");
            const options = new Map<string, string[]>();
            for (const line of lines) {
                const match = /^ {4}(\S+) +(.*)$/.exec(line);
                if (!match) {
                    throw new Error(`not a key and a value, indented by 4: "${line}"`);
                }
                const [, key = "", value = ""] = match;
                options.set(key, [...(options.get(key) ?? []), value]);
            }
            return { type: head.replace(/^\[(.*)\]$/, "$1"), options };
        });
}

/** The value of a key that comes once. */
export function option({ type, options }: Section, key: string): string {
    const values = options.get(key) ?? [];
    if (values.length !== 1) {
        throw new Error(`${type} has ${values.length} values of ${key}`);
    }
    return values.join();
}

/** Whether a pattern with `*` takes a text, as `Match`, `Path` and `Exclude_Path` do. */
export function matches(pattern: string, text: string): boolean {
    const escaped = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${escaped.join(".*")}$`).test(text);
}
