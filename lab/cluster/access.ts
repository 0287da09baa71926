const API = "rbac.authorization.k8s.io";

export function serviceAccount(namespace: string, name: string): object {
    return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
}

/** Gives a ServiceAccount a ClusterRole; the binding has the account's name. */
export function clusterRoleBinding(namespace: string, name: string, role: string): object {
    return {
        apiVersion: `${API}/v1`,
        kind: "ClusterRoleBinding",
        metadata: { name },
        roleRef: { apiGroup: API, kind: "ClusterRole", name: role },
        subjects: [{ kind: "ServiceAccount", name, namespace }],
    };
}

/** A ServiceAccount with which Prometheus may discover what it scrapes. */
export function discoveryAccess(namespace: string, name: string): object[] {
    return [
        serviceAccount(namespace, name),
        {
            apiVersion: `${API}/v1`,
            kind: "ClusterRole",
            metadata: { name },
            rules: [
                {
                    apiGroups: [""],
                    resources: ["services", "endpoints", "pods"],
                    verbs: ["get", "list", "watch"],
                },
            ],
        },
        clusterRoleBinding(namespace, name, name),
    ];
}
