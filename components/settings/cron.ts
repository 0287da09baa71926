/**
 * The cron schedules of five fields that a CronJob takes, in the reading of https://pkg.go.dev/github.com/robfig/cron/v3#ParseStandard,
 * which the API server uses. Other programs know more: `7` for Sunday, `L`, `W`, `#` and `H`.
 */

interface Field {
    readonly least: number;
    readonly most: number;
    /** Names of its values, the first of which is `least`. */
    readonly names?: readonly string[];
    /** Whether `?` may stand for `*`. */
    readonly any?: true;
}

const FIELDS: readonly Field[] = [
    { least: 0, most: 59 },
    { least: 0, most: 23 },
    { least: 1, most: 31, any: true },
    {
        least: 1,
        most: 12,
        names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" "),
    },
    { least: 0, most: 6, names: "sun mon tue wed thu fri sat".split(" "), any: true },
];

/** Whether the API server takes a schedule for a CronJob. */
export function isCron(text: string): boolean {
    const fields = text.trim().split(/\s+/);
    return (
        fields.length === FIELDS.length &&
        FIELDS.every((field, i) =>
            (fields[i] ?? "").split(",").every((range) => isRange(range, field)),
        )
    );
}

function isRange(text: string, field: Field): boolean {
    const [range = "", step, ...rest] = text.split("/");
    if (rest.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) {
        return false;
    }
    if (range === "*" || (range === "?" && field.any)) {
        return true;
    }
    const [first, last, ...more] = range.split("-").map((each) => valueOf(each, field));
    return (
        more.length === 0 &&
        first !== undefined &&
        (last === undefined ? !range.includes("-") : first <= last)
    );
}

function valueOf(text: string, { least, most, names = [] }: Field): number | undefined {
    const named = names.indexOf(text.toLowerCase());
    const value = named >= 0 ? named + least : /^\d{1,2}$/.test(text) ? Number(text) : NaN;
    return value >= least && value <= most ? value : undefined;
}
