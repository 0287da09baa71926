/** Columns of a terminal that every line of a summary fits in, but for commands to copy. */
export const WIDTH = 100;

/** Items in one line of so many columns; of those that do not fit, the sum of their counts. */
export function inOneLine(
    items: readonly { readonly text: string; readonly count: number }[],
    width: number,
): string {
    for (let shown = items.length; shown >= 0; shown--) {
        const rest = items.slice(shown).reduce((total, { count }) => total + count, 0);
        const texts = items.slice(0, shown).map(({ text }) => text);
        const text = [...texts, ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
        if (text.length <= width) {
            return text;
        }
    }
    return "";
}

/** Items after a title, in as many lines as they need; further lines start below the first item. */
export function wrapped(title: string, items: readonly string[], width = WIDTH): string[] {
    const lines: string[] = [];
    let line = title;
    items.forEach((item, index) => {
        const text = index < items.length - 1 ? `${item},` : item;
        if (line.trim() !== "" && line.length + 1 + text.length > width && line !== title) {
            lines.push(line);
            line = " ".repeat(title.length);
        }
        line += ` ${text}`;
    });
    return [...lines, line];
}

/** Cores with at most two decimals: `1.25`. */
export function cores(cpu: number): string {
    return String(Math.round(cpu * 100) / 100);
}

/** Bytes in the largest unit that leaves one or more: `512Mi`, `2.5Gi`. */
export function size(bytes: number): string {
    const [unit, name]: [number, string] =
        bytes >= 2 ** 40 ? [2 ** 40, "Ti"] : bytes >= 2 ** 30 ? [2 ** 30, "Gi"] : [2 ** 20, "Mi"];
    return `${Math.round((bytes / unit) * 10) / 10}${name}`;
}
