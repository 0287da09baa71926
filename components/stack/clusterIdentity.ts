import * as pulumi from "@pulumi/pulumi";

import { PULUMI } from "../settings/pending";
import { Cluster, connect, reason } from "./cluster";
import { Recorded, textIn } from "./recordedState";

/** Name of the resource that keeps the identity in the state. */
export const IDENTITY = "cluster-identity";

/** What the state knows of the cluster that the stack lives in. */
export interface RecordedCluster {
    /** UID of the namespace kube-system; undefined for a new stack and for one of before 0.2. */
    readonly uid: string | undefined;
    /** Context of the last update; undefined for a new stack. */
    readonly context: string | undefined;
    /** What the providers were given to tell clusters apart; a changed one would replace everything. */
    readonly identifier: string | undefined;
}

export function recordedCluster(recorded: readonly Recorded[]): RecordedCluster {
    const identity = recorded.find(
        ({ type, name }) => type === "pulumi:index:Stash" && name === IDENTITY,
    );
    const provider = recorded.find(
        ({ type, name }) => type === "pulumi:providers:kubernetes" && name === "cluster",
    );
    return {
        uid: textIn(identity?.outputs, "output"),
        context: textIn(provider?.outputs, "context"),
        identifier: textIn(provider?.outputs, "clusterIdentifier"),
    };
}

/** The cluster's UID, or why it could not be read. */
export type FoundCluster =
    | { readonly uid: string }
    | { readonly unreadable: string }
    /** Nobody names a cluster, or there is no kubeconfig: an offline preview. */
    | undefined;

/**
 * Compares the cluster of the context with the one of the state. Throws a `RunError` when they differ, or when an update
 * cannot tell. Returns the UID to record, or undefined when there is none yet.
 */
export function compareClusters(
    { uid, context }: RecordedCluster,
    found: FoundCluster,
    { kubeContext, stack }: { readonly kubeContext: string; readonly stack: string },
    update: boolean,
): string | undefined {
    if (found === undefined) {
        return uid;
    }
    if ("unreadable" in found) {
        const text =
            `kubeContext: the namespace kube-system of context "${kubeContext}" cannot be read, so nobody can tell whether ` +
            `that is the cluster of stack "${stack}": ${found.unreadable}`;
        // Nobody could tell what is there already, either.
        if (update) {
            throw new pulumi.RunError(
                `${text}\nNothing was registered. Reach the cluster, as a user who may get that namespace, and run it again.`,
            );
        }
        void pulumi.log.warn(text);
        return uid;
    }
    if (uid === undefined && context !== undefined && context !== kubeContext) {
        throw new pulumi.RunError(
            `kubeContext: got "${kubeContext}"; stack "${stack}" was brought up in context "${context}" by a version that ` +
                `did not record which cluster that is. Nothing was registered. Run \`${PULUMI} up\` once with context ` +
                `"${context}", which records it; a context that was only renamed can then be changed.`,
        );
    }
    if (uid !== undefined && uid !== found.uid) {
        throw new pulumi.RunError(
            `kubeContext: context "${kubeContext}" is another cluster (kube-system ${found.uid}) than the one that stack ` +
                `"${stack}" lives in (kube-system ${uid}). Nothing was registered: what the state calls unchanged is not ` +
                "there. Name a context of the stack's own cluster; docs/changes.md says how to move to another one.",
        );
    }
    return found.uid;
}

/**
 * The cluster of a context and its identity, the UID of kube-system:
 * https://opentelemetry.io/docs/specs/semconv/resource/k8s/#cluster takes it as the cluster's. A cluster that does not
 * answer is none.
 */
export async function findCluster(
    kubeContext: string,
): Promise<{ readonly found: FoundCluster; readonly cluster: Cluster | undefined }> {
    try {
        const cluster = await connect(kubeContext);
        if (cluster === undefined) {
            return { found: undefined, cluster };
        }
        const uid = await inTime(cluster.uid());
        return uid
            ? { found: { uid }, cluster }
            : { found: { unreadable: "it has no UID" }, cluster: undefined };
    } catch (error) {
        return { found: { unreadable: reason(error) }, cluster: undefined };
    }
}

const PATIENCE_SECONDS = 10;

/** Rejects when the API server does not answer. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
            () => reject(new Error(`no answer within ${PATIENCE_SECONDS} s`)),
            PATIENCE_SECONDS * 1000,
        );
    });
    try {
        return await Promise.race([work, late]);
    } finally {
        clearTimeout(timer);
    }
}
