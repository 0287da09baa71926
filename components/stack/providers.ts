import * as k8s from "@pulumi/kubernetes";

/** No cluster, no user, no context: a preview with it shows what would be made and can reach nothing. */
const NO_CLUSTER = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [],
    users: [],
    contexts: [],
});

export interface ClusterProviders {
    /** For everything that goes with the stack. */
    readonly cluster: k8s.Provider;
    /** For CRDs, which a destroyed stack always leaves. Another provider would replace them. */
    readonly retained: k8s.Provider;
}

/**
 * The Kubernetes providers of a stack, for the context that the stack names. Without a name they reach no cluster at
 * all, so that whatever happens to be the current context is never touched.
 */
export function clusterProviders(config: {
    readonly kubeContext: string;
    /** What tells this cluster from others: that of the state, since another one replaces everything. */
    readonly clusterIdentifier: string;
}): ClusterProviders {
    const args: k8s.ProviderArgs = {
        ...(config.kubeContext === ""
            ? { kubeconfig: NO_CLUSTER }
            : { context: config.kubeContext }),
        // A changed API server address or CA updates the provider instead of replacing everything on it.
        clusterIdentifier: config.clusterIdentifier,
        enableConfigMapMutable: true,
        enableSecretMutable: true,
        // The default of 50 queries a second is what makes large stacks slow: see docs/adr/0001-engine-choices.md.
        kubeClientSettings: { qps: 500, burst: 1000 },
        // What is there already is taken over; resumption.ts decides before whether it may be.
        upsertExistingObjects: true,
    };
    return {
        cluster: new k8s.Provider("cluster", args),
        retained: new k8s.Provider("cluster-retained", args),
    };
}
