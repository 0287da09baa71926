import * as k8s from "@pulumi/kubernetes";

/** No cluster, no user, no context: a preview with it shows what would be made and can reach nothing. */
const NO_CLUSTER = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [],
    users: [],
    contexts: [],
});

/**
 * The one Kubernetes provider of a stack, for the context that the stack names. Without a name it reaches no
 * cluster at all, so that whatever happens to be the current context is never touched.
 */
export function clusterProvider(config: {
    readonly kubeContext: string;
    readonly cluster: { readonly name: string };
}): k8s.Provider {
    return new k8s.Provider("cluster", {
        ...(config.kubeContext === ""
            ? { kubeconfig: NO_CLUSTER }
            : { context: config.kubeContext }),
        // A changed API server address or CA updates the provider instead of replacing everything on it.
        clusterIdentifier: config.cluster.name,
        enableConfigMapMutable: true,
        enableSecretMutable: true,
        // The default of 50 queries a second is what makes large stacks slow: see docs/adr/0001-engine-choices.md.
        kubeClientSettings: { qps: 500, burst: 1000 },
    });
}
