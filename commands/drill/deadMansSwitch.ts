import { Floor, floorSeconds } from "./floor";
import type { DrillContext } from "./runDrill";
import { milliseconds } from "./shortened";
import type { Outcome } from "./timeline";
import { Reporter, watch } from "./watch";

export const DEAD_MANS_SWITCH = {
    name: "prometheus-down",
    title: "Prometheus is killed: the heartbeat must stop, since no alert can come any more",
} as const;

/** Prometheus' own default of `--rules.alert.resend-delay`, which the stack does not change. */
export const RESEND_DELAY = "1m";
/** How long Prometheus' alerts stay valid at Alertmanager, in times that it would have sent them again. */
const LIFETIME = 4;
/** Intervals without a heartbeat after which what listens for it calls somebody: one may be late. */
const GRACE = 2;

/** Kills Prometheus, and watches until what listens for the heartbeat would call somebody, and until it is back. */
export async function runDeadMansSwitch({
    stage,
    endpoints,
    factor,
    print,
}: DrillContext): Promise<Outcome> {
    const [receiver] = endpoints.heartbeats;
    if (receiver === undefined) {
        throw new Error(
            "prod has no receiver of type heartbeat: nothing would tell that Prometheus is gone",
        );
    }
    const period = milliseconds(endpoints.receivers[receiver]?.interval ?? "1m") / factor;
    const lifetime = (LIFETIME * milliseconds(RESEND_DELAY)) / factor / 1000;
    const floor: Floor = [
        { name: `${LIFETIME} times Prometheus' resend delay`, seconds: lifetime },
        { name: `${GRACE} intervals without a heartbeat`, seconds: (GRACE * period) / 1000 },
    ];
    const lastBeat = () => endpoints.deliveries(receiver).at(-1)?.at ?? -Infinity;
    const beating = () => Promise.resolve(Date.now() - lastBeat() < period);
    if (!(await watch(2 * GRACE * (period / 1000) + lifetime, beating))) {
        throw new Error(`no heartbeat arrived at ${receiver} while Prometheus was running`);
    }

    const reporter = new Reporter(print);
    const faultAt = (reporter.faultAt = Date.now());
    await stage.killPrometheus();
    reporter.report("fault", { at: faultAt, kind: "fault", text: ["killed Prometheus"] });
    let silentAt: number | undefined;
    try {
        const silent = () => Promise.resolve(Date.now() - lastBeat() >= GRACE * period);
        if (await watch(1.5 * floorSeconds(floor) + 30, silent)) {
            silentAt = Date.now();
            const last = ["the last heartbeat arrived"];
            reporter.report("last", { at: lastBeat(), kind: "seen", text: last });
            const text = [`at ${receiver}`, `no heartbeat for ${(GRACE * period) / 1000} s`];
            reporter.report("page", { at: silentAt, kind: "page", text });
        }
    } finally {
        const at = Date.now();
        await stage.startPrometheus();
        reporter.report("recovery", { at, kind: "recovery", text: ["started Prometheus"] });
    }
    const back = await watch(floorSeconds(floor) + 30, beating);
    if (back) {
        const text = [`at ${receiver}`, "the heartbeat is back"];
        reporter.report("back", { at: lastBeat(), kind: "all-clear", text });
    }
    return {
        drill: DEAD_MANS_SWITCH.name,
        alert: "Watchdog",
        expected: [receiver],
        paged: silentAt === undefined ? [] : [receiver],
        notCleared: back ? [] : [receiver],
        timeToPage: silentAt === undefined ? undefined : (silentAt - faultAt) / 1000,
        floor,
    };
}
