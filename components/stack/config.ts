import * as fs from "node:fs";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { distance } from "fastest-levenshtein";
import { z } from "zod";

import { archiveOf, unknownValueProblems } from "../adaptation/helmValues";
import { adaptationPart } from "../adaptation/settings";
import { secretFiles } from "../alerting/routing/receiverSettings";
import { alertingPart } from "../alerting/settings";
import { applicationsPart } from "../applications/settings";
import { autoscalingPart } from "../autoscaling/settings";
import { backupPart } from "../backup/settings";
import { deliveryPart } from "../delivery/settings";
import { dashboardsPart } from "../dashboards/settings";
import { chartValues } from "../kubernetes/chartArchive";
import { ChartSource, chartSource, missingCharts } from "../kubernetes/chartSource";
import { loggingPart } from "../logging/settings";
import { metricsPart } from "../metrics/settings";
import { probesPart } from "../probes/settings";
import { redisPart } from "../redis/settings";
import { mergedKeys } from "../settings/part";
import { formatPending, Pending, PULUMI } from "../settings/pending";
import { formatProblems, Problem, show, suggestion } from "../settings/problems";
import { broken, readSettings, unwrapped } from "../settings/read";
import { SECRET_KEYS, SecretKey } from "../settings/secretKeys";
import { tracingPart } from "../tracing/settings";
import { CHARTS } from "../versions";
import { withStandIns } from "./absentSettings";
import { componentsPart } from "./componentSettings";
import { unmeasuredRuleProblems } from "./extraRules";
import { ingressPart } from "./ingressSettings";
import { kubeContextProblems } from "./kubeContexts";
import { secretsPart } from "./secretSettings";
import { sizeProblems } from "./sizes";
import { stackPart } from "./settings";
import { readStackText } from "./stackFileText";

/** Everything that adds to the configuration. */
const PARTS = [
    stackPart,
    componentsPart,
    secretsPart,
    alertingPart,
    metricsPart,
    backupPart,
    redisPart,
    loggingPart,
    tracingPart,
    applicationsPart,
    autoscalingPart,
    deliveryPart,
    probesPart,
    dashboardsPart,
    ingressPart,
    adaptationPart,
] as const;

/** The shape of the configuration. */
export const schema = z.strictObject(mergedKeys(PARTS));

/** The values of one stack file, checked key by key. */
export type Settings = z.output<typeof schema>;

/** The configuration of one stack: plain values, and secrets that stay Outputs. */
export interface StackConfig extends Readonly<Omit<Settings, SecretKey | "charts">> {
    readonly project: string;
    readonly stack: string;
    readonly charts: ChartSource;
    /** Secrets of the receivers that are set, by the name of the file in which a receiver reads each. */
    readonly receiverSecrets: Readonly<Record<string, pulumi.Output<string>>>;
    /** What the snapshot repository's store asks for, by the keys of `SNAPSHOT_CREDENTIALS`. */
    readonly snapshotCredentials: Readonly<Record<string, pulumi.Output<string>>>;
    /** Credentials of the backups' bucket, by the keys `accessKeyId` and `secretAccessKey`. */
    readonly backupCredentials: Readonly<Record<string, pulumi.Output<string>>>;
    /** Keys of backups that are older than the stack, by namespace. */
    readonly backupPasswords: Readonly<Record<string, pulumi.Output<string>>>;
    /** Passwords of Redis instances in place of the generated ones, by namespace and instance. */
    readonly redisPasswords: Readonly<
        Record<string, Readonly<Record<string, pulumi.Output<string>>>>
    >;
    /** What an update needs and a preview does not. */
    readonly pending: readonly Pending[];
}

/** Where relative paths of the configuration start: the folder of Pulumi.yaml. */
const PROJECT_FOLDER = path.resolve(__dirname, "../..");

/**
 * Reads and checks the whole configuration of the running stack. This is its only reader.
 *
 * Throws a `RunError` that lists every problem, before anything is registered. What only an update needs is
 * listed as a warning in a preview and refused with the same list in an update.
 */
