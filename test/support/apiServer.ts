import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";

import { withEnv, withFolder } from "../../lab/program/runs";

/** Runs with a kubeconfig whose context `east` is an API server that answers with this UID, or none. */
export async function inCluster<T>(uid: string | undefined, use: () => Promise<T>): Promise<T> {
    const server = http.createServer((_, response) => {
        response.setHeader("content-type", "application/json");
        response.end(
            JSON.stringify({
                apiVersion: "v1",
                kind: "Namespace",
                metadata: { name: "kube-system", uid },
            }),
        );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    if (uid === undefined) {
        await new Promise((resolve) => server.close(resolve));
    }
    try {
        return await withFolder((folder) => {
            const file = path.join(folder, "kubeconfig");
            fs.writeFileSync(
                file,
                JSON.stringify({
                    clusters: [
                        {
                            name: "c",
                            // The client speaks plain HTTP only to a server that it is told to trust.
                            cluster: {
                                server: `http://127.0.0.1:${port}`,
                                "insecure-skip-tls-verify": true,
                            },
                        },
                    ],
                    users: [{ name: "u", user: {} }],
                    contexts: [{ name: "east", context: { cluster: "c", user: "u" } }],
                }),
            );
            return withEnv("KUBECONFIG", file, use);
        });
    } finally {
        server.closeAllConnections();
        server.close();
    }
}
