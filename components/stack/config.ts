import * as fs from "node:fs";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import { archiveOf, unknownValueProblems } from "../adaptation/helmValues";
import { adaptationPart } from "../adaptation/settings";
import { secretFiles } from "../alerting/routing/receiverSettings";
import { alertingPart } from "../alerting/settings";
import { backupPart } from "../backup/settings";
import { dashboardsPart } from "../dashboards/settings";
import { chartValues } from "../kubernetes/chartArchive";
import { ChartSource, chartSource, missingCharts } from "../kubernetes/chartSource";
import { loggingPart } from "../logging/settings";
import { metricsPart } from "../metrics/settings";
import { redisPart } from "../redis/settings";
import { mergedKeys } from "../settings/part";
import { formatPending, Pending } from "../settings/pending";
import { formatProblems, Problem, problemsOf, show, suggestion } from "../settings/problems";
import { tracingPart } from "../tracing/settings";
import { withStandIns } from "./absentSettings";
import { componentsPart } from "./componentSettings";
import { ingressPart } from "./ingressSettings";
import { kubeContextProblems } from "./kubeContexts";
import { stackPart } from "./settings";

/** Everything that adds to the configuration. */
const PARTS = [
    stackPart,
    componentsPart,
    alertingPart,
    metricsPart,
    backupPart,
    redisPart,
    loggingPart,
    tracingPart,
    dashboardsPart,
    ingressPart,
    adaptationPart,
] as const;

/** The shape of the configuration. */
export const schema = z.strictObject(mergedKeys(PARTS));

/** The values of one stack file, checked key by key. */
export type Settings = z.output<typeof schema>;

/** Keys whose values are secret. */
type SecretKey =
    | "receiverSecrets"
    | "snapshotCredentials"
    | "backupCredentials"
    | "backupPasswords"
    | "redisPasswords";

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
    const { input: written, problems } = readKeys(project);
    const input = withStandIns(written);
    const parsed = schema.safeParse(input);
    if (!parsed.success) {
        problems.push(...problemsOf(parsed.error, schema, input));
    }
    const charts = parsed.success
        ? chartSource(parsed.data.charts.source, PROJECT_FOLDER)
        : undefined;
    if (parsed.success && charts) {
        problems.push(
            ...crossFieldProblems(parsed.data),
            ...chartProblems(charts, parsed.data),
            ...chartValueProblems(charts, parsed.data),
            ...kubeContextProblems(parsed.data.kubeContext),
        );
    }
    if (!parsed.success || !charts || problems.length > 0) {
        throw new pulumi.RunError(formatProblems(problems, project, stack));
    }
    const {
        receiverSecrets,
        snapshotCredentials,
        backupCredentials,
        backupPasswords,
        redisPasswords,
        ...settings
    } = parsed.data;
    const pending = pendingSettings(parsed.data);
    reportPending(pending, project, stack);
    return {
        ...settings,
        project,
        stack,
        charts,
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

/** What no single key can tell: the rules between keys. Returns every problem. */
export function crossFieldProblems(settings: Settings): Problem[] {
    return PARTS.flatMap((part) => [
        ...(part.problems?.(settings) ?? []),
        ...(settings.cluster.role === "owner" ? (part.platformProblems?.(settings) ?? []) : []),
    ]);
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

function secrets(values: Readonly<Record<string, string>>): Record<string, pulumi.Output<string>> {
    return Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, pulumi.secret(value)]),
    );
}

/** The keys of our project, parsed; keys that are not in the schema are problems with the nearest one named. */
function readKeys(project: string): { input: Record<string, unknown>; problems: Problem[] } {
    const input: Record<string, unknown> = {};
    const problems: Problem[] = [];
    const known = Object.keys(schema.shape);
    for (const [fullKey, text] of Object.entries(pulumi.runtime.allConfig())) {
        const [namespace, key] = splitOnce(fullKey, ":");
        if (namespace !== project) {
            continue;
        }
        if (!known.includes(key)) {
            problems.push({
                path: key,
                got: "an unknown key",
                allowed: `${suggestion(key, known)}allowed: ${known.join(", ")}`,
            });
        } else if (isText(schema.shape[key as keyof typeof schema.shape])) {
            input[key] = text;
        } else {
            input[key] = parseJson(text);
        }
    }
    return { input, problems };
}

/** Whether a key holds text, which the engine passes as it is; everything else arrives as JSON. */
function isText(field: { safeParse(value: unknown): { success: boolean } }): boolean {
    return field.safeParse("text").success;
}

function parseJson(text: string): unknown {
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

function chartProblems(charts: ChartSource, settings: Settings): Problem[] {
    return missingCharts(charts, settings.cluster.role, (file) => fs.existsSync(file)).map(
        (file) => ({
            path: "charts.source",
            got: show(settings.charts.source),
            allowed: `a folder with every chart archive, and ${file} does not exist: fetch it with \`helm pull\`, or use "repository" or a mirror's URL`,
        }),
    );
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