export function loadConfig(): StackConfig {
    const project = pulumi.getProject();
    const stack = pulumi.getStack();
    const { input: written, problems } = readKeys(project, pulumi.runtime.allConfig());
    problems.push(...fileProblems(project, stack));
    if (!("environment" in written) && !("cluster" in written)) {
        throw new pulumi.RunError(formatProblems([NO_KEYS, ...problems], project, stack));
    }
    const { values, problems: found } = checkedSettings(written);
    const told = problems.map(({ path }) => path.split(".")[0]);
    problems.push(
        ...found,
        ...plainSecretProblems(project, written).filter((each) => !told.includes(each.path)),
    );
    if (problems.length > 0) {
        throw new pulumi.RunError(formatProblems(problems, project, stack));
    }
    const {
        receiverSecrets,
        snapshotCredentials,
        backupCredentials,
        backupPasswords,
        redisPasswords,
        ...settings
    } = values;
    const pending = pendingSettings(values);
    reportPending(pending, project, stack);
    return {
        ...settings,
        project,
        stack,
        charts: chartSource(settings.charts.source, PROJECT_FOLDER),
        pending,
        receiverSecrets: secrets(secretFiles(receiverSecrets)),
        snapshotCredentials: secrets(snapshotCredentials),
        backupCredentials: secrets(backupCredentials),
        backupPasswords: secrets(backupPasswords),
        redisPasswords: Object.fromEntries(
            Object.entries(redisPasswords).map(([namespace, byName]) => [
                namespace,
                secrets(byName),
            ]),
        ),
    };
}

/** The values of keys without the project's prefix, and every problem that they have; with one, values may be unreadable. */
export function checkedSettings(input: Readonly<Record<string, unknown>>): {
    readonly values: Settings;
    readonly problems: readonly Problem[];
} {
    const { value, problems } = readSettings(schema, withStandIns(input), SECRET_KEYS);
    const values = value as Settings;
    // What is wrong in a value is told by that value, and not by what is around it too.
    const isTold = (path: string) =>
        problems.some((each) => each.path === path || each.path.startsWith(`${path}.`));
    const between = [
        ...crossFieldProblems(values),
        ...broken(values, [
            sizeProblems,
            chartProblems,
            valueProblems,
            contextProblems,
            unmeasuredRuleProblems,
        ]),
    ];
    return { values, problems: [...problems, ...between.filter(({ path }) => !isTold(path))] };
}

/**
 * What no single key can tell: the rules between keys. Returns every problem, beside those of rules that need a value
 * which could not be read.
 */
export function crossFieldProblems(settings: Settings): Problem[] {
    return broken(
        settings,
        PARTS.flatMap((part) => [
            (all: Settings) => part.problems?.(all) ?? [],
            (all: Settings) =>
                all.cluster.role === "owner" ? (part.platformProblems?.(all) ?? []) : [],
        ]),
    );
}

/** What must be set before `pulumi up`: values that no repository should hold, or that only the user knows. */
export function pendingSettings(settings: Settings): Pending[] {
    return [
        ...PARTS.flatMap((part) => part.pending?.(settings) ?? []),
        ...(settings.cluster.role === "owner"
            ? PARTS.flatMap((part) => part.platformPending?.(settings) ?? [])
            : []),
    ];
}

function secrets(
    values: Readonly<Record<string, string | undefined>>,
): Record<string, pulumi.Output<string>> {
    return Object.fromEntries(
        Object.entries(values).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, pulumi.secret(value)]],
        ),
    );
}

/** Every problem of values as the engine passes them, by their whole key. */
export function configurationProblems(
    project: string,
    texts: Readonly<Record<string, string>>,
): readonly Problem[] {
    const { input, problems } = readKeys(project, texts);
    return [...problems, ...checkedSettings(input).problems];
}

/** The keys of our project, parsed; keys that are not in the schema are problems with the nearest one named. */
function readKeys(
    project: string,
    texts: Readonly<Record<string, string>>,
): { input: Record<string, unknown>; problems: Problem[] } {
    const input: Record<string, unknown> = {};
    const problems: Problem[] = [];
    const known = Object.keys(schema.shape);
    for (const [fullKey, text] of Object.entries(texts)) {
        const [namespace, key] = splitOnce(fullKey, ":");
        if (namespace !== project) {
            problems.push(...prefixProblems(fullKey, { namespace, key, project, known }));
        } else if (!known.includes(key)) {
            problems.push({
                path: key,
                got: "an unknown key",
                allowed: `${suggestion(key, known)}allowed: ${known.join(", ")}`,
            });
        } else {
            input[key] = valueOf(text, isText(schema.shape[key as keyof typeof schema.shape]));
        }
    }
    return { input, problems };
}

