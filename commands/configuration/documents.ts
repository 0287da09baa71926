import * as fs from "node:fs";
import * as path from "node:path";

import { isMap, isScalar, parseDocument, YAMLMap } from "yaml";
import { z } from "zod";

import { RECEIVER_SECRETS } from "../../components/alerting/routing/receiverSettings";
import { AlertName, alertSettings } from "../../components/alerting/rules/settings";
import { FIRES_WHEN } from "../../components/alerting/rules/thresholdTexts";
import { SNAPSHOT_CREDENTIALS } from "../../components/logging/snapshotSettings";
import { SECRET_KEYS } from "../../components/settings/secretKeys";
import { MAY_BE_ABSENT } from "../../components/stack/absentSettings";
import { schema } from "../../components/stack/config";
import { PROJECT, ROOT } from "../../lab/program/stackFile";
import { fieldOf, Row, rowsOf } from "./rows";

/** A file that is made of the schema of the configuration, wholly or in part. */
export interface Generated {
    /** From the folder of Pulumi.yaml. */
    readonly file: string;
    /** The whole file as it must be; `text` is what it is now. */
    readonly generate: (text: string, from: z.ZodObject) => string;
}

export const GENERATED: readonly Generated[] = [
    { file: "docs/configuration.md", generate: configurationPage },
    { file: "Pulumi.yaml", generate: projectFile },
    { file: "docs/stack.schema.json", generate: (_, from) => jsonSchema(from) },
];

/** The files that are not what the schema says. */
export function outdated(from: z.ZodObject = schema, root: string = ROOT): string[] {
    return GENERATED.filter(({ file, generate }) => {
        const at = path.join(root, file);
        const text = fs.existsSync(at) ? fs.readFileSync(at, "utf8") : "";
        return generate(text, from) !== text;
    }).map(({ file }) => file);
}

const TABLE =
    /<!-- (keys|receiver secrets|snapshot credentials|alerts):? ?(\S*) -->\n[\s\S]*?<!-- end -->/g;

/** The page with its tables made anew; what stands between them is people's. */
export function configurationPage(text: string, from: z.ZodObject): string {
    const roots = [...text.matchAll(TABLE)].flatMap(([, kind, at]) =>
        kind === "keys" && at ? [at] : kind === "alerts" ? ["alerting.rules"] : [],
    );
    return text.replace(TABLE, (_, kind: string, at: string) => {
        const lines = {
            keys: () => keyTable(from, at, roots),
            "receiver secrets": () => secretTable(),
            "snapshot credentials": () => credentialTable(),
            alerts: () => alertTable(),
        }[kind as "keys"]();
        return `<!-- ${kind}${at ? `: ${at}` : ""} -->\n\n${lines.join("\n")}\n\n<!-- end -->`;
    });
}

function keyTable(from: z.ZodObject, at: string, roots: readonly string[]): string[] {
    const start = at === "" ? from : schemaAt(from, at.split("."));
    const ends = roots.filter((each) => each !== at);
    const rows = rowsOf(start, at, ends).filter((row) => row.path !== at || at === "");
    const short = (row: Row) => row.path.slice(at === "" ? 0 : at.length + 1);
    return table(
        [at === "" ? "key" : "field", "type, default", "what it does"],
        rows.map((row) => [
            `\`${short(row)}\``,
            row.type,
            roots.some((each) => each === row.path || each.startsWith(`${row.path}.<`))
                ? `${row.description}; [below](#${anchor(row.path)})`
                : row.description,
        ]),
    );
}

/** The heading below which a path has its table. */
function anchor(path_: string): string {
    const found = Object.entries(HEADINGS).find(([each]) => each.startsWith(path_));
    return found?.[1] ?? "configuration";
}

const HEADINGS: Readonly<Record<string, string>> = {
    "alerting.receivers": "receivers",
    "alerting.routes": "routes",
    "alerting.muteTimes": "routes",
    "alerting.rules": "alerts",
    "slos.": "service-level-objectives",
    "elasticsearch.snapshots": "snapshots-of-elasticsearch",
    "backup.repository": "backups",
    "redis.<namespace>.instances": "redis-instances",
    "redis.<namespace>.external": "redis-outside-of-the-operator",
    "scheduling.": "where-pods-run-resources-images",
    "resources.": "where-pods-run-resources-images",
};

/** Throws when there is no such key. */
function schemaAt(from: z.ZodType, keys: readonly string[]): z.ZodType {
    return keys.reduce<z.ZodType>((here, key) => {
        const { schema: inner } = fieldOf(here);
        const next: unknown =
            inner instanceof z.ZodObject
                ? inner.shape[key]
                : inner instanceof z.ZodRecord
                  ? inner.valueType
                  : undefined;
        if (!(next instanceof z.ZodType)) {
            throw new Error(
                `docs/configuration.md has a table for ${keys.join(".")}, and the schema has no ${key} there`,
            );
        }
        return next;
    }, from);
}

function secretTable(): string[] {
    return table(
        ["`type`", "its secret, in `receiverSecrets.<name>`"],
        Object.entries(RECEIVER_SECRETS).map(([type, what]) => [
            `\`${type}\``,
            typeof what === "string"
                ? what
                : Object.entries(what)
                      .map(([part, text]) => `\`${part}\`: ${text}`)
                      .join("; "),
        ]),
    );
}

