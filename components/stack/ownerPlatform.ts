import * as pulumi from "@pulumi/pulumi";

import type { PlatformWiring } from "./outputs";
import type { Platform } from "./platform";

/**
 * The platform that another stack installed in the same cluster, from that stack's outputs; its endpoints are the
 * tenant's too. Reads them before anything is registered: a stack that does not exist fails with its name, and one
 * that is no owner throws a `RunError`.
 */
export async function ownerPlatform(stackName: string, clusterUid?: string): Promise<Platform> {
    const owner = new pulumi.StackReference("owner", { name: stackName });
    const wiring = (await owner.getOutputDetails("wiring")).value as PlatformWiring | undefined;
    if (wiring === undefined) {
        throw new pulumi.RunError(
            `cluster.ownerStack: stack "${stackName}" has no output "wiring", so it owns no cluster or is not up yet. ` +
                "Nothing was installed. Bring the owner up first, or name another stack.",
        );
    }
    const ownerUid = (await owner.getOutputDetails("clusterUid")).value as string | undefined;
    if (clusterUid !== undefined && ownerUid !== undefined && ownerUid !== clusterUid) {
        throw new pulumi.RunError(
            `kubeContext: it is another cluster (kube-system ${clusterUid}) than that of its owner "${stackName}" ` +
                `(kube-system ${ownerUid}). Nothing was installed. Name a context of the owner's cluster, or another owner.`,
        );
    }
    return {
        scraper: { workload: wiring.prometheus, monitorCrds: [] },
        operator: { workload: wiring.redisOperator, ready: [] },
        recordsObjectives: true,
        outputs: { endpoints: owner.requireOutput("endpoints") },
    };
}
