import { KubeClient, LiveObject } from "../../lab/cluster/kubeClient";
import { ApiError } from "../../lab/cluster/kubeTransport";
import { valueAt } from "../../lab/program/objects";
import { describeObject } from "./stack";
import type { LiveObjects } from "./wiring/liveObjects";

/** A pod template, wherever a kind keeps it. */
interface Template {
    readonly owner: LiveObject;
    readonly template: { readonly metadata?: object; readonly spec: object };
}

const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
    Deployment: ["spec", "template"],
    StatefulSet: ["spec", "template"],
    DaemonSet: ["spec", "template"],
    Job: ["spec", "template"],
    CronJob: ["spec", "jobTemplate", "spec", "template"],
};

function templates(objects: LiveObjects): Template[] {
    return objects.ours(...Object.keys(TEMPLATE_PATHS)).map((owner) => ({
        owner,
        template: valueAt(owner, ...(TEMPLATE_PATHS[owner.kind] ?? [])) as Template["template"],
    }));
}

/** Workloads of our namespaces whose pods their own namespace refuses, with what Pod Security says. */
export async function refusedPods(client: KubeClient, objects: LiveObjects): Promise<string[]> {
    const all = templates(objects).map(({ owner, template }) =>
        admission(client, owner, template, owner.metadata.namespace ?? ""),
    );
    return (await Promise.all(all)).flat();
}

/** Workloads that a namespace with `restricted` would refuse, as `Kind namespace/name`. */
export async function notRestricted(client: KubeClient, objects: LiveObjects): Promise<string[]> {
    const namespace = "restricted-check";
    await client.apply(
        {
            apiVersion: "v1",
            kind: "Namespace",
            metadata: {
                name: namespace,
                labels: { "pod-security.kubernetes.io/enforce": "restricted" },
            },
        },
        "pod-security-check",
    );
    const found = await Promise.all(
        templates(objects).map(async ({ owner, template }) =>
            (await admission(client, owner, template, namespace)).length > 0
                ? [describeObject(owner)]
                : [],
        ),
    );
    return found.flat().sort();
}

async function admission(
    client: KubeClient,
    owner: LiveObject,
    template: Template["template"],
    namespace: string,
): Promise<string[]> {
    // Whether the ServiceAccount is there is another check's; a StatefulSet adds the volumes of its claims itself.
    const { volumes = [], ...spec } = template.spec as { volumes?: { name: string }[] };
    const named = volumes.map(({ name }) => name);
    const claims = (valueAt(owner, "spec", "volumeClaimTemplates") ?? []) as LiveObject[];
    try {
        await client.dryRun({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "admission", namespace },
            spec: {
                ...spec,
                ...{ serviceAccountName: undefined, serviceAccount: undefined },
                automountServiceAccountToken: false,
                volumes: [
                    ...volumes,
                    ...claims
                        .map(({ metadata: { name } }) => ({ name, emptyDir: {} }))
                        .filter(({ name }) => !named.includes(name)),
                ],
            },
        });
        return [];
    } catch (error) {
        if (error instanceof ApiError && /violates PodSecurity/.test(error.message)) {
            return [`${describeObject(owner)}: ${error.message}`];
        }
        throw error;
    }
}
