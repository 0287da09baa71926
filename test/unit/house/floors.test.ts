import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { ROOT } from "../../../lab/program/stackFile";

/** The rooms as CONTRIBUTING.md draws them, from the ground up; those of one line may not import from the next. */
const FLOORS = [
    "components/settings",
    "components/kubernetes",
    "components/alerting",
    "components/metrics",
    "components/backup",
    "components/redis",
    "components/logging",
    "components/tracing",
    "components/dashboards",
    "components/stack",
    "lab",
    "commands",
    "test",
];

interface Violation {
    readonly from: string;
    readonly to: string;
    readonly comment?: string;
    readonly rule: { readonly name: string };
}

/** What `npm run lint` says of a house with a file in each room. */
function violations(files: Readonly<Record<string, string>>): Violation[] {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-house-"));
    try {
        for (const [name, text] of Object.entries(files)) {
            const file = path.join(folder, name);
            fs.mkdirSync(path.dirname(file), { recursive: true });
            fs.writeFileSync(file, text);
        }
        for (const name of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"]) {
            fs.copyFileSync(path.join(ROOT, name), path.join(folder, name));
        }
        const program = path.join(
            ROOT,
            "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
        );
        const rooms = [...new Set(Object.keys(files).map((name) => name.split("/")[0] ?? ""))];
        const { stdout, stderr } = spawnSync(
            process.execPath,
            [program, "--output-type", "json", ...rooms],
            { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 },
        );
        assert.ok(stdout, stderr);
        return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}

function imports(from: string, rooms: readonly string[]): string {
    return rooms
        .map((room, i) => {
            const to = path.posix.relative(from, `${room}/room`);
            return `import { value as value${i} } from "${to.startsWith(".") ? to : `./${to}`}";\n`;
        })
        .join("");
}

describe("The house", () => {
    it("lets a room import from every floor below it, and from none above", () => {
        const files = Object.fromEntries(
            FLOORS.flatMap((room, floor) => [
                [`${room}/room.ts`, "export const value = 1;\n"],
                [`${room}/down.ts`, imports(room, FLOORS.slice(0, floor))],
                [`${room}/up.ts`, imports(room, FLOORS.slice(floor + 1))],
            ]),
        );
        const found = violations(files).filter(({ rule }) => rule.name.endsWith("stands below"));
        const wanted = FLOORS.flatMap((room, floor) =>
            FLOORS.slice(floor + 1).map((above) => `${room}/up.ts -> ${above}/room.ts`),
        );
        assert.deepEqual(found.map(({ from, to }) => `${from} -> ${to}`).sort(), wanted.sort());
    });

    it("keeps the entry point between the components and what runs them", () => {
        const found = violations({
            "index.ts": `import "./lab/room";\n`,
            "components/stack/up.ts": `import "../../index";\n`,
            "lab/room.ts": `import "../index";\nexport const value = 1;\n`,
        });
        assert.deepEqual(
            found
                .filter(({ rule }) => rule.name.endsWith("stands below"))
                .map(({ from, to }) => `${from} -> ${to}`)
                .sort(),
            ["components/stack/up.ts -> index.ts", "index.ts -> lab/room.ts"],
        );
    });

    it("has no circles of files", () => {
        const found = violations({
            "lab/a.ts": `import { b } from "./b";\nexport const a = b;\n`,
            "lab/b.ts": `import { a } from "./a";\nexport const b = a;\n`,
        });
        assert.deepEqual([...new Set(found.map(({ rule }) => rule.name))], ["no circles"]);
    });
});
