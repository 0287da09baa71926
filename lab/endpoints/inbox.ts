/** A message that an endpoint took, and when (milliseconds since the epoch). */
export interface Delivery<T> {
    readonly at: number;
    readonly message: T;
}

/** What arrived at an endpoint. Messages that the real service would refuse are not deliveries. */
export class Inbox<T> {
    readonly deliveries: Delivery<T>[] = [];
    /** Why messages were refused. */
    readonly refused: string[] = [];
    /** Milliseconds that each answer takes. */
    delay = 0;
    /** How often somebody tried to deliver, whatever became of it. */
    attempts = 0;
    private waiting: (() => void)[] = [];

    accept(message: T): void {
        this.deliveries.push({ at: Date.now(), message });
        this.waiting.splice(0).forEach((wake) => wake());
    }

    refuse(why: string): void {
        this.refused.push(why);
        this.waiting.splice(0).forEach((wake) => wake());
    }

    /** The first message that fits, of those that came or that come in time; says what came instead. */
    async waitFor(
        what: string,
        seconds: number,
        fits: (message: T) => boolean = () => true,
    ): Promise<T> {
        const end = Date.now() + seconds * 1000;
        for (;;) {
            const found = this.deliveries.find(({ message }) => fits(message));
            if (found) {
                return found.message;
            }
            if (Date.now() >= end) {
                throw new Error(
                    `${what}: not within ${seconds} s; ${this.attempts} attempts; refused: ${this.refused.join("; ") || "nothing"}; came: ${JSON.stringify(this.deliveries)}`,
                );
            }
            await this.somethingArrives(end - Date.now());
        }
    }

    private somethingArrives(milliseconds: number): Promise<void> {
        return new Promise((resolve) => {
            const timer = setTimeout(resolve, milliseconds);
            this.waiting.push(() => {
                clearTimeout(timer);
                resolve();
            });
        });
    }
}
