import { setTimeout as sleep } from "node:timers/promises";

import * as pulumi from "@pulumi/pulumi";

import { PULUMI } from "../settings/pending";
import type { Cluster } from "./cluster";
import { describeRecord, HelmRecord, helmRecords, isPending } from "./helmRecords";
import { isUnmarked, markedObject, markedRelease, markOfObject, ownMark } from "./ownership";
import type { Recorded } from "./recordedState";

const RELEASE = "kubernetes:helm.sh/v3:Release";
/** Taken over whoever made them: a destroyed stack always leaves them. */
const CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";

/**
 * Lets an update go on where an earlier one was interrupted: marks what the stack makes as its own, and takes over what
 * is marked and not in the state. Registers hooks, so it is called before anything is declared. See
 * docs/adr/0021-interrupted-updates.md.
 */
export function resumeInterrupted(
    cluster: Cluster | undefined,
    recorded: readonly Recorded[],
    /** Whether what nobody marked is taken over as well. */
    { adoptExisting }: { readonly adoptExisting: boolean },
): void {
    const mark = ownMark();
    const known = new Map(recorded.map((each) => [`${each.type}::${each.name}`, each]));
    const hooks =
        cluster &&
        new Hooks(new TakeOver(cluster, mark, adoptExisting), ({ type, name }) =>
            known.has(`${type}::${name}`),
        );
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
        if (!type.startsWith("kubernetes:")) {
            return undefined;
        }
        const before = known.get(`${type}::${name}`);
        // Without a cluster, a new resource is made by nobody.
        const marks = before ? !isUnmarked(before) : cluster !== undefined;
        const marked = type === RELEASE ? markedRelease : markedObject;
        const binding = hooks?.of(type);
        return {
            props: marks ? marked(props, mark) : props,
            opts: binding ? pulumi.mergeOptions(opts, { hooks: binding }) : opts,
        };
    });
}

/**
 * The engine's calls before a step; each is registered when first needed, since they are answered by a server. What a
 * resource is bound to does not depend on the state: it is a part of it, and the engine writes all of the state for each
 * resource that is bound to something else than before.
 */
class Hooks {
    private readonly made = new Map<string, pulumi.ResourceHook>();

    constructor(
        private readonly takeOver: TakeOver,
        private readonly isRecorded: (resource: pulumi.ResourceHookArgs) => boolean,
    ) {}

    /** Creations, in a preview as well: there it changes nothing, and says what an update will do. */
    of(type: string): pulumi.ResourceHookBinding | undefined {
        switch (type) {
            case CRD:
                return undefined;
            case RELEASE:
                return {
                    beforeCreate: [this.hook("release")],
                    ...(pulumi.runtime.isDryRun()
                        ? {}
                        : { beforeUpdate: [this.hook("pendingRelease")] }),
                };
            default:
                return { beforeCreate: [this.hook("object")] };
        }
    }

    private hook(way: "object" | "release" | "pendingRelease"): pulumi.ResourceHook {
        const present = this.made.get(way);
        if (present) {
            return present;
        }
        const hook = new pulumi.ResourceHook(
            `take-over-${way}`,
            async (resource) => {
                // What is replaced is in the state, and this stack's whatever marks it.
                if (way === "pendingRelease" || !this.isRecorded(resource)) {
                    await this.takeOver[way]((resource.newInputs ?? {}) as Inputs);
                }
            },
            { onDryRun: true },
        );
        this.made.set(way, hook);
        return hook;
    }
}

/** What a hook is told of a resource; what a preview does not know yet is no text. */
interface Inputs {
    readonly apiVersion?: unknown;
    readonly kind?: unknown;
    readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
    readonly name?: unknown;
    readonly namespace?: unknown;
}

/** Young enough for the killed engine's provider to be still at it: it lives on for a while. */
const YOUNG_SECONDS = 30;

/** Decides what of the cluster an update takes over, and makes way for it. */
export class TakeOver {
    private said = false;

    constructor(
        private readonly cluster: Cluster,
        private readonly mark: string,
        private readonly adoptExisting: boolean,
        private readonly youngSeconds = YOUNG_SECONDS,
    ) {}

    /** Before an object is created: the provider takes over one that is there, which must be this stack's. */
    async object({ apiVersion, kind, metadata }: Inputs): Promise<void> {
        const { name, namespace } = metadata ?? {};
        if (!isText(apiVersion) || !isText(kind) || !isText(name)) {
            return;
        }
        const reference = {
            apiVersion,
            kind,
            name,
            namespace: isText(namespace) ? namespace : undefined,
        };
        const found = await this.cluster.find(reference);
        if (found === undefined || this.adoptExisting) {
            return;
        }
        const owner = markOfObject(found.annotations);
        const what = `${kind} ${reference.namespace ? `${reference.namespace}/` : ""}${name}`;
        if (owner !== this.mark) {
            throw new Error(
                `${what} is in the cluster already, and ` +
                    (owner ? `stack "${owner}" made it` : "no stack of this program marked it") +
                    `: it is not taken over. Delete or rename it, or set dataProtection.adoptExisting to take over what is there.`,
            );
        }
        this.sayOnce();
    }

    /** Before a release is created: Helm takes over a release's objects, and refuses to over its records. */
    async release(inputs: Inputs): Promise<void> {
        const records = await this.records(inputs);
        const [latest] = records;
        if (latest === undefined) {
            return;
        }
        if (latest.mark !== this.mark) {
            throw new Error(
                `${describeRecord(latest)}, is in the cluster already, and ` +
                    (latest.mark
                        ? `stack "${latest.mark}" made it`
                        : "no stack of this program marked it") +
                    `: it is not taken over. Uninstall it with \`helm uninstall ${latest.release} -n ${latest.namespace}\`, ` +
                    `or take it into this stack's state: docs/recovery.md#releases.`,
            );
        }
        this.sayOnce();
        await this.forget(records);
    }

    /** Before a release of this stack is upgraded: Helm refuses to while a revision is pending. */
    async pendingRelease(inputs: Inputs): Promise<void> {
        await this.forget((await this.records(inputs)).filter(isPending));
    }

    private async records({ name, namespace }: Inputs): Promise<HelmRecord[]> {
        if (!isText(name) || !isText(namespace)) {
            return [];
        }
        const read = async () => helmRecords(await this.cluster.helmSecrets(namespace, name));
        let records = await read();
        while (!pulumi.runtime.isDryRun() && records.some((each) => this.isYoung(each))) {
            await sleep(1000);
            records = await read();
        }
        return records;
    }

    private isYoung(record: HelmRecord): boolean {
        const age = Date.now() / 1000 - (record.changedAt ?? 0);
        return isPending(record) && age >= 0 && age < this.youngSeconds;
    }

    private async forget(records: readonly HelmRecord[]): Promise<void> {
        for (const record of records) {
            void pulumi.log.warn(
                `${describeRecord(record)}: an interrupted update left it. Helm's record of it goes, and the chart is ` +
                    `installed over what is there.`,
            );
            if (!pulumi.runtime.isDryRun()) {
                await this.cluster.deleteSecret(record.namespace, record.secret);
            }
        }
    }

    private sayOnce(): void {
        if (!this.said) {
            this.said = true;
            void pulumi.log.warn(
                `Objects of this stack are in the cluster and not in its state, as an interrupted \`${PULUMI} up\` leaves ` +
                    `them: they are taken over.`,
            );
        }
    }
}

function isText(value: unknown): value is string {
    return typeof value === "string" && value !== "";
}
