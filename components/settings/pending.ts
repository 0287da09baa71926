import type { Settings } from "../stack/schema";
import { RECEIVER_SECRETS, secretFile, secretFiles } from "../alerting/routing/receiverSettings";
import { SNAPSHOT_CREDENTIALS } from "../logging/snapshotSettings";
import { CREDENTIALS } from "../backup/settings";

/** A value that a preview can do without and an update cannot. */
export interface Pending {
    readonly path: string;
    readonly why: string;
    /** The command that sets it. */
    readonly command: string;
}

/** What must be set before `pulumi up`: values that no repository should hold, or that only the user knows. */
export function pendingSettings(settings: Settings, project: string, stack: string): Pending[] {
    const pending: Pending[] = [];
    const add = (path: string, why: string, value: string, secret = false) => {
        const flags = `${secret ? "--secret " : ""}${path.includes(".") ? "--path " : ""}`;
        pending.push({
            path,
            why,
            command: `pulumi config set ${flags}'${project}:${path}' ${value} --stack ${stack}`,
        });
    };
    if (settings.kubeContext === "") {
        add("kubeContext", "the kubeconfig context of this stack's cluster", "CONTEXT");
    }
    const { receivers, runbookBaseUrl } = settings.alerting;
    if (runbookBaseUrl === "") {
        add("alerting.runbookBaseUrl", "where docs/runbooks of this repository is read", "URL");
    }
    const { repository } = settings.backup;
    if (repository?.type === "s3") {
        if (repository.endpoint === "") {
            add("backup.repository.endpoint", "the URL of the S3 service for backups", "URL");
        }
        if (repository.bucket === "") {
            add("backup.repository.bucket", "the bucket for backups", "BUCKET");
        }
        for (const key of CREDENTIALS.filter((each) => !settings.backupCredentials[each])) {
            add(`backupCredentials.${key}`, `the ${key} of that bucket`, "VALUE", true);
        }
    }
    // The rest is the owner's.
    if (settings.cluster.role === "tenant") {
        return pending;
    }
    const secrets = secretFiles(settings.receiverSecrets);
    for (const [name, { type }] of Object.entries(receivers)) {
        const secret = RECEIVER_SECRETS[type];
        const parts: readonly [string | undefined, string][] =
            typeof secret === "string" ? [[undefined, secret]] : Object.entries(secret);
        for (const [part, what] of parts) {
            const file = secretFile(name, part);
            if (!(file in secrets)) {
                add(`receiverSecrets.${file}`, `the ${what}, of receiver "${name}"`, "VALUE", true);
            }
        }
    }
    const { snapshots } = settings.elasticsearch;
    const where = "for Elasticsearch's snapshots";
    if ("bucket" in snapshots && snapshots.bucket === "") {
        add("elasticsearch.snapshots.bucket", `the bucket ${where}`, "NAME");
    }
    if ("container" in snapshots && snapshots.container === "") {
        add("elasticsearch.snapshots.container", `the container ${where}`, "NAME");
    }
    for (const [key, { what }] of Object.entries(SNAPSHOT_CREDENTIALS[snapshots.type])) {
        if (!(key in settings.snapshotCredentials)) {
            add(`snapshotCredentials.${key}`, `the ${what} ${where}`, "VALUE", true);
        }
    }
    if (settings.ingress.enabled) {
        for (const [name, host] of Object.entries(settings.ingress.hosts)) {
            if (host === "") {
                add(`ingress.hosts.${name}`, `the host name of ${name}`, "HOST");
            }
        }
    }
    return pending;
}

/** The list for a reader. */
export function formatPending(pending: readonly Pending[], stack: string): string {
    const lines = pending.map((p) => `  ${p.path}: ${p.why}\n    ${p.command}`);
    return [`To set before \`pulumi up --stack ${stack}\`:`, ...lines].join("\n");
}
