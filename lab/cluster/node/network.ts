import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { run } from "../../tools/commands";

/** The node's own address: the API server, DNS and everything of the run that pods must reach listen there. */
export const NODE_ADDRESS = "10.250.0.1";
export const POD_NETWORK = "10.244.0.0/24";

/** Folders that the runtime and its plugins write to by fixed names; in a sandbox each gets its own. */
const FIXED_FOLDERS = [
    "/run/netns",
    "/run/containerd",
    "/var/lib/cni",
    "/var/lib/kubelet",
    "/var/log/pods",
    "/var/log/containers",
];

/** Gives a sandbox its loopback, a bridge with the node's address, and folders that nobody else sees. */
export async function prepareSandbox(): Promise<void> {
    // Pods may ask to see what is mounted later. The namespace is the sandbox's own: nobody outside sees its mounts.
    await run("mount", ["--make-rshared", "/"]);
    for (const folder of FIXED_FOLDERS) {
        fs.mkdirSync(folder, { recursive: true });
        await run("mount", ["-t", "tmpfs", "tmpfs", folder]);
    }
    // Operators beside the control plane look for pods by their names.
    const resolver = path.join(os.tmpdir(), "resolv.conf");
    fs.writeFileSync(resolver, `nameserver ${NODE_ADDRESS}\n`);
    await run("mount", ["--bind", resolver, "/etc/resolv.conf"]);
    await run("ip", ["link", "set", "lo", "up"]);
    await run("ip", ["link", "add", "node0", "type", "bridge"]);
    await run("ip", ["address", "add", `${NODE_ADDRESS}/24`, "dev", "node0"]);
    await run("ip", ["link", "set", "node0", "up"]);
    // Programs look for the address of the default route.
    await run("ip", ["route", "add", "default", "via", NODE_ADDRESS]);
    fs.writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
}

/** The configuration of the container network: a bridge, an address of the pod network for each pod, and host ports. */
export function containerNetwork(dataFolder: string): object {
    return {
        cniVersion: "1.0.0",
        name: "pods",
        plugins: [
            {
                type: "bridge",
                bridge: "pods0",
                isGateway: true,
                ipMasq: false,
                hairpinMode: true,
                ipam: {
                    type: "host-local",
                    dataDir: dataFolder,
                    ranges: [[{ subnet: POD_NETWORK }]],
                    routes: [{ dst: "0.0.0.0/0" }],
                },
            },
            { type: "portmap", capabilities: { portMappings: true } },
        ],
    };
}
