import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { find, listAt, textAt, valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { terminate } from "../../../lab/tools/commands";
import { secretText } from "./fileRealm";
import { withNames } from "./names";

export interface PodPlace {
    readonly run: ProgramRun;
    /** `spec` of the pod. */
    readonly pod: unknown;
    /** What its image runs, before the arguments of the manifest. */
    readonly command: readonly string[];
    /** Texts of environment, arguments and files that are others on this machine, such as a port. */
    readonly here: Readonly<Record<string, string>>;
    /** Files by the ConfigMap or Secret and the key, whose content only a cluster or a provider knows. */
    readonly files?: Readonly<Record<string, string>>;
    /** Environment by name, where the cluster's is another. */
    readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
    readonly status: number | null;
    readonly output: string;
}

/** A process that goes on. */
export interface Running {
    readonly output: () => string;
    readonly stop: () => Promise<void>;
    readonly ended: Promise<Ended>;
}

/**
 * The first container of a pod as a process of this machine, with the files, environment and arguments of its manifest,
 * and the cluster's names for Elasticsearch.
 */
export function startPod(place: PodPlace): Running {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pod-"));
    const { pod, here } = place;
    const [container] = listAt(pod, "containers");
    const mounts = mountVolumes(place, container, folder);
    const others = { ...mounts, ...here };
    const pattern = new RegExp(
        [...Object.keys(mounts).map(pathPattern), ...Object.keys(here).map(literal)].join("|"),
        "g",
    );
    const local = (text: string) => text.replace(pattern, (found) => others[found] ?? found);
    for (const mounted of Object.values(mounts)) {
        for (const name of fs.readdirSync(mounted)) {
            const file = path.join(mounted, name);
            fs.writeFileSync(file, local(fs.readFileSync(file, "utf8")));
        }
    }
    const texts = (key: string) => ((valueAt(container, key) ?? []) as string[]).map(local);
    // The image's entry point stands in `command` where the manifest has one.
    const args = [...texts("command").slice(1), ...texts("args")];
    const env = Object.fromEntries(
        ((valueAt(container, "env") ?? []) as unknown[]).map((each) => {
            const name = textAt(each, "name");
            return [name, local(place.env?.[name] ?? valueOf(place.run, each))];
        }),
    );
    return startIn(folder, [...place.command, ...args], env);
}

export interface CommandPlace {
    /** A word of the command that is a name of `files` is that file's path. */
    readonly command: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly files: Readonly<Record<string, string>>;
}

/** A program that a chart starts, with the cluster's names for Elasticsearch. */
export function startCommand({ command, env, files }: CommandPlace): Running {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pod-"));
    for (const [name, content] of Object.entries(files)) {
        fs.writeFileSync(path.join(folder, name), content);
    }
    const names = Object.keys(files);
    const local = command.map((word) => {
        const name = names.find((each) => word === each || word.endsWith(`=${each}`));
        return name ? word.slice(0, -name.length) + path.join(folder, name) : word;
    });
    return startIn(folder, local, env);
}

/** The folder is removed with the process' end. */
function startIn(folder: string, words: readonly string[], env: Record<string, string>): Running {
    const [command = "", ...rest] = withNames(folder, words);
    const child = spawn(command, rest, {
        cwd: folder,
        env: { PATH: process.env.PATH, ...env },
        stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    [child.stdout, child.stderr].forEach((stream) =>
        stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8"))),
    );
    const kill = () => void child.kill("SIGKILL");
    process.on("exit", kill);
    const ended = new Promise<Ended>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (status) => {
            process.off("exit", kill);
            fs.rmSync(folder, { recursive: true, force: true });
            resolve({ status, output });
        });
    });
    return {
        output: () => output,
        ended,
        stop: async () => {
            await terminate(child);
            await ended;
        },
    };
}

/** A path, and what is below it. */
function pathPattern(at: string): string {
    return `(?<![\\w./-])${literal(at)}(?![\\w.-])`;
}

function literal(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The same until its end. */
export function runPod(place: PodPlace): Promise<Ended> {
    return startPod(place).ended;
}

/** A folder for each mounted ConfigMap or Secret, by the path where the container has it. */
function mountVolumes(
    { run, pod, files = {} }: PodPlace,
    container: unknown,
    folder: string,
): Record<string, string> {
    const volumes = (valueAt(pod, "volumes") ?? []) as unknown[];
    const mounts = (valueAt(container, "volumeMounts") ?? []) as unknown[];
    return Object.fromEntries(
        mounts.map((mount) => {
            const name = textAt(mount, "name");
            const target = path.join(folder, name);
            fs.mkdirSync(target);
            const volume = volumes.find((each) => valueAt(each, "name") === name);
            for (const [key, content] of Object.entries(contentOf(run, volume, files))) {
                fs.writeFileSync(path.join(target, key), content);
            }
            return [textAt(mount, "mountPath"), target];
        }),
    );
}

function contentOf(
    run: ProgramRun,
    volume: unknown,
    files: Readonly<Record<string, string>>,
): Record<string, string> {
    const name = (valueAt(volume, "configMap", "name") ??
        valueAt(volume, "secret", "secretName")) as string | undefined;
    if (name === undefined) {
        return {};
    }
    const given = Object.entries(files)
        .filter(([key]) => key.startsWith(`${name}/`))
        .map(([key, content]) => [key.slice(name.length + 1), content] as const);
    if (given.length > 0) {
        return Object.fromEntries(given);
    }
    const namespaces = run.registrations
        .filter(({ type }) => type === "kubernetes:core/v1:ConfigMap")
        .filter(({ inputs }) => valueAt(inputs, "metadata", "name") === name);
    return { ...(valueAt(namespaces[0]?.inputs, "data") as Record<string, string> | undefined) };
}

function valueOf(run: ProgramRun, variable: unknown): string {
    const reference = valueAt(variable, "valueFrom", "secretKeyRef");
    if (reference === undefined) {
        return textAt(variable, "value");
    }
    const secrets = run.registrations.filter(
        ({ type, inputs }) =>
            type === "kubernetes:core/v1:Secret" &&
            valueAt(inputs, "metadata", "name") === textAt(reference, "name"),
    );
    return secretText(secrets[0]?.inputs ?? {}, textAt(reference, "key"));
}

/** `spec` of the pods of a Deployment, a Job or a CronJob. */
export function podOf(run: ProgramRun, kind: string, name: string): unknown {
    const { manifest } = find(run, kind, name);
    const job = kind === "CronJob" ? valueAt(manifest, "spec", "jobTemplate") : manifest;
    return valueAt(job, "spec", "template", "spec");
}
