/** A list is a key that comes more than once. */
type Options = Readonly<Record<string, string | number | readonly string[]>>;

/** A section of the classic format. */
export function section(name: string, options: Options): string {
    const width = Math.max(...Object.keys(options).map((key) => key.length));
    const lines = Object.entries(options).flatMap(([key, value]) =>
        (Array.isArray(value) ? value : [value]).map(
            (each) => `    ${key.padEnd(width)} ${String(each)}`,
        ),
    );
    return `[${name}]\n${lines.join("\n")}\n`;
}
