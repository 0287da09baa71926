import * as fs from "node:fs";
import * as path from "node:path";

import { stringify } from "yaml";

import { valueAt } from "../../program/objects";
import { isOnPath, run } from "../../tools/commands";
import { tools } from "../../tools/goTools";
import { CONTROL_PLANE_TOOLS, ControlPlane } from "../controlPlane";
import { Image, makeImage } from "./image";
import { containerNetwork, NODE_ADDRESS, POD_NETWORK, prepareSandbox } from "./network";
import { containerdConfig, corefile, kubeletConfig } from "./nodeConfig";
import { failureInside, subgroup } from "./sandbox";

/** The first one; others are `real-2`, `real-3`. */
export const NODE_NAME = "real";
const NODE_TOOLS = [
    "containerd",
    "containerd-shim-runc-v2",
    "ctr",
    "kubelet",
    "kube-proxy",
    "coredns",
] as const;
/** What kubelet and containerd run pods with, from Debian, by the package's name. */
const PROGRAMS: Readonly<Record<string, string>> = {
    runc: "runc",
    iptables: "iptables",
    conntrack: "conntrack",
};
const CNI_PLUGINS = "/usr/lib/cni";

/** Builds the programs of a node: inside a sandbox there is no network. */
export async function fetchNodeTools(): Promise<void> {
    await tools(...NODE_TOOLS, ...CONTROL_PLANE_TOOLS);
}

/** Why pods cannot be run here; undefined when they can. */
export function nodeProblem(): string | undefined {
    const missing = Object.entries(PROGRAMS).flatMap(([program, name]) =>
        isOnPath(program) ? [] : [name],
    );
    const packages = fs.existsSync(CNI_PLUGINS)
        ? missing
        : [...missing, "containernetworking-plugins"];
    return packages.length > 0
        ? `it needs programs of Debian: apt-get install ${packages.join(" ")}`
        : failureInside("iptables", "-t", "nat", "-S");
}

export interface RealNodeOptions {
    readonly simulatedNodes: boolean;
    /** How many; 1 when not given. They have one address, one network and one kernel. */
    readonly nodes?: number;
}

/**
 * A control plane and one node, or some, on which pods really run: containerd and kubelet of each, kube-proxy and DNS.
 * Inside a sandbox.
 */
export class RealNode {
    readonly names: readonly string[];

    private constructor(
        readonly plane: ControlPlane,
        private readonly paths: Record<(typeof NODE_TOOLS)[number], string>,
        nodes: number,
    ) {
        this.names = Array.from({ length: nodes }, (_, i) =>
            i === 0 ? NODE_NAME : `${NODE_NAME}-${i + 1}`,
        );
    }

    /**
     * Starts everything but the kubelet: the node gets its images before pods come to it, and `join` starts that. Throws,
     * with everything stopped, when something does not start.
     */
    static async prepare({ simulatedNodes, nodes = 1 }: RealNodeOptions): Promise<RealNode> {
        const paths = await tools(...NODE_TOOLS);
        await prepareSandbox();
        const plane = await ControlPlane.start({}, { simulatedNodes, advertise: NODE_ADDRESS });
        const node = new RealNode(plane, paths, nodes);
        try {
            node.makeNetwork();
            for (const name of node.names) {
                await node.startRuntime(name);
            }
        } catch (error) {
            await node.stop();
            throw error;
        }
        return node;
    }

    /** Makes them nodes of the cluster, and waits until they are ready; the caller stops it all when that fails. */
    async join(): Promise<void> {
        const { plane, folder, paths } = this;
        const { processes, kubeconfig, client } = plane;
        this.names.forEach((name, i) => this.startKubelet(name, i));
        processes.start("kube-proxy", paths["kube-proxy"], [
            `--kubeconfig=${kubeconfig}`,
            "--proxy-mode=iptables",
            `--cluster-cidr=${POD_NETWORK}`,
            `--hostname-override=${NODE_NAME}`,
            // The kernel's own limit stays.
            "--conntrack-max-per-core=0",
        ]);
        const dns = path.join(folder, "Corefile");
        fs.writeFileSync(dns, corefile(kubeconfig));
        processes.start("coredns", paths.coredns, ["-conf", dns]);
        for (const name of this.names) {
            await plane.eventually(`the node ${name} gets ready`, 60, async () => {
                const { status } = await client.get("v1", "Node", "", name);
                const conditions = valueAt(status, "conditions") as Condition[];
                return conditions.find(({ type }) => type === "Ready")?.status === "True"
                    ? true
                    : undefined;
            });
        }
    }

