import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { checkStacks, StackFindings } from "../../commands/checkStacks/checkStacks";
import { previewStacks } from "../../commands/preview/main";
import type { ProgramOptions, ProgramRun } from "../../lab/program/program";
import { isolatedRun, withFolder } from "../../lab/program/runs";
import { FIXTURES, PROJECT, Settings } from "../../lab/program/stackFile";
import { withoutUnhandledRejections } from "../support/refusal";
import { Edit, EDITS } from "./edits";

/** The text of a stack file after an edit, in the format of `pulumi config set`: two spaces, no comments. */
function edited({ stack, set = {}, remove = [] }: Edit): string {
    const text = fs.readFileSync(path.join(FIXTURES, `Pulumi.${stack}.yaml`), "utf8");
    const file = parse(text) as { config: Settings };
    for (const [at, value] of Object.entries(set)) {
        const { holder, key } = placeOf(file.config, at);
        holder[key] = value;
    }
    for (const at of remove) {
        const { holder, key } = placeOf(file.config, at);
        assert.ok(key in holder, `${at} is not in the file`);
        delete holder[key];
    }
    return stringify(file, { indent: 2 });
}

function placeOf(config: Settings, at: string): { holder: Settings; key: string } {
    const [first = "", ...rest] = at.split(".");
    const keys = [`${PROJECT}:${first}`, ...rest];
    const key = keys.pop() ?? "";
    const holder = keys.reduce((here, each) => {
        here[each] ??= {};
        return here[each] as Settings;
    }, config);
    return { holder, key };
}

interface Day extends StackFindings {
    readonly good: boolean;
    readonly printed: string;
}

/** What a user sees of these stack files: `npm start` and `npm run check:stacks`. */
function dayWith(files: Readonly<Record<string, string>>): Promise<Day> {
    return withFolder(async (folder) => {
        for (const [stack, text] of Object.entries(files)) {
            fs.writeFileSync(path.join(folder, `Pulumi.${stack}.yaml`), text);
        }
        const lines: string[] = [];
        const run = once();
        return withoutUnhandledRejections(async () => {
            const good = await previewStacks([], (line) => lines.push(line), folder, run);
            return { good, printed: lines.join("\n"), ...(await checkStacks(folder, run)) };
        });
    });
}

/** Both commands run the same program on the same file, which takes most of their time: here it runs once. */
function once(): (options: ProgramOptions) => Promise<ProgramRun> {
    const known = new Map<string, Promise<ProgramRun>>();
    return (options) => {
        const run = known.get(options.stack) ?? isolatedRun(options);
        known.set(options.stack, run);
        return run;
    };
}

const unchanged = (stack: "staging" | "prod"): string => edited({ stack });

describe("A user who edits a stack file as the documents say", () => {
    for (const [what, edit] of Object.entries(EDITS)) {
        it(`sees no failure: ${what}`, async () => {
            const { good, printed, problems } = await dayWith({ [edit.stack]: edited(edit) });
            assert.ok(good, printed);
            assert.deepEqual(problems, []);
            assert.match(printed, new RegExp(`^${edit.stack}: \\d+ objects and charts`, "m"));
        });
    }

    it("sees no failure: a third stack", async () => {
        const third = edited({
            stack: "staging",
            set: { "cluster.name": "qa", environment: "qa" },
        });
        const files = { staging: unchanged("staging"), qa: third };
        const { good, printed, problems } = await dayWith(files);
        assert.ok(good, printed);
        assert.deepEqual(problems, []);
        assert.match(printed, /^qa: /m);
        assert.match(printed, /^staging: /m);
    });
});

describe("npm run check:stacks", () => {
    it("says what two stacks cannot both be", async () => {
        const { problems } = await dayWith({
            staging: unchanged("staging"),
            other: unchanged("staging"),
        });
        assert.equal(problems.length, 1);
        assert.match(
            problems[0] ?? "",
            /^cluster\.name: other and staging both own the cluster staging, .*docs\/components\/tenants\.md/,
        );
    });

    it("says what is wrong in a file, and goes on with the next", async () => {
        const wrong = edited({ stack: "staging", set: { "retention.logs": "long" } });
        const { problems } = await dayWith({ prod: unchanged("prod"), staging: wrong });
        assert.equal(problems.length, 1);
        assert.match(problems[0] ?? "", /^staging: The configuration of stack "staging" has /);
        assert.match(problems[0] ?? "", /observability:retention\.logs: got "long"/);
    });

    it("notes critical alerts that nobody is told of, and routes that are not written yet", async () => {
        const { notes } = await dayWith({ staging: edited(EDITS["nobody to tell"] as Edit) });
        assert.ok(notes.some((note) => /nobody is told of \d+ critical alerts/.test(note)));
        assert.ok(notes.some((note) => note.includes("npm run routes writes it")));
    });

    it("notes a key that another stack has not", async () => {
        const files = {
            prod: unchanged("prod"),
            staging: edited({ stack: "staging", remove: ["slos"] }),
        };
        const { notes, problems } = await dayWith(files);
        assert.deepEqual(problems, []);
        assert.ok(notes.includes("slos is not in Pulumi.staging.yaml"), notes.join("\n"));
    });
});
