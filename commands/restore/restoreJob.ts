import type { V1Container, V1CronJob, V1Job, V1PodSpec } from "@kubernetes/client-node" with {
    "resolution-mode": "import",
};

import { bytes } from "../../components/settings/quantity";

/** Of what a restore's pod is given the larger one, where the backup is of another instance: data must fit. */
const VOLUMES = ["work", "tmp"];
const REPOSITORY = "RESTIC_REPOSITORY";

/** A Job of a CronJob as it is, like `kubectl create job --from`. */
export function jobOf({ metadata, spec }: V1CronJob, name: string): V1Job {
    const template = spec?.jobTemplate;
    return {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: {
            name,
            namespace: metadata?.namespace ?? "",
            labels: { ...template?.metadata?.labels },
            annotations: { "cronjob.kubernetes.io/instantiate": "manual" },
        },
        spec: structuredClone(template?.spec ?? { template: {} }),
    };
}

export interface RestoreOf {
    readonly name: string;
    readonly source: string;
    readonly target: string;
    readonly snapshot: string | undefined;
    /** CronJob `restore-<source>`, where the source is still there. */
    readonly ofSource: V1CronJob | undefined;
}

/** A Job that reads the backups of one instance and writes into another, from the CronJob `restore-<target>`. */
export function restoreJob(
    ofTarget: V1CronJob,
    { name, source, target, snapshot, ofSource }: RestoreOf,
): V1Job {
    const job = jobOf(ofTarget, name);
    const pod = job.spec?.template.spec as V1PodSpec;
    const [fetch] = pod.initContainers ?? [];
    const [restore] = pod.containers;
    const repository = fetch?.env?.find((each) => each.name === REPOSITORY);
    if (fetch === undefined || restore === undefined || !repository?.value?.endsWith(target)) {
        throw new Error(
            `the CronJob restore-${target} has not the form of this version: run \`up\` before`,
        );
    }
    // Repositories of one namespace differ in the name at their end.
    repository.value = repository.value.slice(0, -target.length) + source;
    if (snapshot !== undefined) {
        fetch.env = [...(fetch.env ?? []), { name: "SNAPSHOT", value: snapshot }];
    }
    const other = ofSource?.spec?.jobTemplate.spec?.template.spec;
    if (other) {
        enlarge(pod, other);
    }
    return job;
}

function enlarge(pod: V1PodSpec, other: V1PodSpec): void {
    const larger = (one: string | undefined, two: string | undefined): string | undefined =>
        one === undefined || two === undefined || bytes(one) >= bytes(two) ? one : two;
    for (const name of VOLUMES) {
        const volume = pod.volumes?.find((each) => each.name === name)?.emptyDir;
        const theirs = other.volumes?.find((each) => each.name === name)?.emptyDir;
        const sizeLimit = larger(volume?.sizeLimit, theirs?.sizeLimit);
        if (volume && sizeLimit !== undefined) {
            volume.sizeLimit = sizeLimit;
        }
    }
    const [own, theirs] = [pod.containers[0], other.containers[0]] as [V1Container, V1Container];
    const memory = larger(own.resources?.limits?.memory, theirs.resources?.limits?.memory);
    if (own.resources?.limits && memory !== undefined) {
        own.resources.limits.memory = memory;
    }
}
