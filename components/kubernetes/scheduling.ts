/**
 * On every pod that this program makes, directly, by a chart or by an operator: all images are of Linux, and a
 * cluster may have nodes of Windows that no taint guards.
 */
export const LINUX_NODES = { "kubernetes.io/os": "linux" } as const;

/**
 * Nodes that are machines, for a DaemonSet that tolerates every taint: neither AWS Fargate nor a virtual kubelet (Azure
 * Container Instances) runs one, and its pod there stays pending for ever. The terms are those that node-exporter's chart has by itself.
 */
export const REAL_NODES = {
    nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
                {
                    matchExpressions: [
                        {
                            key: "eks.amazonaws.com/compute-type",
                            operator: "NotIn",
                            values: ["fargate"],
                        },
                        { key: "type", operator: "NotIn", values: ["virtual-kubelet"] },
                    ],
                },
            ],
        },
    },
} as const;
