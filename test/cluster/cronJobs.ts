import { KubeClient, LiveObject } from "../../lab/cluster/kubeClient";
import { ApiError } from "../../lab/cluster/kubeTransport";
import { valueAt } from "../../lab/program/objects";

/**
 * Makes a Job of every CronJob, as `kubectl create job --from=cronjob/NAME NAME` does, so that their pods are there to
 * look at; also of those that are suspended. A Job that is there already stays, as those of earlier runs do.
 */
export async function runCronJobs(client: KubeClient): Promise<void> {
    const cronJobs = await client.list("batch/v1", "CronJob");
    await Promise.all(cronJobs.map((each) => create(client, jobOf(each))));
}

function jobOf({ apiVersion, kind, metadata, spec }: LiveObject): object {
    const template = valueAt(spec, "jobTemplate") as Pick<LiveObject, "metadata" | "spec">;
    const { name, namespace, uid } = metadata;
    return {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: {
            name,
            namespace,
            labels: template.metadata?.labels,
            annotations: {
                ...template.metadata?.annotations,
                "cronjob.kubernetes.io/instantiate": "manual",
            },
            ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
        },
        spec: template.spec,
    };
}

async function create(client: KubeClient, job: object): Promise<void> {
    try {
        await client.create(job);
    } catch (error) {
        if (!(error instanceof ApiError && error.reason === "AlreadyExists")) {
            throw error;
        }
    }
}
