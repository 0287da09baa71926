import { suggestion } from "../../components/settings/problems";

/** What the command line of `npm run restore` asks for. */
export interface RestoreRequest {
    readonly stack: string;
    readonly namespace: string;
    /** The instance whose backup is read; it may be gone. */
    readonly source: string;
    /** The instance that is written to. */
    readonly target: string;
    /** Make a backup of the source first. */
    readonly fresh: boolean;
    /** An older backup by restic's id; the newest without it. */
    readonly snapshot: string | undefined;
    /** Do it; otherwise only say what would be done. */
    readonly yes: boolean;
}

/** Instances of a stack by namespace, with whether they ask for a backup. */
export type Instances = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

const USAGE =
    "npm run restore -- STACK NAMESPACE/SOURCE [NAMESPACE/TARGET] [--fresh] [--snapshot=ID] [--yes]";
const SNAPSHOT = "--snapshot=";

/**
 * Reads the arguments after `npm run restore --`; `instancesOf` tells a stack's. Throws an Error with everything that is
 * wrong, and what is allowed.
 */
export function restoreRequest(
    args: readonly string[],
    stacks: readonly string[],
    instancesOf: (stack: string) => Instances,
): RestoreRequest {
    const [stack, ...places] = args.filter((argument) => !argument.startsWith("-"));
    const flags = args.filter((argument) => argument.startsWith("-"));
    const snapshot = flags.find((flag) => flag.startsWith(SNAPSHOT))?.slice(SNAPSHOT.length);
    const fresh = flags.includes("--fresh");
    const problems = [
        ...flags
            .filter((flag) => !["--yes", "--fresh"].includes(flag) && !flag.startsWith(SNAPSHOT))
            .map((flag) => `"${flag}" is not an option; allowed: --fresh, --snapshot=ID, --yes`),
        ...(snapshot === undefined || /^[0-9a-f]{8,64}$/.test(snapshot)
            ? []
            : [
                  `"${snapshot}" is no id of a backup; allowed: 8 to 64 of 0-9 and a-f, as docs/restore.md lists them`,
              ]),
        ...(fresh && snapshot !== undefined
            ? ["--fresh takes the backup that it makes; allowed: without --snapshot"]
            : []),
    ];
    if (stack === undefined || places.length < 1 || places.length > 2) {
        throw refused([...problems, `name a stack and what to restore: ${USAGE}`]);
    }
    if (!stacks.includes(stack)) {
        const known = `${suggestion(stack, stacks)}stacks: ${stacks.join(", ")}`;
        throw refused([...problems, `there is no stack "${stack}"; ${known}`]);
    }
    const [from = "", to = from] = places;
    const [namespace = "", source = ""] = from.split("/");
    const [targetNamespace, target = ""] = to.split("/");
    const all = places.filter((place) => !/^[^/]+\/[^/]+$/.test(place));
    if (all.length > 0) {
        throw refused([
            ...problems,
            `"${all.join('", "')}" names no instance; allowed: NAMESPACE/NAME, such as shop/orders`,
        ]);
    }
    if (targetNamespace !== namespace) {
        problems.push(
            `${from} goes into ${to}; allowed: an instance of the namespace ${namespace}, since backups of another namespace have another key`,
        );
    }
    const instances = instancesOf(stack);
    const wanted = fresh && source !== target ? [source, target] : [target];
    for (const name of targetNamespace === namespace ? wanted : []) {
        const backedUp = instances[namespace]?.[name];
        if (backedUp === undefined) {
            const known = Object.entries(instances).flatMap(([each, names]) =>
                Object.keys(names).map((instance) => `${each}/${instance}`),
            );
            const place = `${namespace}/${name}`;
            problems.push(
                `stack "${stack}" has no Redis ${place}; ${suggestion(place, known)}Redis: ${known.join(", ") || "none"}`,
            );
        } else if (!backedUp) {
            problems.push(
                `redis.${namespace}.instances.${name} asks for no backup, so that nothing is there that restores into it; set its \`backup\`, and run \`up\``,
            );
        }
    }
    if (problems.length > 0) {
        throw refused(problems);
    }
    return { stack, namespace, source, target, fresh, snapshot, yes: flags.includes("--yes") };
}

function refused(problems: readonly string[]): Error {
    return new Error([...problems, "Nothing was looked at."].join("\n"));
}

/** What will be done, for a reader. */
export function restoreLines(request: RestoreRequest): string[] {
    const { namespace, source, target, fresh, snapshot } = request;
    const backup = snapshot === undefined ? "the newest backup" : `the backup ${snapshot}`;
    return [
        ...(fresh ? [`  a backup of ${namespace}/${source} now`] : []),
        `  ${fresh ? "that backup" : backup} of ${namespace}/${source} into ${namespace}/${target}: keys of the same name are overwritten, others stay`,
        `  a count: ${namespace}/${target} must hold as many keys as were written`,
        `Before: stop what writes to ${[...new Set([source, target])].map((name) => `${namespace}/${name}`).join(" and ")}.`,
    ];
}
