import { listAt, valueAt } from "../../program/objects";
import type { ControlPlane } from "../controlPlane";
import type { LiveObject } from "../kubeClient";
import { warningEvents } from "../operators";
import { ProcessEnded } from "../processes";

interface Container {
    readonly name: string;
    readonly image: string;
}

interface Ended {
    readonly reason?: string;
    readonly message?: string;
}

interface ContainerStatus extends Container {
    readonly ready: boolean;
    readonly state?: { readonly waiting?: Ended; readonly terminated?: Ended };
}

interface Condition extends Ended {
    readonly type: string;
    readonly status: string;
}

/**
 * Waits until all containers of a pod are ready, and returns it. When the time is over, throws what it lacks and what
 * the API server's events warn of in its namespace.
 */
export async function readyPod(
    plane: Pick<ControlPlane, "client" | "eventually">,
    namespace: string,
    name: string,
): Promise<LiveObject> {
    const { client } = plane;
    try {
        return await plane.eventually(`the pod ${namespace}/${name} is ready`, 120, async () => {
            const pod = await client.get("v1", "Pod", namespace, name);
            const problem = podProblem(pod);
            if (problem) {
                throw new Error(problem);
            }
            return pod;
        });
    } catch (error) {
        if (error instanceof ProcessEnded) {
            throw error;
        }
        const warnings = (await warningEvents({ client })).filter((each) =>
            each.includes(` ${namespace}/`),
        );
        throw new Error([String(error), ...new Set(warnings)].join("\n  "), { cause: error });
    }
}

/** What keeps a pod from being ready; undefined when all containers are, with the images that it asks for. */
export function podProblem({ metadata, spec, status }: LiveObject): string | undefined {
    if (metadata.deletionTimestamp !== undefined) {
        return "it is being deleted";
    }
    const conditions = (valueAt(status, "conditions") ?? []) as Condition[];
    const unscheduled = conditions.find(
        (each) => each.type === "PodScheduled" && each.status === "False",
    );
    if (unscheduled) {
        return said("no node", unscheduled);
    }
    const statuses = (valueAt(status, "containerStatuses") ?? []) as ContainerStatus[];
    const missing = (listAt(spec, "containers") as Container[]).flatMap(({ name, image }) => {
        const container = statuses.find((each) => each.name === name);
        return container?.ready && container.image.endsWith(image)
            ? []
            : [said(name, container?.state?.waiting ?? container?.state?.terminated)];
    });
    return missing.length > 0 ? missing.join("; ") : undefined;
}

function said(what: string, { reason, message }: Ended = {}): string {
    return `${what}: ${[reason, message].filter(Boolean).join(", ") || "not ready yet"}`;
}
