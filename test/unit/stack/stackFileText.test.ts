import assert from "node:assert/strict";

import { readStackText } from "../../../components/stack/stackFileText";

const read = (config: string) => readStackText(`config:\n${config}`, "observability");
const told = (text: string): string[] =>
    readStackText(text, "observability").problems.map(
        ({ path, got, allowed }) => `${path}: got ${got}; ${allowed}`,
    );

describe("The text of a stack file", () => {
    it("is read as the engine does", () => {
        const { config, problems } = read(
            [
                "  observability:a: { x: 1, y: 0.5, z: yes, t: true, n: ~ }",
                "  kubernetes:namespace: x",
                "  short: text",
                "  observability:empty:",
                "  observability:base: &base { x: 1, y: 2 }",
                "  observability:merged: { <<: *base, y: 3 }",
            ].join("\n"),
        );
        assert.deepEqual(problems, []);
        assert.deepEqual(config, {
            "observability:a": { x: 1, y: 0.5, z: "yes", t: true, n: null },
            "kubernetes:namespace": "x",
            "observability:short": "text",
            "observability:empty": "",
            "observability:base": { x: 1, y: 2 },
            "observability:merged": { x: 1, y: 3 },
        });
    });

    for (const [written, instead] of Object.entries({
        "010": "10",
        "0644": "644",
        "1_000": "1000",
        "0b11": "3",
        "0x1F": "31",
        "-017": "-17",
    })) {
        it(`refuses ${written}, which YAML's versions read differently`, () => {
            const [line = "", ...others] = told(`config:\n  observability:a: { b: ${written} }`);
            assert.deepEqual(others, []);
            assert.ok(
                line.startsWith(`a.b: got ${written}; ${instead}, or a text in quotes`),
                line,
            );
        });
    }

    const wrong: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
        "an empty file": ["", /^: got an empty file; a stack file: copy one that is there/],
        "only a comment": ["# nothing\n", /got an empty file/],
        "a text for a map": ["config: text\n", /^config: got a text; a map of keys such as/],
        "a list for a map": ["config: [a]\n", /^config: got a list;/],
        "a config without keys": ["config:\n", /^config: got nothing;/],
        "a list for a file": ["- a\n", /^: got no map; a map with config/],
        "two documents": ["config: {}\n---\nconfig: {}\n", /^: got 2 documents; one document/],
        "a key of no stack file": [
            `confg: {}\n`,
            /"confg", an unknown key .*did you mean "config"\?/,
        ],
        "a key twice": [
            "config:\n  a:b: 1\n  a:b: 2\n",
            /^line 3: got YAML that cannot be read \(DUPLICATE_KEY/,
        ],
        "a wrong indent": [
            "config:\n  a:b:\n   c: 1\n  d: 2\n x: 3\n",
            /^line \d: got YAML that cannot be read/,
        ],
        "a tab": ["config:\n\ta:b: 1\n", /^line 2: got YAML that cannot be read/],
        "a key that is a number": ["config:\n  a:b: { 1: x }\n", /got a key that is no text/],
        "a number with underscores and a point": [
            "config:\n  a:b: 1_0.5\n",
            /^a:b: got 1_0.5; 10.5, or a text in quotes/,
        ],
        infinity: ["config:\n  a:b: { c: -.inf }\n", /^a:b.c: got -.inf; a number, or a text/],
        "a number too large": ["config:\n  a:b: [1e999]\n", /^a:b: got 1e999; a number, or a/],
        "a tag": [
            "config:\n  a:b: { c: !!binary aGVsbG8= }\n",
            /^a:b.c: got a tag \(!\); the value/,
        ],
        "a directive": ["%YAML 1.1\n---\nconfig: { a: b }\n", /^: got a directive \(%\); a file/],
        "a control character": ["config:\n  a:b: c\u0001\n", /^line 2: got a control character; /],
        "two colons in a key": [
            "config:\n  a:b:c: d\n",
            /^config: got the key "a:b:c"; a key with one/,
        ],
        "a key without a name": [
            'config:\n  "a:": d\n',
            /^config: got the key "a:"; a key with one colon/,
        ],
        "a list as a key": [
            "config:\n  a:b: { ? [c] : d }\n",
            /got a key that is no text; keys in quotes/,
        ],
        "an alias within its anchor": [
            "config:\n  a:b: &x { c: *x }\n",
            /^: got an alias \(\*name\) within its own anchor; /,
        ],
        "an alias of no anchor": [
            "config:\n  a:b: *x\n",
            /^: got an alias \(\*name\) of no anchor; /,
        ],
        "a merge of a text": [
            "config:\n  a:b: { <<: c }\n",
            /^: got aliases .* that cannot be followed; /,
        ],
        "aliases of aliases of aliases": [
            `config:\n  a:a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n${["b", "c", "d", "e", "f", "g", "h"]
                .map(
                    (each) =>
                        `  a:${each}: &${each} [${Array(9)
                            .fill(`*${String.fromCharCode(each.charCodeAt(0) - 1)}`)
                            .join(", ")}]\n`,
                )
                .join("")}`,
            /^: got aliases .* that cannot be followed; /,
        ],
        "a hundred thousand levels": [
            `config: ${"[".repeat(100_000)}`,
            /^line 1: got YAML that cannot be read \(RESOURCE_EXHAUSTION/,
        ],
        "a date": [
            "config:\n  a:b: { c: 2026-01-01 }\n",
            /^b?.*: got 2026-01-01; a text in quotes/,
        ],
    };
    for (const [what, [text, says]] of Object.entries(wrong)) {
        it(`refuses ${what}, with one line that says what to do`, () => {
            const lines = told(text);
            assert.equal(lines.length, 1, lines.join("\n"));
            assert.match(lines[0] ?? "", says);
        });
    }

    it("never shows what stands beside an error", () => {
        for (const text of [
            "config:\n  observability:receiverSecrets: {chat: TOPSECRET\n",
            "config:\n  observability:receiverSecrets:\n    chat: `TOPSECRET\n",
            'config:\n  observability:receiverSecrets:\n    chat: "TOPSECRET\n',
            "config:\n  observability:receiverSecrets:\n    chat: a\n   TOPSECRET: x\n",
            "config:\n  observability:receiverSecrets: *TOPSECRET\n",
            "config:\n  observability:receiverSecrets: !TOPSECRET x\n  x\n",
            "TOPSECRET",
        ]) {
            const lines = told(text);
            assert.notEqual(lines.length, 0, text);
            assert.doesNotMatch(lines.join("\n"), /TOPSECRET/);
        }
    });

    it("refuses secrets in clear, and takes ciphertexts", () => {
        assert.deepEqual(
            told(
                "config:\n  observability:receiverSecrets:\n    chat: TOPSECRET\n    pager: { secure: v1:x:y }\n",
            ),
            [
                "receiverSecrets.chat: got a secret in clear (hidden); npx pulumi config set --secret --path 'observability:receiverSecrets.chat' VALUE, which encrypts it; and change it, since it may be in git's history",
            ],
        );
        assert.deepEqual(told("config:\n  observability:redisPasswords: { secure: v1:x:y }\n"), []);
        assert.equal(told("config:\n  observability:receiverSecrets: TOPSECRET\n").length, 1);
        assert.equal(
            told("config:\n  observability:backupCredentials: { a: { secure: 5 } }\n").length,
            1,
        );
    });
});
