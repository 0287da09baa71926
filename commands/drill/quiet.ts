import { seriesNow } from "./prometheusApi";
import type { Stage } from "./stage";
import { watch } from "./watch";

/** Seconds until every exporter has been scraped, more than a few scrape intervals as shipped. */
const SCRAPED = 120;

/**
 * Waits until every exporter is scraped and reaches its Redis, and then for `seconds` at most until no alert but the
 * Watchdog and those of a digest is pending or firing. Throws with what is still there.
 */
export async function untilQuiet(stage: Stage, seconds: number): Promise<void> {
    await untilNone(stage, SCRAPED, () => notScraped(stage));
    await untilNone(stage, seconds, () => alerts(stage));
}

async function untilNone(
    stage: Stage,
    seconds: number,
    look: () => Promise<readonly string[]>,
): Promise<void> {
    let noise: readonly string[] = [];
    const quiet = await watch(seconds, async () => {
        stage.check();
        noise = await look();
        return noise.length === 0;
    });
    if (!quiet) {
        throw new Error(
            `The drill needs a quiet stage, and after ${seconds} s:\n  ${noise.join("\n  ")}`,
        );
    }
}

async function notScraped({ prometheusUrl, pods }: Stage): Promise<string[]> {
    const up = await seriesNow(prometheusUrl, "redis_up == 1");
    return pods
        .filter((pod) => !up.some((labels) => labels.pod === pod))
        .map((pod) => `${pod} is not scraped, or its Redis does not answer`);
}

async function alerts({ prometheusUrl }: Stage): Promise<string[]> {
    const all = await seriesNow(prometheusUrl, 'ALERTS{alertname!="Watchdog", severity!="info"}');
    return all.map(({ alertname, alertstate, app }) => `${alertname} of ${app} is ${alertstate}`);
}
