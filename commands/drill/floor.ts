/** Something that a page waits for, in seconds at most. */
export interface FloorPart {
    readonly name: string;
    readonly seconds: number;
}

/** What a page waits for because it is configured so: in the worst case, nothing can be faster than their sum. */
export type Floor = readonly FloorPart[];

/** The share of the floor that a time to page should stay below. */
export const AIM = 1.15;

/** Seconds from a fault to its page when every interval has just begun. */
export function floorSeconds(floor: Floor): number {
    return floor.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** `scrape interval 3 + for 6 + evaluation interval 3 + group_wait 3 = 15 s`; parts of no time are left out. */
export function floorText(floor: Floor): string {
    const terms = floor
        .filter(({ seconds }) => seconds > 0)
        .map(({ name, seconds }) => `${name} ${round(seconds)}`);
    return `${terms.join(" + ")} = ${round(floorSeconds(floor))} s`;
}

/** At most one decimal. */
export function round(value: number): string {
    return String(Math.round(value * 10) / 10);
}