/** A key of another program or a provider is its own; one that was meant to be ours would be lost without a word. */
function prefixProblems(
    fullKey: string,
    key: { namespace: string; key: string; project: string; known: readonly string[] },
): Problem[] {
    const { namespace, project, known } = key;
    const near = distance(namespace.trim().toLowerCase(), project) <= project.length / 3;
    // Providers have keys of other names, but for those of Azure.
    const ours = known.includes(key.key) && key.key !== "environment";
    const short = namespace !== "" && project.startsWith(namespace.toLowerCase());
    return near || short || ours
        ? [
              {
                  path: key.key,
                  got: `${show(fullKey)}, a key of another program`,
                  allowed: `did you mean "${project}:${key.key}"? Keys of this program begin with ${project}:`,
              },
          ]
        : [];
}

/** Whether a key holds text, which the engine passes as it is; everything else arrives as JSON. */
function isText(field: z.ZodType): boolean {
    const inner = unwrapped(field);
    return (
        inner instanceof z.ZodString ||
        (inner instanceof z.ZodUnion && inner.options.every((each) => isText(each as z.ZodType)))
    );
}

/** A list or a map where a text belongs is told as that. */
function valueOf(text: string, isText: boolean): unknown {
    if (isText && !/^[[{]/.test(text)) {
        return text;
    }
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return text;
    }
}

function splitOnce(text: string, separator: string): [string, string] {
    const at = text.indexOf(separator);
    return [text.slice(0, at), text.slice(at + 1)];
}

const NO_KEYS: Problem = {
    path: "environment",
    got: "nothing, nor any other key",
    allowed: "the keys of a stack: copy the file of one that is there, and change its values",
};

/** What is wrong in the text of the stack file, which the engine tells nothing of; what reads it offline has looked. */
function fileProblems(project: string, stack: string): readonly Problem[] {
    const file = path.join(PROJECT_FOLDER, `Pulumi.${stack}.yaml`);
    return pulumi.runtime.hasEngine() && fs.existsSync(file)
        ? readStackText(fs.readFileSync(file, "utf8"), project).problems
        : [];
}

/** Secrets that the engine was given in clear: they stand in the stack file, and in git. */
function plainSecretProblems(project: string, input: Readonly<Record<string, unknown>>): Problem[] {
    return SECRET_KEYS.filter((key) => key in input && !isEmpty(input[key]))
        .filter((key) => !isConfigSecret(`${project}:${key}`))
        .map((key) => ({
            path: key,
            got: "a secret in clear (hidden)",
            allowed: `${PULUMI} config set --secret --path '${project}:${key}.<name>' for each; and change it, since it may be in git's history`,
        }));
}

/** The SDK knows it, and has no type for it. */
const { isConfigSecret } = pulumi.runtime as unknown as {
    isConfigSecret(this: void, key: string): boolean;
};

function isEmpty(value: unknown): boolean {
    return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** One problem for all archives that are missing. */
function chartProblems({ charts, cluster, autoscaling: { provider } }: Settings): Problem[] {
    const source = chartSource(charts.source, PROJECT_FOLDER);
    const unneeded = [
        ...(provider === "keda" ? [] : [CHARTS.keda]),
        ...(provider === "prometheus-adapter" ? [] : [CHARTS.prometheusAdapter]),
    ];
    const missing = missingCharts(source, cluster.role, (file) => fs.existsSync(file), unneeded);
    const [first = ""] = missing;
    return missing.length === 0
        ? []
        : [
              {
                  path: "charts.source",
                  got: show(charts.source),
                  allowed: `${suggestion(charts.source, ["repository"])}a folder with every chart archive, and ${first} does not exist${missing.length > 1 ? `, nor ${missing.length - 1} others` : ""}: fetch ${missing.length > 1 ? "them" : "it"} with \`helm pull\`, or use "repository" or a mirror's URL`,
              },
          ];
}

function valueProblems(settings: Settings): Problem[] {
    return chartValueProblems(chartSource(settings.charts.source, PROJECT_FOLDER), settings);
}

function contextProblems({ kubeContext }: Settings): Problem[] {
    return kubeContextProblems(kubeContext);
}

/** Misspelt keys of `helmValues`, where the charts' archives are at hand. */
function chartValueProblems(charts: ChartSource, { helmValues }: Settings): Problem[] {
    return Object.entries(helmValues).flatMap(([release, values = {}]) => {
        const archive = archiveOf(charts, release);
        return archive !== undefined && fs.existsSync(archive)
            ? unknownValueProblems(release, values, chartValues(archive))
            : [];
    });
}

function reportPending(pending: readonly Pending[], project: string, stack: string): void {
    if (pending.length === 0) {
        return;
    }
    const text = formatPending(pending, project, stack);
    if (!pulumi.runtime.isDryRun()) {
        throw new pulumi.RunError(`${text}\nNothing was registered.`);
    }
    void pulumi.log.warn(text);
}
