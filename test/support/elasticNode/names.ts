import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** The name by which our pods call Elasticsearch. */
export const HOST = "elasticsearch.logging.svc";
/** A name that no certificate of ours has. */
export const OTHER_HOST = "elasticsearch.other.svc";

/**
 * A command in whose sight the names lead to this machine, as a cluster's DNS leads pods to Elasticsearch: an
 * `/etc/hosts` of its own, in a mount namespace of its own.
 */
export function withNames(folder: string, command: readonly string[]): string[] {
    const hosts = path.join(folder, "hosts");
    fs.writeFileSync(hosts, `127.0.0.1 localhost ${HOST} ${OTHER_HOST}\n`);
    const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
    return ["unshare", ...flags(), "sh", "-c", script, hosts, ...command];
}

/** Why a command cannot have names of its own here; undefined when it can. */
export function noNames(): string | undefined {
    const { status, stderr } = spawnSync("unshare", [...flags(), "true"], { encoding: "utf8" });
    return status === 0
        ? undefined
        : `clients need an /etc/hosts of their own, and unshare says: ${stderr?.trim() || "not found"}`;
}

function flags(): string[] {
    return process.getuid?.() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
}
