/** The Pulumi CLI of package.json: how every text of ours, and the README, calls it. */
export const PULUMI = "npx pulumi";

/** A value that a preview can do without and an update cannot: no repository should hold it, or only the user knows it. */
export interface Pending {
    /** The key without the project's prefix, `alerting.runbookBaseUrl`. */
    readonly path: string;
    readonly why: string;
    /** What stands for the value in the command that sets it, such as `URL`. */
    readonly placeholder: string;
    readonly secret?: boolean;
}

/** The command that sets a value. */
export function setCommand(
    { path, placeholder, secret = false }: Pending,
    project: string,
    stack: string,
): string {
    const flags = `${secret ? "--secret " : ""}${path.includes(".") ? "--path " : ""}`;
    return `${PULUMI} config set ${flags}'${project}:${path}' ${placeholder} --stack ${stack}`;
}

/** The list for a reader. */
export function formatPending(pending: readonly Pending[], project: string, stack: string): string {
    const lines = pending.map(
        (each) => `  ${each.path}: ${each.why}\n    ${setCommand(each, project, stack)}`,
    );
    return [`To set before \`${PULUMI} up --stack ${stack}\`:`, ...lines].join("\n");
}
