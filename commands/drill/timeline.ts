import { AIM, Floor, floorSeconds, floorText, round } from "./floor";

/** What happens to a fault, in this order when all goes well. */
export type EventKind =
    "fault" | "seen" | "pending" | "firing" | "page" | "recovery" | "resolved" | "all-clear";

/** One line of a drill's timeline. */
export interface TimelineEvent {
    /** Milliseconds since the epoch. */
    readonly at: number;
    readonly kind: EventKind;
    /** The first line, and what belongs below it. */
    readonly text: readonly string[];
}

/** How a drill ended. */
export interface Outcome {
    readonly drill: string;
    readonly alert: string;
    /** Receivers that should have got the page, and those that did. */
    readonly expected: readonly string[];
    readonly paged: readonly string[];
    /** Receivers that should have got the all-clear, and did not. */
    readonly notCleared: readonly string[];
    /** Seconds from the fault to the last expected page; undefined when one is missing. */
    readonly timeToPage: number | undefined;
    readonly floor: Floor;
}

const LABELS: Readonly<Record<EventKind, string>> = {
    fault: "FAULT",
    seen: "seen",
    pending: "pending",
    firing: "firing",
    page: "page",
    recovery: "REPAIRED",
    resolved: "resolved",
    "all-clear": "all-clear",
};

/** Lines of an event: seconds since the fault, what it is, and its text. */
export function formatEvent({ at, kind, text }: TimelineEvent, faultAt: number): string[] {
    const offset = ((at - faultAt) / 1000).toFixed(1);
    const [first = "", ...more] = text;
    return [
        `${`${at < faultAt ? "" : "+"}${offset}`.padStart(8)} s  ${LABELS[kind].padEnd(9)}  ${first}`,
        ...more.map((line) => `${" ".repeat(23)}| ${line}`),
    ];
}

/** Receivers without the page. */
function missingPages({ expected, paged }: Outcome): string[] {
    return expected.filter((receiver) => !paged.includes(receiver));
}

/** Whether somebody went without the page, or without the all-clear. */
export function hasFailed(outcome: Outcome): boolean {
    return missingPages(outcome).length + outcome.notCleared.length > 0;
}

/** A line for each drill: its time to page, the floor, how they compare, and what is missing. */
export function formatSummary(outcomes: readonly Outcome[]): string[] {
    const width = Math.max(...outcomes.map(({ drill }) => drill.length));
    return outcomes.flatMap((outcome) => [
        `${outcome.drill.padEnd(width)}  ${verdict(outcome)}`,
        `${" ".repeat(width)}  longest: ${floorText(outcome.floor)}`,
    ]);
}

function verdict(outcome: Outcome): string {
    const missing = missingPages(outcome);
    const notes = [
        ...(missing.length > 0 ? [`NO PAGE at ${missing.join(", ")}`] : []),
        ...(outcome.notCleared.length > 0
            ? [`no all-clear at ${outcome.notCleared.join(", ")}`]
            : []),
    ];
    if (outcome.timeToPage === undefined) {
        return `${outcome.alert}: ${notes.join("; ")}`;
    }
    const ratio = outcome.timeToPage / floorSeconds(outcome.floor);
    const aim = ratio <= AIM ? `within ${AIM}` : `ABOVE the aim of ${AIM}`;
    return [
        `${outcome.alert}: ${round(outcome.timeToPage)} s to the last of ${count(outcome.expected.length, "page")} (${outcome.expected.join(", ")}), ${ratio.toFixed(2)} of the longest that is configured, ${aim}`,
        ...notes,
    ].join("; ");
}

function count(number: number, what: string): string {
    return `${number} ${what}${number === 1 ? "" : "s"}`;
}
