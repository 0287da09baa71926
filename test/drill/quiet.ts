import { seriesNow } from "./prometheusApi";
import type { Stage } from "./stage";
import { watch } from "./watch";

/**
 * Waits until every exporter is scraped and reaches its Redis, and no alert but the Watchdog is pending or firing.
 * Throws with what is still there after `seconds`.
 */
export async function untilQuiet({ prometheusUrl, pods }: Stage, seconds: number): Promise<void> {
    let noise: string[] = [];
    const quiet = await watch(seconds, async () => {
        const up = await seriesNow(prometheusUrl, "redis_up == 1");
        const missing = pods.filter((pod) => !up.some((labels) => labels.pod === pod));
        const alerts = await seriesNow(prometheusUrl, 'ALERTS{alertname!="Watchdog"}');
        noise = [
            ...missing.map((pod) => `${pod} is not scraped, or its Redis does not answer`),
            ...alerts.map(
                ({ alertname, alertstate, app }) => `${alertname} of ${app} is ${alertstate}`,
            ),
        ];
        return noise.length === 0;
    });
    if (!quiet) {
        throw new Error(
            `The drill needs a quiet stage, and after ${seconds} s:\n  ${noise.join("\n  ")}`,
        );
    }
}
