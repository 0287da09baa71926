import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** A container whose lines are written as containerd does. */
export interface LoggedContainer {
    readonly namespace: string;
    readonly pod: string;
    readonly container: string;
}

/** containerd writes longer lines in parts. */
const PART = 16 * 1024;

/** The 64 hex digits that a container's id has. */
export function containerId({ namespace, pod, container }: LoggedContainer): string {
    return createHash("sha256").update(`${namespace}/${pod}/${container}`).digest("hex");
}

export function logFile(folder: string, from: LoggedContainer): string {
    return path.join(
        folder,
        `${from.pod}_${from.namespace}_${from.container}-${containerId(from)}.log`,
    );
}

/** A line as the kubelet finds it: its time, its stream and its parts. */
export function criLine(line: string | Buffer, time: string): Buffer {
    const bytes = Buffer.from(line);
    const parts: Buffer[] = [];
    for (let at = 0; at === 0 || at < bytes.length; at += PART) {
        const last = at + PART >= bytes.length;
        parts.push(
            Buffer.from(`${time} stderr ${last ? "F" : "P"} `),
            bytes.subarray(at, at + PART),
            Buffer.from("\n"),
        );
    }
    return Buffer.concat(parts);
}

/** Appends lines of a container, a microsecond apart. */
export function writeLines(
    folder: string,
    from: LoggedContainer,
    lines: readonly (string | Buffer)[],
    start = Date.now(),
): void {
    const timed = lines.map((line, i) => {
        const micros = String(i % 1_000_000).padStart(6, "0");
        const time = new Date(start + Math.floor(i / 1_000_000) * 1000).toISOString();
        return criLine(line, time.replace(/\.\d+Z$/, `.${micros}000Z`));
    });
    fs.appendFileSync(logFile(folder, from), Buffer.concat(timed));
}
