import { NODE_ADDRESS } from "./network";

/** The image of a pod's own container, which holds its namespaces. */
export const PAUSE_IMAGE = "registry.k8s.io/pause:3.10";

/** containerd's configuration, version 3: https://github.com/containerd/containerd/blob/main/docs/cri/config.md. */
export function containerdConfig(folder: string, network: string, plugins: string): string {
    return `version = 3
root = "${folder}/containerd"
state = "${folder}/containerd-state"
[grpc]
  address = "${folder}/containerd.sock"
[ttrpc]
  address = "${folder}/containerd.ttrpc.sock"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${PAUSE_IMAGE}"
[plugins."io.containerd.cri.v1.runtime"]
  # Root of a container lacks the right to lower it.
  restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["${plugins}"]
  conf_dir = "${network}"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = false
`;
}

/** Ports of the first kubelet; those of the others follow. */
const KUBELET_PORT = 10250;
const KUBELET_HEALTH_PORT = 10350;

/** The configuration of the kubelet of that index; its pods' control groups are below `cgroupRoot`. */
export function kubeletConfig(folder: string, cgroupRoot: string, index: number): object {
    return {
        apiVersion: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        cgroupDriver: "cgroupfs",
        cgroupRoot,
        // Version 1 still works, and some machines have nothing else.
        failCgroupV1: false,
        failSwapOn: false,
        enforceNodeAllocatable: [],
        containerRuntimeEndpoint: `unix://${folder}/containerd.sock`,
        address: NODE_ADDRESS,
        port: KUBELET_PORT + index,
        healthzPort: KUBELET_HEALTH_PORT + index,
        authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
        authorization: { mode: "AlwaysAllow" },
        clusterDNS: [NODE_ADDRESS],
        clusterDomain: "cluster.local",
        // Images are made here: none could be pulled again.
        imageGCHighThresholdPercent: 100,
        evictionHard: { "memory.available": "100Mi" },
        // Each removes what it does not know.
        podLogsDir: `/var/log/pods/${index}`,
    };
}

/** CoreDNS for the cluster's own names alone. */
export function corefile(kubeconfig: string): string {
    return `cluster.local:53 in-addr.arpa:53 {
    bind ${NODE_ADDRESS}
    errors
    kubernetes cluster.local in-addr.arpa {
        kubeconfig ${kubeconfig}
        pods insecure
    }
}
`;
}
