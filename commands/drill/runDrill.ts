import { AlertTimes, alertTimes, findRule } from "./alertTimes";
import type { Drill, Symptom } from "./drills";
import type { Delivery, Endpoints } from "./endpoints";
import { floorSeconds } from "./floor";
import type { Generated } from "./generated";
import { Messages } from "./messages";
import { Sample, samplesSince, seriesNow } from "./prometheusApi";
import { receiversOf } from "./settings";
import type { Stage } from "./stage";
import type { Outcome } from "./timeline";
import { firstOfEach, Reporter, watch } from "./watch";

export interface DrillContext {
    readonly stage: Stage;
    readonly endpoints: Endpoints;
    readonly generated: Generated;
    /** Divides every interval. */
    readonly factor: number;
    readonly print: (line: string) => void;
    /** Every message at every receiver, in place of each once. */
    readonly verbose: boolean;
}

/** Seconds that a drill waits for what should have come: well beyond what counts as late. */
const PATIENCE = 30;

/** Breaks something, watches until every page has come, repairs it, and watches until every all-clear has come. */
export async function runDrill(drill: Drill, context: DrillContext): Promise<Outcome> {
    const run = new DrillRun(drill, context);
    return run.run();
}

class DrillRun {
    private readonly reporter: Reporter;
    private readonly messages: Messages;
    private readonly expected: readonly string[];
    private readonly times: AlertTimes;
    private faultAt = 0;

    constructor(
        private readonly drill: Drill,
        private readonly context: DrillContext,
    ) {
        const { generated, factor, print } = context;
        this.reporter = new Reporter(print);
        this.messages = new Messages(
            (key, event) => this.reporter.report(key, event),
            context.verbose,
        );
        const { rule } = findRule(generated.ruleGroups, drill.alert);
        this.expected = receiversOf(rule.labels?.severity ?? "");
        this.times = alertTimes(generated, drill, this.expected, factor);
    }

    async run(): Promise<Outcome> {
        const { drill, context, times } = this;
        const { stage } = context;
        await drill.prepare?.(stage);
        this.faultAt = this.reporter.faultAt = Date.now();
        try {
            const what = await drill.inject(stage);
            this.reporter.report("fault", { at: this.faultAt, kind: "fault", text: [what] });
            await watch(floorSeconds(times.floor) + PATIENCE, () => this.lookForPages());
            this.messages.others();
        } finally {
            const at = Date.now();
            const text = [await drill.repair(stage)];
            this.reporter.report("recovery", { at, kind: "recovery", text });
        }
        const repairedAt = Date.now();
        // A message goes out at the end of a group's interval; the one after that is too late.
        const { keepFiring, groupInterval, floor } = times;
        await watch(keepFiring + groupInterval + floorSeconds(floor) + PATIENCE, () =>
            this.lookForAllClear(repairedAt),
        );
        this.messages.others();
        return this.outcome();
    }

    private async lookForPages(): Promise<boolean> {
        this.context.stage.check();
        const { alert } = this.drill;
        const seen = await this.firstBroken(this.drill.symptom);
        if (seen) {
            const text = [`scraped: ${this.drill.symptom.text}`];
            this.reporter.report("seen", { at: seen.at, kind: "seen", text });
        }
        for (const state of ["pending", "firing"] as const) {
            const first = earliest(await this.samples(this.series(state)));
            if (first) {
                this.reporter.report(state, { at: first.at, kind: state, text: [alert] });
            }
        }
        const pages = this.pages();
        this.reportDeliveries();
        return this.expected.every((receiver) => pages.has(receiver));
    }

    private async lookForAllClear(repairedAt: number): Promise<boolean> {
        this.context.stage.check();
        this.reportDeliveries();
        const { prometheusUrl } = this.context.stage;
        const firing = await seriesNow(prometheusUrl, this.series("firing"));
        if (firing.length === 0) {
            const last = latest(await this.samples(this.series("firing")));
            const at = Math.max(repairedAt, (last?.at ?? 0) + this.times.evaluationInterval * 1000);
            this.reporter.report("resolved", { at, kind: "resolved", text: [this.drill.alert] });
        }
        const cleared = this.cleared();
        return this.expected.every((receiver) => cleared.has(receiver));
    }

    private series(state: "pending" | "firing"): string {
        const { alert, app } = this.drill;
        return `ALERTS{alertname="${alert}", app="${app}", alertstate="${state}"}`;
    }

    private async samples(selector: string): Promise<Sample[]> {
        const { prometheusUrl } = this.context.stage;
        const series = await samplesSince(prometheusUrl, selector, this.faultAt);
        return series.flatMap(({ samples }) => samples);
    }

    private async firstBroken({ selector, limit, broken }: Symptom): Promise<Sample | undefined> {
        const share = limit ? (latest(await this.samples(limit))?.value ?? Infinity) : 1;
        const samples = await this.samples(selector);
        return earliest(samples.filter(({ value }) => broken(value / share)));
    }

    /** Messages since the fault, of whatever alert. */
    private reportDeliveries(): void {
        const deliveries = this.context.endpoints.deliveries();
        this.messages.take(deliveries.filter(({ at }) => at >= this.faultAt));
    }

    private pages(): Map<string, Delivery> {
        return this.firstMessages("firing");
    }

    private cleared(): Map<string, Delivery> {
        return this.firstMessages("resolved");
    }

    private firstMessages(wanted: Delivery["status"]): Map<string, Delivery> {
        return firstOfEach(
            this.context.endpoints.deliveries(),
            ({ at, status, text }) =>
                at >= this.faultAt &&
                status === wanted &&
                text.some((line) => line.includes(this.drill.alert)),
        );
    }

    private outcome(): Outcome {
        const { drill, expected, times, faultAt } = this;
        const pages = this.pages();
        const cleared = this.cleared();
        const last = Math.max(...expected.map((receiver) => pages.get(receiver)?.at ?? NaN));
        return {
            drill: drill.name,
            alert: drill.alert,
            expected,
            paged: [...pages.keys()],
            notCleared: expected.filter((receiver) => !cleared.has(receiver)),
            timeToPage: Number.isNaN(last) ? undefined : (last - faultAt) / 1000,
            floor: times.floor,
        };
    }
}

function earliest(samples: readonly Sample[]): Sample | undefined {
    return [...samples].sort((a, b) => a.at - b.at)[0];
}

function latest(samples: readonly Sample[]): Sample | undefined {
    return earliest(samples) && [...samples].sort((a, b) => b.at - a.at)[0];
}