function credentialTable(): string[] {
    return table(
        ["`elasticsearch.snapshots.type`", "`snapshotCredentials`"],
        Object.entries(SNAPSHOT_CREDENTIALS).map(([type, keys]) => [
            `\`${type}\``,
            Object.entries(keys)
                .map(([key, { what }]) => `\`${key}\`: ${what}`)
                .join("; "),
        ]),
    );
}

const OF_EVERY_ALERT = ["enabled", "severity", "for", "keepFiringFor", "team"];

/** Every alert with its defaults: of a threshold, its name and value. */
function alertTable(): string[] {
    return table(
        ["alert", "severity", "for", "thresholds", "fires when"],
        Object.entries(alertSettings.parse({})).map(([alert, settings]) => [
            `\`${alert}\``,
            settings.severity,
            settings.for,
            Object.entries(settings)
                .filter(([key]) => !OF_EVERY_ALERT.includes(key))
                .map(([key, value]) => `\`${key}\` (\`${String(value)}\`)`)
                .join(", "),
            FIRES_WHEN[alert as AlertName] ?? "",
        ]),
    );
}

/** Cells padded to the width of their column, as prettier has it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
    const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
    const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i]?.length ?? 0)));
    const line = (row: readonly string[]) =>
        `| ${widths.map((width, i) => (row[i] ?? "").padEnd(width)).join(" | ")} |`;
    const [first = [], ...others] = cells;
    return [line(first), line(widths.map((width) => "-".repeat(width))), ...others.map(line)];
}

/**
 * Pulumi.yaml with its `config:` made anew: https://www.pulumi.com/docs/iac/concepts/projects/project-file/#config-options.
 * The engine checks the type of a key and knows nothing of what is inside an object.
 */
export function projectFile(text: string, from: z.ZodObject): string {
    const document = parseDocument(text);
    const config = document.get("config");
    if (!isMap(config)) {
        throw new Error("Pulumi.yaml has no config: section");
    }
    const entries = Object.entries(from.shape).map(([key, each]) => {
        const { schema: inner, meta, fallback, optional } = fieldOf(each as z.ZodType);
        const isText = inner instanceof z.ZodString || inner instanceof z.ZodUnion;
        return [
            `${PROJECT}:${key}`,
            {
                type: isText ? "string" : "object",
                // Without one the engine insists on a value. Of an object it is what the schema fills in.
                ...(optional || MAY_BE_ABSENT.includes(key)
                    ? { default: isText ? (JSON.parse(fallback ?? '""') as string) : {} }
                    : {}),
                description: meta.description ?? "",
            },
        ] as const;
    });
    const made = document.createNode(Object.fromEntries(entries)) as YAMLMap;
    for (const pair of made.items) {
        const value = pair.value;
        if (isMap(value)) {
            const fallback = value.get("default", true);
            if (isMap(fallback)) {
                fallback.flow = true;
            } else if (isScalar(fallback)) {
                fallback.type = "QUOTE_DOUBLE";
            }
        }
    }
    made.commentBefore = config.commentBefore;
    document.set("config", made);
    return document.toString({ lineWidth: 0 });
}

/** A JSON schema of stack files, for editors: https://json-schema.org/draft/2020-12. */
export function jsonSchema(from: z.ZodObject): string {
    const { properties = {}, required = [] } = z.toJSONSchema(from, {
        io: "input",
        unrepresentable: "any",
        override: ({ jsonSchema: made }) => {
            // For our own documents.
            for (const own of ["kind", "dialect", "toSet", "otherwise", "entry", "whole"]) {
                delete made[own];
            }
            // What every whole number has.
            if (made.maximum === Number.MAX_SAFE_INTEGER) {
                delete made.maximum;
            }
            if (made.minimum === Number.MIN_SAFE_INTEGER) {
                delete made.minimum;
            }
        },
    });
    const prefixed = (key: string) => `${PROJECT}:${key}`;
    const made = {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        title: "A stack file, Pulumi.<stack>.yaml",
        type: "object",
        properties: {
            config: {
                type: "object",
                properties: Object.fromEntries(
                    Object.entries(properties).map(([key, value]) => [
                        prefixed(key),
                        (SECRET_KEYS as readonly string[]).includes(key)
                            ? withCiphertexts(value)
                            : value,
                    ]),
                ),
                required: required.filter((key) => !MAY_BE_ABSENT.includes(key)).map(prefixed),
                // Keys of other programs and providers are theirs.
                patternProperties: { [`^(?!${PROJECT}:)[^:]+:`]: {} },
                additionalProperties: false,
            },
        },
        required: ["config"],
    };
    return `${JSON.stringify(made, undefined, 4)}\n`;
}

/** A secret as `pulumi config set --secret` writes it: whole, or each value of it. */
function withCiphertexts(value: unknown): object {
    const cipher = {
        type: "object",
        properties: { secure: { type: "string" } },
        required: ["secure"],
        additionalProperties: false,
    };
    return {
        description: (value as { description?: string }).description,
        anyOf: [
            cipher,
            {
                type: "object",
                additionalProperties: {
                    anyOf: [cipher, { type: "object", additionalProperties: cipher }],
                },
            },
            value,
        ],
    };
}
