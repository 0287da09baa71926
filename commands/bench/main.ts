import { engineSetup } from "../../lab/engine";
import { benchEngine } from "./engine";
import { benchOffline } from "./offline";

/**
 * `npm run bench`: wall times, each the median and the range of several runs. With CHARTS_DIR and KUBE_CONTEXT set it
 * also times the engine beside a floor: a program without any logic that registers the same resources.
 */
async function main(): Promise<void> {
    benchOffline();
    const setup = engineSetup();
    if (typeof setup === "string") {
        console.log(`\n${setup}`);
    } else {
        await benchEngine(setup);
    }
}

void main();
