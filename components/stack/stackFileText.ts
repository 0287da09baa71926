import {
    Alias,
    Document,
    isAlias,
    isMap,
    isPair,
    isScalar,
    Node,
    parseAllDocuments,
    Scalar,
    ScalarTag,
    visit,
} from "yaml";

import { PULUMI } from "../settings/pending";
import { Problem, show, suggestion } from "../settings/problems";
import { isPropertyOfObjects } from "../settings/scalars";
import { SECRET_KEYS } from "../settings/secretKeys";

/**
 * A stack file, read as the engine reads it: YAML as Go's yaml.v3 has it, of which the engine tells the program the values
 * and not how they were written. What people do not mean is refused by both, since both look at the text.
 */
export interface StackFileText {
    /** Values by their whole key, `observability:cluster`; secrets as `{ secure: ciphertext }`. */
    readonly config: Readonly<Record<string, unknown>>;
    /** What is wrong in the text; paths are lines, or keys without the project's prefix. */
    readonly problems: readonly Problem[];
}

/** Keys of a stack file: https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/. */
const FILE_KEYS = ["config", "secretsprovider", "encryptedkey", "encryptionsalt", "environment"];

/** Whole numbers as yaml.v3 reads them: octal with a leading zero, binary, and with underscores. */
const GO_INTEGER = /^[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)$/;
const goInteger: ScalarTag = {
    tag: "tag:yaml.org,2002:int",
    default: true,
    test: GO_INTEGER,
    resolve: (text) => {
        const [, sign = "", digits = ""] = /^([-+]?)(.*)$/.exec(text.replaceAll("_", "")) ?? [];
        const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
        return sign === "-" ? -value : value;
    },
};

/** Numbers that YAML 1.1 and 1.2 read differently: `010` is 8 for the engine. */
const AMBIGUOUS = /^[-+]?(0b|0o|0x|0\d)|^[-+]?[\d_]*_/;
/** `1_000.5`: a number for the engine alone. */
const isUnderscored = (source: string): boolean =>
    /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(source.replaceAll("_", "")) &&
    source.includes("_");
/** yaml.v3 makes a time of it. */
const DATE = /^\d{4}-\d{1,2}-\d{1,2}([Tt ]|$)/;

/** What yaml.v3 refuses, and the reader of the preview does not. */
// eslint-disable-next-line no-control-regex -- those are what is refused
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const DIRECTIVE = /^\uFEFF?([ \t]*(#.*)?\r?\n)*%/;

/** `namespace:name`, as the engine splits it. */
const CONFIG_KEY = /^[^:]+:[^:]+$/;

/** Reads the text of Pulumi.<stack>.yaml. */
export function readStackText(text: string, project: string): StackFileText {
    const line = text.split("\n").findIndex((each) => CONTROL.test(each)) + 1;
    if (line > 0) {
        return refused({
            path: `line ${line}`,
            got: "a control character",
            allowed: 'text without it, or its escape in double quotes, such as "\\u0001"',
        });
    }
    if (DIRECTIVE.test(text)) {
        return refused({
            path: "",
            got: "a directive (%)",
            allowed: "a file without it: the engine does not heed its version of YAML",
        });
    }
    const documents = parseAllDocuments(text, {
        merge: true,
        customTags: (tags) => [goInteger, ...tags.filter((each) => each !== goInteger)],
        prettyErrors: true,
        // Keys that are no text are told below.
        logLevel: "error",
    });
    if ("empty" in documents || documents[0] === undefined || isEmpty(documents[0].contents)) {
        return refused({
            path: "",
            got: "an empty file",
            allowed:
                "a stack file: copy one that is there, such as Pulumi.staging.yaml, and change its values",
        });
    }
    const [document, ...others] = documents;
    const [error] = document.errors;
    if (error) {
        const line = error.linePos?.[0].line ?? 0;
        // What follows is the text of the file, which may hold secrets.
        const [what = ""] = error.message.split(/ at line |: |\n/);
        return refused({
            path: `line ${line}`,
            got: `YAML that cannot be read (${error.code}: ${what})`,
            allowed:
                'two spaces for each level, keys once, and quotes around texts that begin with one of @ ` % & * ! | > { [ or hold ": " or " #"',
        });
    }
    if (others.length > 0) {
        return refused({
            path: "",
            got: `${documents.length} documents`,
            allowed: "one document, without a line ---: the engine reads the first and no other",
        });
    }
    if (!isMap(document.contents)) {
        return refused({ path: "", got: "no map", allowed: `a map with ${FILE_KEYS.join(", ")}` });
    }
    const aliases = aliasProblems(document);
    if (aliases.length > 0) {
        return { config: {}, problems: aliases };
    }
    const file = plainOf(document);
    if (file === undefined) {
        return refused({
            path: "",
            got: "aliases (*name) or a merge (<<) that cannot be followed",
            allowed: "a merge of maps alone, and no aliases of aliases: write the values out",
        });
    }
    const unknown = Object.keys(file).filter((key) => !FILE_KEYS.includes(key));
    const problems: Problem[] = unknown.map((key) => ({
        path: "",
        got: `${show(key)}, an unknown key of a stack file`,
        allowed: `${suggestion(key, FILE_KEYS)}allowed: ${FILE_KEYS.join(", ")}`,
    }));
    const { config = {} } = file;
    if (typeof config !== "object" || config === null || Array.isArray(config)) {
        const got = config === null ? "nothing" : Array.isArray(config) ? "a list" : "a text";
        return refused({
            path: "config",
            got,
            allowed: `a map of keys such as ${project}:cluster`,
        });
    }
    const namespaced = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [
            key.includes(":") ? key : `${project}:${key}`,
            // The engine warns of a key without a value, and passes an empty text.
            value === null ? "" : (value as unknown),
        ]),
    );
    problems.push(
        ...Object.keys(config)
            .filter((key) => (key.includes(":") ? !CONFIG_KEY.test(key) : key === ""))
            .map((key) => ({
                path: "config",
                got: `the key ${show(key)}`,
                allowed: `a key with one colon, such as ${project}:cluster; what is below it stands in its map`,
            })),
        ...scalarProblems(document.contents, project),
        ...SECRET_KEYS.flatMap((key) =>
            plainProblems(namespaced[`${project}:${key}`], [key], project),
        ),
    );
    return { config: namespaced, problems };
}

