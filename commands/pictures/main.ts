import * as fs from "node:fs";
import * as path from "node:path";

import type { DashboardJson } from "../../components/dashboards/model/types";
import { withFolder } from "../../lab/program/runs";
import { Answers, answersOf } from "./answers";
import { withPage } from "./browser";
import { bundled, install } from "./bundle";
import { draw } from "./draw";
import { withStage } from "./stage";

const PICTURES = path.resolve(__dirname, "../../docs/dashboards");

/**
 * `npm run pictures`: draws every dashboard, or those whose uids are given, to docs/dashboards/. Needs Go, Chromium, and at
 * the first run npm.
 */
async function main(uids: readonly string[]): Promise<void> {
    install();
    await withFolder(async (folder) => {
        const shown: [DashboardJson, Answers][] = [];
        let titles: Pick<DashboardJson, "uid" | "title" | "tags">[] = [];
        await withStage(folder, async (stage) => {
            const all = stage.dashboards as readonly DashboardJson[];
            titles = all.map(({ uid, title, tags }) => ({ uid, title, tags }));
            const known = all.map(({ uid }) => uid ?? "");
            const wrong = uids.filter((uid) => !known.includes(uid));
            if (wrong.length > 0) {
                throw new Error(`got ${wrong.join(", ")}; allowed: ${known.join(", ")}`);
            }
            for (const dashboard of all) {
                if (uids.length === 0 || uids.includes(dashboard.uid ?? "")) {
                    shown.push([dashboard, await answersOf(dashboard, stage)]);
                }
            }
        });
        fs.mkdirSync(PICTURES, { recursive: true });
        await withPage(await bundled(folder), async (page) => {
            for (const [dashboard, answers] of shown) {
                await draw(page, PICTURES, { dashboard, answers, dashboards: titles });
            }
        });
    });
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
