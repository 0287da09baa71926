import type { ControlPlane } from "../../lab/cluster/controlPlane";

const ADDRESS = "127.0.0.1";

/** A pod that stands for a process of this machine, so that monitors find it. */
export interface ProcessPod {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    /** The ports of its container, as its manifest declares them. */
    readonly ports: readonly { readonly name?: string; readonly containerPort: number }[];
}

/** Makes a pod that runs with the address of this machine, on no node. */
export async function standFor(plane: ControlPlane, pod: ProcessPod): Promise<void> {
    const { namespace, name, labels, ports } = pod;
    const made = await plane.client.apply(
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { namespace, name, labels },
            spec: {
                nodeSelector: { process: "of-the-test" },
                containers: [
                    {
                        name: "process",
                        image: "example.org/process:1",
                        ports,
                    },
                ],
            },
        },
        "test",
    );
    const status = { phase: "Running", podIP: ADDRESS, podIPs: [{ ip: ADDRESS }] };
    await plane.client.patch(made, { status }, "/status");
}
