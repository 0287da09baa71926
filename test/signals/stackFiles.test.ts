import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { readStackText } from "../../components/stack/stackFileText";
import { FIXTURES, PROJECT, stackNames } from "../../lab/program/stackFile";
import { run } from "../../lab/tools/commands";
import { pinnedVersion } from "../../lab/tools/toolFamilies";
import { goTool } from "../support/goTool";

type Values = Record<string, unknown>;

/** Files that both read, with what they read, by hand. */
const READ: Readonly<Record<string, readonly [text: string, config: Values]>> = {
    "values of every kind": [
        "config:\n  observability:a: {i: 5, f: 1.50, e: 1e3, n: -3, t: true, s: text, q: '010', z: ~, m: {}, l: []}\n",
        {
            "observability:a": {
                ...{ i: 5, f: 1.5, e: 1000, n: -3, t: true, s: "text", q: "010", z: null },
                ...{ m: {}, l: [] },
            },
        },
    ],
    "a key without a value": ["config:\n  observability:a:\n", { "observability:a": "" }],
    "an empty text and an empty map": [
        'config:\n  observability:a: ""\n  observability:b: {}\n',
        { "observability:a": "", "observability:b": {} },
    ],
    "a null below a key": [
        "config:\n  observability:a:\n    b:\n    c: null\n    d: [~, Null]\n",
        { "observability:a": { b: null, c: null, d: [null, null] } },
    ],
    "words that were truth values in YAML 1.1": [
        "config:\n  observability:a: [yes, no, on, off, y, n, True, FALSE]\n",
        { "observability:a": ["yes", "no", "on", "off", "y", "n", true, false] },
    ],
    "what were sixtieths in YAML 1.1": [
        "config:\n  observability:a: [1:30, 12:30:45]\n",
        { "observability:a": ["1:30", "12:30:45"] },
    ],
    "numbers with signs and points": [
        "config:\n  observability:a: [+5, -0.5, .5, 5., 0, 1E-2]\n",
        { "observability:a": [5, -0.5, 0.5, 5, 0, 0.01] },
    ],
    "a merge, whose map goes before": [
        "config:\n  observability:a: &a {x: 1, y: 1}\n  observability:b: {<<: *a, y: 2}\n",
        { "observability:a": { x: 1, y: 1 }, "observability:b": { x: 1, y: 2 } },
    ],
    "a merge of two maps, of which the first goes before": [
        "config:\n  observability:a: {y: 5, <<: [{x: 1}, {x: 2, z: 2}]}\n",
        { "observability:a": { x: 1, y: 5, z: 2 } },
    ],
    "an alias": [
        "config:\n  observability:a: &a [1]\n  observability:b: {c: *a}\n",
        { "observability:a": [1], "observability:b": { c: [1] } },
    ],
    "texts of several lines": [
        'config:\n  observability:a: |\n    b\n    c\n  observability:d: >-\n    e\n    f\n  observability:g: "h\n    i"\n',
        { "observability:a": "b\nc\n", "observability:d": "e f", "observability:g": "h i" },
    ],
    "a key without the project": ["config:\n  a: b\n", { "observability:a": "b" }],
    "keys of others": [
        "config:\n  kubernetes:namespace: x\n  aws:region: eu-west-1\n  pulumi:tags: {a: b}\n",
        { "kubernetes:namespace": "x", "aws:region": "eu-west-1", "pulumi:tags": { a: "b" } },
    ],
    ciphertexts: [
        "config:\n  observability:a: {secure: x}\n  observability:b: {c: {secure: y}, d: [{secure: z}]}\n",
        { "observability:a": "[secret]", "observability:b": { c: "[secret]", d: ["[secret]"] } },
    ],
    JSON: ['{"config": {"observability:a": {"b": 1}}}', { "observability:a": { b: 1 } }],
    "lines of Windows, and a byte order mark": [
        "\ufeffconfig:\r\n  observability:a: b\r\n",
        { "observability:a": "b" },
    ],
    "a start and an end": ["---\nconfig:\n  observability:a: b\n...\n", { "observability:a": "b" }],
    "a comment behind a value": [
        "config:\n  observability:a: b # c\n  observability:d: e#f\n",
        { "observability:a": "b", "observability:d": "e#f" },
    ],
    "an escape": ['config:\n  observability:a: "\\u00e9\\t"\n', { "observability:a": "é\t" }],
    "what else a stack file has": [
        "secretsprovider: passphrase\nencryptionsalt: v1:x\nconfig:\n  observability:a: b\n",
        { "observability:a": "b" },
    ],
};

