import type { Delivery } from "./endpoints";
import { formatEvent, TimelineEvent } from "./timeline";

/** Time between two looks, in milliseconds. */
const LOOK = 250;

/** Prints each event of a drill once, as it is found. */
export class Reporter {
    private readonly seen = new Set<string>();
    faultAt = Date.now();

    constructor(private readonly print: (line: string) => void) {}

    /** `key` tells one event from another. */
    report(key: string, event: TimelineEvent): void {
        if (!this.seen.has(key)) {
            this.seen.add(key);
            formatEvent(event, this.faultAt).forEach(this.print);
        }
    }
}

/** Looks until `look` says that all is there, or the time is over; returns whether it is. */
export async function watch(seconds: number, look: () => Promise<boolean>): Promise<boolean> {
    const end = Date.now() + seconds * 1000;
    while (!(await look())) {
        if (Date.now() > end) {
            return false;
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    return true;
}

/** The first message of a kind to each receiver. */
export function firstOfEach(
    deliveries: readonly Delivery[],
    wanted: (delivery: Delivery) => boolean,
): Map<string, Delivery> {
    const first = new Map<string, Delivery>();
    for (const delivery of deliveries.filter(wanted)) {
        if (!first.has(delivery.receiver)) {
            first.set(delivery.receiver, delivery);
        }
    }
    return first;
}
