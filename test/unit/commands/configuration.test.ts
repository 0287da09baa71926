import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { Ajv2020 } from "ajv/dist/2020";
import { parse } from "yaml";
import { z } from "zod";

import { GENERATED, outdated } from "../../../commands/configuration/documents";
import { alertSettings } from "../../../components/alerting/rules/settings";
import { FIRES_WHEN } from "../../../components/alerting/rules/thresholdTexts";
import { schema } from "../../../components/stack/config";
import { FIXTURES, ROOT, stackNames } from "../../../lab/program/stackFile";

const FILES = ["docs/configuration.md", "Pulumi.yaml", "docs/stack.schema.json"];

function textOf(file: string): string {
    return fs.readFileSync(path.join(ROOT, file), "utf8");
}

function fixture(stack: string): string {
    return fs.readFileSync(path.join(FIXTURES, `Pulumi.${stack}.yaml`), "utf8");
}

describe("What is made of the schema of the configuration", () => {
    it("is up to date: run `npm run configuration` after a change", () => {
        assert.deepEqual(outdated(), []);
    });

    it("is written the same way again", () => {
        for (const { file, generate } of GENERATED) {
            assert.equal(generate(textOf(file), schema), textOf(file), file);
        }
    });

    const storageClass = z.string().describe("Another text");
    const replicas = (least: number) => z.int().min(least).describe("Pods").default(3);
    for (const [change, changed, files] of [
        ["a description", { storageClass }, FILES],
        ["a new key", { quotas: z.record(z.string(), z.string()).describe("Limits") }, FILES],
        [
            "a default and a bound of a field",
            { kibana: z.strictObject({ replicas: replicas(2) }).describe("Replicas and memory") },
            ["docs/configuration.md", "docs/stack.schema.json"],
        ],
    ] as const) {
        it(`is told to be out of date after a change of ${change}`, () => {
            const other = z.strictObject({ ...schema.shape, ...changed });
            assert.deepEqual(outdated(other as unknown as z.ZodObject), [...files]);
        });
    }

    it("says of every alert with thresholds when it fires", () => {
        const general = ["enabled", "severity", "for", "team", "keepFiringFor"];
        const silent = Object.entries(alertSettings.parse({}))
            .filter(([, settings]) => Object.keys(settings).some((key) => !general.includes(key)))
            .map(([alert]) => alert)
            .filter((alert) => !(alert in FIRES_WHEN));
        assert.deepEqual(silent, []);
    });

    it("describes every key", () => {
        const rows = textOf("docs/configuration.md").split("\n");
        const mute = rows.filter((row) => /^\| `[^|]+\|[^|]+\| *\|$/.test(row));
        // Of some kinds of snapshots there is no secret.
        assert.deepEqual(
            mute.filter((row) => !/^\| `(none|sharedFileSystem)`/.test(row)),
            [],
        );
    });
});

describe("The JSON schema of stack files", () => {
    const validate = new Ajv2020({
        allErrors: true,
        strict: true,
        // A key of redis.conf may be a text, a number or yes and no.
        allowUnionTypes: true,
        validateFormats: false,
    }).compile(JSON.parse(textOf("docs/stack.schema.json")) as object);
    const valid = parse(fixture("prod")) as {
        config: Record<string, Record<string, unknown>>;
    };
    const problems = (file: object): string[] => {
        validate(file);
        return (validate.errors ?? []).map(({ instancePath, message }) =>
            `${instancePath} ${message}`.trim(),
        );
    };
    const withKey = (key: string, value: unknown) => ({
        ...valid,
        config: { ...valid.config, [`observability:${key}`]: value },
    });

    it("is named in the first line of each stack file, and takes it", () => {
        const stacks = stackNames(FIXTURES);
        assert.ok(stacks.length > 0);
        for (const stack of stacks) {
            const text = fixture(stack);
            const [, named = ""] =
                /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? assert.fail(stack);
            assert.ok(fs.existsSync(path.join(FIXTURES, named)), named);
            assert.deepEqual(problems(parse(text) as object), [], stack);
        }
    });

    it("takes what the engine and other programs write beside our keys", () => {
        const file = {
            ...withKey("receiverSecrets", { pager: { secure: "v1:abc" } }),
            encryptionsalt: "v1:xyz",
            secretsprovider: "passphrase",
        };
        const config = { ...file.config, "aws:region": "eu-central-1", "kubernetes:context": "x" };
        assert.deepEqual(problems({ ...file, config }), []);
        assert.deepEqual(problems(withKey("backupPasswords", { secure: "v1:abc" })), []);
    });

    for (const [what, file, problem] of [
        ["an unknown key", withKey("promethus", {}), /must NOT have additional properties/],
        [
            "an unknown field",
            withKey("kibana", { replica: 1 }),
            /must NOT have additional properties/,
        ],
        [
            "a text for a number",
            withKey("kibana", { replicas: "two", memory: "1Gi" }),
            /replicas must be integer/,
        ],
        [
            "a size without a number",
            withKey("grafana", { storageSize: "big" }),
            /storageSize must match pattern/,
        ],
        [
            "a duration of two units",
            withKey("retention", { metrics: "1h30m", logs: "1d", traces: "1d", backups: "1d" }),
            /metrics must match pattern/,
        ],
        ["a kind that is none", withKey("backup", { repository: { type: "tape" } }), /repository/],
        [
            "no key that is needed",
            { config: { "observability:environment": "x" } },
            /required property/,
        ],
    ] as const) {
        it(`refuses ${what}`, () => {
            assert.match(problems(file).join("\n"), problem);
        });
    }
});