/** Files that the preview must not take: the engine refuses them, or reads something else than is written. */
const REFUSED: Readonly<Record<string, readonly [text: string, engine: "error" | Values]>> = {
    "an octal number": ["config:\n  observability:a: 010\n", { "observability:a": 8 }],
    "a number in binary": ["config:\n  observability:a: [0b11]\n", { "observability:a": [3] }],
    "a number with underscores": [
        "config:\n  observability:a: [1_000, 1_0.5]\n",
        { "observability:a": [1000, 10.5] },
    ],
    "a date": [
        "config:\n  observability:a: 2026-01-01\n",
        { "observability:a": "2026-01-01 00:00:00 +0000 UTC" },
    ],
    "two documents": [
        "config:\n  observability:a: b\n---\nconfig:\n  observability:a: c\n",
        { "observability:a": "b" },
    ],
    "a directive": [
        "%YAML 1.1\n---\nconfig:\n  observability:a: [yes]\n",
        { "observability:a": ["yes"] },
    ],
    "a tag": ["config:\n  observability:a: !!binary aGVsbG8=\n", { "observability:a": "hello" }],
    "no text": ["", {}],
    "a comment": ["# nothing\n", {}],
    "no key": ["config:\n", {}],
    "config misspelt": ["confg:\n  observability:a: b\n", {}],
    "a key twice": ["config:\n  observability:a: b\n  observability:a: c\n", "error"],
    "a text for all": ["config: text\n", "error"],
    "a list for all": ["config: [a]\n", "error"],
    "two colons": ["config:\n  observability:a:b: c\n", "error"],
    infinity: ["config:\n  observability:a: [.inf]\n", "error"],
    "no number": ["config:\n  observability:a: [.nan]\n", "error"],
    "a number too large": [
        "config:\n  observability:a: [1e999]\n",
        { "observability:a": ["1e999"] },
    ],
    "an alias within its anchor": ["config:\n  observability:a: &a {b: *a}\n", "error"],
    "an alias of nothing": ["config:\n  observability:a: *a\n", "error"],
    "a merge of a text": ["config:\n  observability:a: {<<: b}\n", "error"],
    "a list for a key": ["config:\n  observability:a: {? [b] : c}\n", "error"],
    "a control character": ["config:\n  observability:a: b\u0001\n", "error"],
    "a wrong escape": ['config:\n  observability:a: "\\q"\n', "error"],
    "a tab before a key": ["config:\n\tobservability:a: b\n", "error"],
    "an open map": ["config: {observability:a: b\n", "error"],
    "a wrong indent": ["config:\n  a:\n    b: 1\n   c: 2\n", "error"],
};

describe("Stack files, as Pulumi's own parser reads them", () => {
    let folder: string;
    let engine: (files: readonly string[]) => Promise<("error" | Values)[]>;
    before(async function () {
        this.timeout(0);
        const stackconfig = await goTool(this, "stackconfig");
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "stack-files-"));
        const project = path.join(folder, "Pulumi.yaml");
        fs.writeFileSync(project, `name: ${PROJECT}\nruntime: nodejs\n`);
        engine = async (files) =>
            (await run(stackconfig, [project, ...files]))
                .trim()
                .split("\n")
                .map((line) => {
                    const { config, error } = JSON.parse(line) as {
                        config: Record<string, string>;
                        error?: string;
                    };
                    return error === undefined ? config : "error";
                });
    });
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    async function answers(texts: readonly string[]): Promise<("error" | Values)[]> {
        const files = texts.map((text, i) => {
            const file = path.join(folder, `Pulumi.stack-${i}.yaml`);
            fs.writeFileSync(file, text);
            return file;
        });
        return engine(files);
    }

    /** What the engine passes: texts as they are, all else as JSON. */
    function passed(config: Values): Record<string, unknown> {
        return Object.fromEntries(
            Object.entries(config).map(([key, value]) => [
                key,
                typeof value === "string" ? value : (JSON.parse(JSON.stringify(value)) as unknown),
            ]),
        );
    }
    /** The same of the engine's texts, by the kinds of values that are expected. */
    function asWritten(answer: "error" | Values, expected: Values): "error" | Values {
        return answer === "error"
            ? answer
            : Object.fromEntries(
                  Object.entries(answer).map(([key, text]) => [
                      key,
                      typeof expected[key] === "string"
                          ? text
                          : (JSON.parse(String(text)) as unknown),
                  ]),
              );
    }

    it("is the parser of the version that runs the program", () => {
        const { dependencies } = JSON.parse(
            fs.readFileSync(path.join(__dirname, "../../package.json"), "utf8"),
        ) as { dependencies: Record<string, string> };
        assert.equal(
            pinnedVersion("pulumi", "github.com/pulumi/pulumi/sdk/v3"),
            `v${dependencies["@pulumi/pulumi"]}`,
        );
    });

    it("are read the same by both", async () => {
        const told = await answers(Object.values(READ).map(([text]) => text));
        Object.entries(READ).forEach(([what, [text, expected]], i) => {
            const { config, problems } = readStackText(text, PROJECT);
            assert.deepEqual(problems, [], what);
            assert.deepEqual(hidden(passed(config)), expected, `the preview: ${what}`);
            assert.deepEqual(asWritten(told[i] ?? "error", expected), expected, `Pulumi: ${what}`);
        });
    });

    it("are refused by the preview where the engine refuses them or reads something else", async () => {
        const told = await answers(Object.values(REFUSED).map(([text]) => text));
        Object.entries(REFUSED).forEach(([what, [text, expected]], i) => {
            const answer = told[i] ?? {};
            assert.deepEqual(
                expected === "error" ? answer : asWritten(answer, expected),
                expected,
                `Pulumi: ${what}`,
            );
            const { problems } = readStackText(text, PROJECT);
            assert.equal(problems.length > 0, true, `taken: ${what}`);
        });
    });

    it("of the fixtures are read the same by both", async () => {
        const stacks = stackNames(FIXTURES);
        const files = stacks.map((stack) => path.join(FIXTURES, `Pulumi.${stack}.yaml`));
        const told = await engine(files);
        files.forEach((file, i) => {
            const { config, problems } = readStackText(fs.readFileSync(file, "utf8"), PROJECT);
            const expected = hidden(passed(config)) as Values;
            assert.deepEqual(problems, []);
            assert.ok(Object.keys(expected).length > 10);
            assert.deepEqual(asWritten(told[i] ?? "error", expected), expected);
        });
    });
});

/** Ciphertexts as the engine's parser shows them without a key. */
function hidden(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(hidden);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return typeof (value as { secure?: unknown }).secure === "string"
        ? "[secret]"
        : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hidden(each)]));
}
