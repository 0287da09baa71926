import * as pulumi from "@pulumi/pulumi";

import type { Workload } from "../common/wiring";
import type { Platform, PlatformWiring } from "../outputs";

/**
 * The platform that another stack installed in the same cluster, from that stack's outputs; its endpoints are the
 * tenant's too. A stack that does not exist, or is no owner, fails with its name.
 */
export function ownerPlatform(stackName: string): Platform {
    const owner = new pulumi.StackReference("owner", { name: stackName });
    const wiring = owner.requireOutput("wiring") as pulumi.Output<PlatformWiring>;
    return {
        scraper: { workload: workload(wiring, "prometheus"), monitorCrds: [] },
        operator: { workload: workload(wiring, "redisOperator"), ready: [] },
        outputs: { endpoints: owner.requireOutput("endpoints") },
    };
}

function workload(wiring: pulumi.Output<PlatformWiring>, key: keyof PlatformWiring): Workload {
    return {
        namespace: wiring.apply((all) => all[key].namespace),
        podLabels: wiring.apply((all) => all[key].podLabels),
    };
}
