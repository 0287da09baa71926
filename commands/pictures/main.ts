import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";

import type { DashboardJson } from "../../components/dashboards/model/types";
import { withFolder } from "../../lab/program/runs";
import { Answers, answersOf } from "./answers";
import { withPage } from "./browser";
import { bundled, install } from "./bundle";
import { comparison } from "./comparison";
import { draw, SHOTS } from "./draw";
import { changedSince, Drawn, drawnDashboards, DRAWN_FILE, fingerprints } from "./drawn";
import { withStage } from "./stage";

const ROOT = path.resolve(__dirname, "../..");
const FOLDER = "docs/dashboards";

/**
 * `npm run pictures`: draws every dashboard, or those whose uids are given, to docs/dashboards/. With `--changed` those that
 * are not as they were drawn, with `--since REF` those that are not as they were drawn in a commit. With `--to FOLDER` the pictures
 * go there, beside what they were in that commit, and a page that shows both. Needs Go, Chromium, and at the first run npm.
 */
async function main(args: readonly string[]): Promise<void> {
    const { values, positionals } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
            changed: { type: "boolean", default: false },
            since: { type: "string" },
            to: { type: "string" },
        },
    });
    const { changed, since, to } = values;
    const now = fingerprints(await drawnDashboards());
    const before = since === undefined ? drawnNow() : drawnIn(since);
    const chosen = wanted(positionals, now);
    const uids =
        changed || since !== undefined
            ? changedSince(before, now).filter((uid) => chosen.includes(uid))
            : chosen;
    if (uids.length === 0) {
        console.log("no dashboard has changed since it was drawn");
        return;
    }
    const folder = path.resolve(to ?? path.join(ROOT, FOLDER));
    await drawAll(uids, folder);
    if (to === undefined) {
        const drawn = { ...drawnNow(), ...only(now, uids) };
        // In the order of the list, and without what is no more.
        const kept = Object.fromEntries(
            Object.keys(now).flatMap((uid) => (drawn[uid] ? [[uid, drawn[uid]]] : [])),
        );
        fs.writeFileSync(path.join(folder, DRAWN_FILE), `${JSON.stringify(kept, null, 4)}\n`);
    } else {
        writeBefore(uids, folder, since ?? "HEAD");
        fs.writeFileSync(path.join(folder, "index.html"), comparison(uids, SHOTS));
    }
}

function wanted(uids: readonly string[], now: Drawn): string[] {
    const known = Object.keys(now);
    const wrong = uids.filter((uid) => !known.includes(uid));
    if (wrong.length > 0) {
        throw new Error(`got ${wrong.join(", ")}; allowed: ${known.join(", ")}`);
    }
    return uids.length === 0 ? known : [...uids];
}

function only(all: Drawn, uids: readonly string[]): Drawn {
    return Object.fromEntries(Object.entries(all).filter(([uid]) => uids.includes(uid)));
}

async function drawAll(uids: readonly string[], target: string): Promise<void> {
    install();
    fs.mkdirSync(target, { recursive: true });
    await withFolder(async (folder) => {
        const shown: [DashboardJson, Answers][] = [];
        let titles: Pick<DashboardJson, "uid" | "title" | "tags">[] = [];
        await withStage(folder, async (stage) => {
            const all = stage.dashboards as readonly DashboardJson[];
            titles = all.map(({ uid, title, tags }) => ({ uid, title, tags }));
            for (const dashboard of all.filter(({ uid }) => uids.includes(uid ?? ""))) {
                shown.push([dashboard, await answersOf(dashboard, stage)]);
            }
        });
        await withPage(await bundled(folder), async (page) => {
            for (const [dashboard, answers] of shown) {
                await draw(page, target, { dashboard, answers, dashboards: titles });
            }
        });
    });
}

function drawnNow(): Drawn {
    const file = path.join(ROOT, FOLDER, DRAWN_FILE);
    return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Drawn) : {};
}

/** Of a commit; nothing where it has none. */
function drawnIn(ref: string): Drawn {
    const text = fileIn(ref, DRAWN_FILE);
    return text === undefined ? {} : (JSON.parse(text.toString("utf8")) as Drawn);
}

/** The pictures as they are in a commit, as far as it has them. */
function writeBefore(uids: readonly string[], folder: string, ref: string): void {
    fs.mkdirSync(path.join(folder, "before"), { recursive: true });
    for (const file of uids.flatMap((uid) => SHOTS.map((shot) => `${uid}-${shot}.png`))) {
        const png = fileIn(ref, file);
        if (png !== undefined) {
            fs.writeFileSync(path.join(folder, "before", file), png);
        }
    }
}

/** Throws where there is no such commit. */
function fileIn(ref: string, file: string): Buffer | undefined {
    const git = (...args: readonly string[]) =>
        spawnSync("git", args, { cwd: ROOT, maxBuffer: 64 * 2 ** 20 });
    const known = git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
    if (known.status !== 0) {
        throw new Error(
            `got --since ${ref}; allowed: a commit, a branch or a tag of this repository`,
        );
    }
    const { status, stdout } = git("show", `${known.stdout.toString().trim()}:${FOLDER}/${file}`);
    return status === 0 ? stdout : undefined;
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
