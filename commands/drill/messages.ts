import type { Delivery } from "./endpoints";
import type { TimelineEvent } from "./timeline";

/** Reports an event once; `key` tells one from another. */
type Report = (key: string, event: TimelineEvent) => void;

interface Told {
    readonly first: Delivery;
    readonly others: Delivery[];
}

/**
 * The messages of a drill as a person on call reads them: each once, however many receivers get it, and the end of an
 * alert only where its page was told. Or every message at every receiver, in the order of time.
 */
export class Messages {
    private readonly told = new Map<string, Told>();
    private readonly known = new Set<string>();
    private readonly paged = new Set<string>();

    constructor(
        private readonly report: Report,
        private readonly verbose: boolean,
    ) {}

    /** Takes all that have arrived since the fault; those that it knows already are not told again. */
    take(deliveries: readonly Delivery[]): void {
        for (const delivery of deliveries) {
            if (!this.known.has(delivery.id)) {
                this.known.add(delivery.id);
                this.tell(delivery);
            }
        }
    }

    /** Tells who else has got what was told, in a line for each message. */
    others(): void {
        for (const [key, { first, others }] of this.told) {
            const last = others.at(-1);
            if (last !== undefined) {
                const names = others.map(({ receiver }) => receiver);
                const text = [`the same at ${names.join(", ")}`];
                this.report(
                    `${key} others ${last.id}`,
                    eventOf({ ...last, status: first.status }, text),
                );
                others.length = 0;
            }
        }
    }

    private tell(delivery: Delivery): void {
        const { id, receiver, status, text } = delivery;
        const firing = status === "firing";
        const shown = [`at ${receiver}`, ...(firing ? text : text.slice(0, 1))];
        if (this.verbose) {
            this.report(`delivery ${id}`, eventOf(delivery, shown));
            return;
        }
        const title = titleOf(text);
        const about = title.replace(/^\[[^\]]*\] /, "");
        if (!firing && !this.paged.has(about)) {
            return;
        }
        if (firing) {
            this.paged.add(about);
        }
        const before = this.told.get(`${status} ${about}`);
        if (before) {
            before.others.push(delivery);
            return;
        }
        this.told.set(`${status} ${about}`, { first: delivery, others: [] });
        this.report(
            `delivery ${id}`,
            eventOf(delivery, firing ? shown : [`at ${receiver}`, title]),
        );
    }
}

function eventOf(
    { at, status }: Pick<Delivery, "at" | "status">,
    text: readonly string[],
): TimelineEvent {
    return { at, kind: status === "firing" ? "page" : "all-clear", text };
}

/** `[CRITICAL] RedisDown shop/cache (prod)`, whatever marks a service has around it. */
function titleOf(text: readonly string[]): string {
    const line = text.find((each) => /\[[A-Z]+[^\]]*\] /.test(each)) ?? text[0] ?? "";
    return /\[[A-Z]+[^\]]*\] [^*<]*/.exec(line)?.[0].trim() ?? line;
}