    get folder(): string {
        return this.plane.processes.folder;
    }

    /** Makes an image and gives it to the nodes. */
    async addImage(image: Image): Promise<void> {
        const folder = fs.mkdtempSync(path.join(this.folder, "image-"));
        const archive = await makeImage(image, folder);
        for (const name of this.names) {
            await this.ctr(name, "image", "import", archive);
        }
        fs.rmSync(folder, { recursive: true });
    }

    /** The first process of a running container. */
    async processOf(namespace: string, pod: string, container: string): Promise<number> {
        const { status } = await this.plane.client.get("v1", "Pod", namespace, pod);
        const all = valueAt(status, "containerStatuses") as ContainerStatus[];
        const id = all.find(({ name }) => name === container)?.containerID?.split("//")[1];
        const pid = (await this.containerProcesses()).get(id ?? "");
        if (pid === undefined) {
            throw new Error(`the pod ${namespace}/${pod} has no running container ${container}`);
        }
        return pid;
    }

    /** Ends the pods and everything else, and removes what they left. */
    async stop(): Promise<void> {
        const { plane, folder } = this;
        for (const name of this.names) {
            // It would start them again.
            await plane.processes.stop(`kubelet-${name}`);
        }
        (await this.containerProcesses()).forEach(killProcess);
        const mounts = fs
            .readFileSync("/proc/mounts", "utf8")
            .split("\n")
            .map((line) => line.split(" ")[1] ?? "")
            .filter((target) => target.startsWith(`${folder}/`));
        for (const target of mounts.reverse()) {
            // containerd may have been faster.
            await run("umount", ["--lazy", target]).catch(() => "");
        }
        await plane.stop();
    }

    private makeNetwork(): void {
        const network = path.join(this.folder, "cni");
        fs.mkdirSync(network);
        const list = containerNetwork(path.join(this.folder, "cni-addresses"));
        fs.writeFileSync(path.join(network, "10-pods.conflist"), JSON.stringify(list));
    }

    /** Where a node has its sockets and state. */
    private place(name: string): string {
        return path.join(this.folder, name);
    }

    private async startRuntime(name: string): Promise<void> {
        const { plane, paths } = this;
        const place = this.place(name);
        fs.mkdirSync(place);
        const config = path.join(place, "containerd.toml");
        const network = path.join(this.folder, "cni");
        fs.writeFileSync(config, containerdConfig(place, network, CNI_PLUGINS));
        plane.processes.start(`containerd-${name}`, paths.containerd, ["-c", config], {
            ...process.env,
            // The shim is beside containerd.
            PATH: `${path.dirname(paths.containerd)}:${process.env.PATH}`,
        });
        await plane.eventually("containerd answers", 30, () => this.ctr(name, "version"));
    }

    private startKubelet(name: string, index: number): void {
        const { processes, kubeconfig } = this.plane;
        const place = this.place(name);
        const config = path.join(place, "kubelet.yaml");
        fs.writeFileSync(config, stringify(kubeletConfig(place, subgroup(name), index)));
        processes.start(`kubelet-${name}`, this.paths.kubelet, [
            `--kubeconfig=${kubeconfig}`,
            `--config=${config}`,
            `--hostname-override=${name}`,
            `--node-ip=${NODE_ADDRESS}`,
            `--root-dir=${path.join(place, "kubelet")}`,
            `--cert-dir=${path.join(place, "pki")}`,
        ]);
    }

    /** First processes by the runtime's names of their containers. */
    private async containerProcesses(): Promise<Map<string, number>> {
        const found = new Map<string, number>();
        for (const name of this.names) {
            const [, ...lines] = (await this.ctr(name, "task", "list")).trim().split("\n");
            for (const line of lines) {
                const [id = "", pid] = line.split(/\s+/);
                found.set(id, Number(pid));
            }
        }
        return found;
    }

    private ctr(name: string, ...args: readonly string[]): Promise<string> {
        const address = path.join(this.place(name), "containerd.sock");
        return run(this.paths.ctr, ["--address", address, "--namespace", "k8s.io", ...args]);
    }
}

/** Ends a process at once, as a crash would; with the first one of a container, the container. */
export function killProcess(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // It ended by itself.
    }
}

interface ContainerStatus {
    readonly name: string;
    readonly containerID?: string;
}

interface Condition {
    readonly type: string;
    readonly status: string;
}
