import { Agent } from "node:https";

import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };

/** Milliseconds after which an idle connection is closed, before something on the way forgets it. */
const IDLE = 10_000;

/**
 * Lets the clients of a kubeconfig use a connection for more than one request: the library makes one for each, and an
 * update asks once for every object that it makes. A proxy of the kubeconfig keeps the library's way.
 */
export function keepConnections(kubeconfig: KubeConfig): void {
    const authenticate = kubeconfig.applySecurityAuthentication.bind(kubeconfig);
    let kept: Agent | undefined;
    kubeconfig.applySecurityAuthentication = async (request) => {
        await authenticate(request);
        const agent = request.getAgent();
        if (!(agent instanceof Agent) || kubeconfig.getCurrentCluster()?.proxyUrl) {
            return;
        }
        // A program that makes credentials may make another certificate.
        if (kept?.options.cert !== agent.options.cert) {
            kept = undefined;
        }
        kept ??= new Agent({ ...agent.options, keepAlive: true, timeout: IDLE });
        request.setAgent(kept);
    };
}
