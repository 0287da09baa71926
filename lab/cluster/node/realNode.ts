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
import { failureInside, sandboxName } from "./sandbox";

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

/** A control plane and one node on which pods really run: containerd, kubelet, kube-proxy and DNS. Inside a sandbox. */
export class RealNode {
    private constructor(
        readonly plane: ControlPlane,
        private readonly paths: Record<(typeof NODE_TOOLS)[number], string>,
    ) {}

    /**
     * Starts everything but the kubelet: the node gets its images before pods come to it, and `join` starts that. Throws,
     * with everything stopped, when something does not start.
     */
    static async prepare(options: { readonly simulatedNodes: boolean }): Promise<RealNode> {
        const paths = await tools(...NODE_TOOLS);
        await prepareSandbox();
        const plane = await ControlPlane.start({}, { ...options, advertise: NODE_ADDRESS });
        const node = new RealNode(plane, paths);
        try {
            await node.startRuntime();
        } catch (error) {
            await node.stop();
            throw error;
        }
        return node;
    }

    /** Makes it a node of the cluster, and waits until it is ready; the caller stops it when that fails. */
    async join(): Promise<void> {
        const { plane, folder, paths } = this;
        const { processes, kubeconfig, client } = plane;
        const config = path.join(folder, "kubelet.yaml");
        fs.writeFileSync(config, stringify(kubeletConfig(folder, `/${sandboxName()}`)));
        processes.start("kubelet", paths.kubelet, [
            `--kubeconfig=${kubeconfig}`,
            `--config=${config}`,
            `--hostname-override=${NODE_NAME}`,
            `--node-ip=${NODE_ADDRESS}`,
            `--root-dir=${path.join(folder, "kubelet")}`,
            `--cert-dir=${path.join(folder, "pki", "kubelet")}`,
        ]);
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
        await plane.eventually("the node gets ready", 60, async () => {
            const { status } = await client.get("v1", "Node", "", NODE_NAME);
            const conditions = valueAt(status, "conditions") as Condition[];
            return conditions.find(({ type }) => type === "Ready")?.status === "True"
                ? true
                : undefined;
        });
    }

    get folder(): string {
        return this.plane.processes.folder;
    }

    /** Makes an image and gives it to the node. */
    async addImage(image: Image): Promise<void> {
        const folder = fs.mkdtempSync(path.join(this.folder, "image-"));
        await this.ctr("image", "import", await makeImage(image, folder));
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
        // It would start them again.
        await plane.processes.stop("kubelet");
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

    private async startRuntime(): Promise<void> {
        const { plane, folder, paths } = this;
        const network = path.join(folder, "cni");
        fs.mkdirSync(network);
        const list = containerNetwork(path.join(folder, "cni-addresses"));
        fs.writeFileSync(path.join(network, "10-pods.conflist"), JSON.stringify(list));
        const config = path.join(folder, "containerd.toml");
        fs.writeFileSync(config, containerdConfig(folder, network, CNI_PLUGINS));
        plane.processes.start("containerd", paths.containerd, ["-c", config], {
            ...process.env,
            // The shim is beside containerd.
            PATH: `${path.dirname(paths.containerd)}:${process.env.PATH}`,
        });
        await plane.eventually("containerd answers", 30, () => this.ctr("version"));
    }

    /** First processes by the runtime's names of their containers. */
    private async containerProcesses(): Promise<Map<string, number>> {
        const [, ...lines] = (await this.ctr("task", "list")).trim().split("\n");
        return new Map(
            lines.map((line) => {
                const [id = "", pid] = line.split(/\s+/);
                return [id, Number(pid)];
            }),
        );
    }

    private ctr(...args: readonly string[]): Promise<string> {
        const address = path.join(this.folder, "containerd.sock");
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
