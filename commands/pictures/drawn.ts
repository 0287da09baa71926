import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { previewOf } from "../../lab/program/runs";
import { dashboardsOf, GrafanaDashboard } from "../../lab/promql/dashboards";
import { CHANGES } from "./stage";

/**
 * What each picture was drawn from, by the uid of its dashboard: a fingerprint of the dashboard's JSON and of what draws it. A
 * dashboard that changes without its pictures is told of by it, where nobody has a browser.
 */
export type Drawn = Readonly<Record<string, string>>;

/** Beside the pictures. */
export const DRAWN_FILE = "drawn.json";

/** The page and the made-up values. The metrics of the catalogue and the rules are not in it. */
const SOURCES = ["page/page.html", "page/page.jsx", "page/package-lock.json", "liveliness.ts"];

/** The fingerprints of dashboards as they are now. */
export function fingerprints(dashboards: readonly GrafanaDashboard[]): Drawn {
    const sources = SOURCES.map((file) => fs.readFileSync(path.join(__dirname, file), "utf8"));
    // A list of dashboards shows them all.
    const titles = dashboards.map((each) => (each as { title?: string }).title);
    return Object.fromEntries(
        dashboards.map((dashboard) => {
            const lists = (dashboard.panels ?? []).some(({ type }) => type === "dashlist");
            const text = JSON.stringify([dashboard, lists ? titles : [], ...sources]);
            const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
            return [dashboard.uid ?? "", hash];
        }),
    );
}

/** The dashboards that pictures show. */
export async function drawnDashboards(): Promise<GrafanaDashboard[]> {
    const { registrations } = await previewOf("staging", CHANGES);
    return dashboardsOf(registrations).map(({ dashboard }) => dashboard);
}

/** Uids whose fingerprint is another one than before, or that were not there. */
export function changedSince(before: Drawn, now: Drawn): string[] {
    return Object.keys(now).filter((uid) => now[uid] !== before[uid]);
}
