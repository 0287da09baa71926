import { NODE_ADDRESS } from "../../lab/cluster/node/network";
import { RealNode } from "../../lab/cluster/node/realNode";
import { DEAD_MANS_SWITCH, runDeadMansSwitch } from "./deadMansSwitch";
import { DRILLS } from "./drills";
import { Endpoints } from "./endpoints";
import { generate, Generated } from "./generated";
import { LocalStage, LocalStageOptions } from "./local/localStage";
import { NodeStage } from "./node/nodeStage";
import { untilQuiet } from "./quiet";
import { DrillContext, runDrill } from "./runDrill";
import { drillReceivers, drillSettings } from "./settings";
import { milliseconds } from "./shortened";
import type { Stage } from "./stage";
import type { Outcome } from "./timeline";

/** What every interval is divided by, unless the shipped ones are wanted. */
const FACTOR = 10;

/** Seconds that alerts look back at most, however short the intervals are, and some more. */
const LONGEST_RANGE = 360;

export interface RehearsalOptions {
    /** Names of drills, in order. */
    readonly drills: readonly string[];
    /** True for the intervals that are shipped. */
    readonly realTime: boolean;
    /** True for pods on a real node, inside a sandbox; false for local processes. */
    readonly onNode: boolean;
    /** True for every message at every receiver. */
    readonly verbose: boolean;
    readonly print: (line: string) => void;
}

/** A stage with everything that drills need, and drills on it one after the other. */
export class Rehearsal {
    private readonly stops: (() => Promise<unknown>)[] = [];
    private readonly factor: number;

    constructor(private readonly options: RehearsalOptions) {
        this.factor = options.realTime ? 1 : FACTOR;
    }

    /** Runs the drills; whatever happens, what was started has ended afterwards. */
    async run(): Promise<Outcome[]> {
        try {
            const context = await this.start();
            const outcomes: Outcome[] = [];
            for (const name of this.options.drills) {
                outcomes.push(await this.drill(name, context));
            }
            return outcomes;
        } finally {
            await this.stop();
        }
    }

    /** Ends what was started, the last first. */
    async stop(): Promise<void> {
        for (let stop = this.stops.pop(); stop; stop = this.stops.pop()) {
            await stop();
        }
    }

    private async start(): Promise<DrillContext> {
        const { print, verbose } = this.options;
        const { factor } = this;
        const node = this.options.onNode ? await this.startNode() : undefined;
        const host = node ? NODE_ADDRESS : "127.0.0.1";
        const endpoints = await Endpoints.start(drillReceivers(), host);
        this.stops.push(() => endpoints.stop());
        const program = await generate(drillSettings(endpoints));
        const generated = { ...program, alertmanager: endpoints.reachedBy(program.alertmanager) };
        const stage = node
            ? await NodeStage.start({ node, generated, factor })
            : await this.startProcesses({ generated, factor });
        print("The stage:");
        [...stage.description, intervals(generated, factor)].forEach((line) => print(`- ${line}`));
        return { stage, endpoints, generated, factor, print, verbose };
    }

    private async startNode(): Promise<RealNode> {
        const node = await RealNode.prepare({ simulatedNodes: false });
        this.stops.push(() => node.stop());
        await node.join();
        return node;
    }

    private async startProcesses(options: LocalStageOptions): Promise<Stage> {
        const stage = await LocalStage.start(options);
        this.stops.push(() => stage.stop());
        return stage;
    }

    private async drill(name: string, context: DrillContext): Promise<Outcome> {
        const drill = DRILLS.find((each) => each.name === name);
        if (drill) {
            await untilQuiet(context.stage, Math.max(LONGEST_RANGE, (10 * 60) / this.factor));
        }
        this.options.print(`\n${name}: ${(drill ?? DEAD_MANS_SWITCH).title}`);
        const outcome = await (drill ? runDrill(drill, context) : runDeadMansSwitch(context));
        context.endpoints.refusals().forEach((line) => this.options.print(`refused at ${line}`));
        return outcome;
    }
}

/** Says which intervals are not those that are shipped. */
function intervals({ prometheus, alertmanager }: Generated, factor: number): string {
    const { scrapeInterval, evaluationInterval } = prometheus;
    if (factor === 1) {
        return "every interval is as shipped";
    }
    const shown = Object.entries({
        "scrape interval": scrapeInterval,
        "evaluation interval": evaluationInterval,
        group_wait: alertmanager.route.group_wait ?? "30s",
        group_interval: alertmanager.route.group_interval ?? "5m",
    }).map(
        ([name, shipped]) => `${name} ${milliseconds(shipped) / 1000 / factor} s for ${shipped}`,
    );
    return `every interval, and every \`for\`, is 1/${factor} of what is shipped: ${shown.join(", ")}`;
}