/** The values, or undefined where an alias has no anchor: the error of the library would show its text. */
function plainOf(document: { toJS(): unknown }): Record<string, unknown> | undefined {
    try {
        return document.toJS() as Record<string, unknown>;
    } catch {
        return undefined;
    }
}

/** Aliases that the engine refuses. */
function aliasProblems(document: Document): Problem[] {
    const problems: Problem[] = [];
    visit(document, {
        Alias: (_, alias: Alias, ancestors) => {
            const target = alias.resolve(document);
            if (target === undefined || ancestors.includes(target)) {
                problems.push({
                    path: "",
                    got: `an alias (*name) ${target ? "within its own anchor" : "of no anchor"}`,
                    allowed:
                        "aliases of anchors (&name) that stand before them; a text that begins with * in quotes",
                });
            }
        },
    });
    return problems;
}

function refused(problem: Problem): StackFileText {
    return { config: {}, problems: [problem] };
}

function isEmpty(contents: Node | null): boolean {
    return contents === null || (isScalar(contents) && contents.value === null);
}

/** Of values without a tag; `!!str 5` has one too, and is a text in quotes for everybody who reads it. */
const CORE_TAGS = new Set(
    ["map", "seq", "str", "int", "float", "bool", "null"].map(
        (each) => `tag:yaml.org,2002:${each}`,
    ),
);

/** Keys above a node, without the project's prefix. */
function pathOf(ancestors: readonly unknown[], project: string): string {
    return ancestors
        .flatMap((each) => (isPair(each) && isScalar(each.key) ? [String(each.key.value)] : []))
        .slice(1)
        .join(".")
        .replace(`${project}:`, "");
}

/** Values that the engine takes for something else than their writer. */
function scalarProblems(contents: Node, project: string): Problem[] {
    const problems: Problem[] = [];
    visit(contents, {
        Pair: (_, { key }) => {
            // What merges is no key.
            if (isScalar(key) && key.source === "<<" && key.type === Scalar.PLAIN) {
                return;
            }
            if (!isScalar(key) || typeof key.value !== "string") {
                problems.push({
                    path: isScalar(key) ? String(key.source) : "",
                    got: "a key that is no text",
                    allowed: "keys in quotes, where they look like a number, true, false or null",
                });
            }
        },
        Node: (position, node, ancestors) => {
            if (isAlias(node)) {
                return;
            }
            const path = pathOf(ancestors, project);
            if (node.tag?.startsWith("!") || (node.tag && !CORE_TAGS.has(node.tag))) {
                problems.push({
                    path,
                    got: "a tag (!)",
                    allowed: "the value without it; texts in quotes, where they look like a number",
                });
                return;
            }
            if (!isScalar(node) || position === "key" || node.type !== "PLAIN") {
                return;
            }
            const { source = "", value } = node;
            if ((typeof value === "number" && AMBIGUOUS.test(source)) || isUnderscored(source)) {
                const decimal = source.replaceAll("_", "").replace(/^([-+]?)0+(?=\d)/, "$1");
                const meant = typeof value === "number" ? value : Number(decimal);
                problems.push({
                    path,
                    got: source,
                    allowed: `${/^[-+]?\d+$/.test(decimal) ? decimal : String(meant)}, or a text in quotes: the engine reads this as ${meant}`,
                });
            } else if (typeof value === "number" && !Number.isFinite(value)) {
                problems.push({
                    path,
                    got: source,
                    allowed: "a number, or a text in quotes: the engine can pass on no infinity",
                });
            }
            if (DATE.test(source)) {
                problems.push({
                    path,
                    got: source,
                    allowed: "a text in quotes: the engine takes it for a time",
                });
            }
        },
    });
    return problems;
}

/** Secrets in clear: whoever reads the repository reads them. */
function plainProblems(value: unknown, path: readonly string[], project: string): Problem[] {
    if (value === undefined || value === "") {
        return [];
    }
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        const entries = Object.entries(value);
        const cipher = (value as { secure?: unknown }).secure;
        return entries.length === 1 && typeof cipher === "string"
            ? []
            : entries
                  // Of such a name, the reading of values tells what is wrong.
                  .filter(([key]) => !isPropertyOfObjects(key))
                  .flatMap(([key, each]) => plainProblems(each, [...path, key], project));
    }
    const [first = "", ...below] = path;
    const key = [first, ...(below.length > 0 ? below : ["<name>"])].join(".");
    return [
        {
            path: path.join("."),
            got: "a secret in clear (hidden)",
            allowed: `${PULUMI} config set --secret --path '${project}:${key}' VALUE, which encrypts it; and change it, since it may be in git's history`,
        },
    ];
}
