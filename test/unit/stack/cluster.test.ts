import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { connect } from "../../../components/stack/cluster";
import { withEnv, withFolder } from "../../../lab/program/runs";
import { privateAuthority, tlsServer } from "../../support/authority";

describe("The cluster as the program itself asks it", () => {
    it("is asked for many objects over one connection, with the credentials each time", async () => {
        const authority = await privateAuthority("a cluster");
        const tokens: (string | undefined)[] = [];
        const { server, url, close } = await tlsServer(authority, ({ headers, url }, response) => {
            tokens.push(headers.authorization);
            response.setHeader("content-type", "application/json");
            const kinds = { kind: "ConfigMap", name: "configmaps", namespaced: true };
            response.end(
                JSON.stringify(
                    url === "/api/v1"
                        ? { kind: "APIResourceList", groupVersion: "v1", resources: [kinds] }
                        : { apiVersion: "v1", kind: "ConfigMap", metadata: { labels: { url } } },
                ),
            );
        });
        let connections = 0;
        server.on("secureConnection", () => connections++);
        const kubeconfig = {
            clusters: [
                {
                    name: "c",
                    cluster: {
                        server: url,
                        "certificate-authority-data": Buffer.from(authority.ca).toString("base64"),
                    },
                },
            ],
            users: [{ name: "u", user: { token: "t" } }],
            contexts: [{ name: "east", context: { cluster: "c", user: "u" } }],
        };
        try {
            await withFolder((folder) => {
                const file = path.join(folder, "kubeconfig");
                fs.writeFileSync(file, JSON.stringify(kubeconfig));
                return withEnv("KUBECONFIG", file, async () => {
                    const cluster = await connect("east");
                    await cluster?.uid();
                    for (let i = 0; i < 20; i++) {
                        const found = await cluster?.find({
                            apiVersion: "v1",
                            kind: "ConfigMap",
                            namespace: "n",
                            name: `object-${i}`,
                        });
                        assert.equal(
                            found?.labels.url,
                            `/api/v1/namespaces/n/configmaps/object-${i}`,
                        );
                    }
                });
            });
        } finally {
            await close();
        }
        assert.equal(connections, 1);
        // The namespace, which kinds there are, and twenty objects.
        assert.deepEqual(tokens, Array<string>(22).fill("Bearer t"));
    });
});
