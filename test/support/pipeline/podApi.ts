import * as fs from "node:fs";
import { createServer, Server } from "node:https";
import type { AddressInfo } from "node:net";

import type { Certificate } from "./certificate";
import { containerId, LoggedContainer } from "./containerLogs";

export interface LoggedPod extends LoggedContainer {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
}

/** What the filter `kubernetes` asks the API server: one pod by name, with a token. */
export class PodApi {
    public readonly asked: string[] = [];
    public up = true;
    public port = 0;
    private server: Server | undefined;

    constructor(
        private readonly certificate: Certificate,
        private readonly pods: readonly LoggedPod[],
        private readonly token: string,
    ) {}

    public async listen(): Promise<void> {
        const { certFile, keyFile } = this.certificate;
        const tls = { cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) };
        this.server = createServer(tls, (request, response) => {
            this.asked.push(request.url ?? "");
            const known = request.headers.authorization === `Bearer ${this.token}`;
            const pod = this.pods.find(
                (each) => request.url === `/api/v1/namespaces/${each.namespace}/pods/${each.pod}`,
            );
            const status = !this.up ? 503 : !known ? 401 : pod ? 200 : 404;
            response.writeHead(status, { "content-type": "application/json" });
            response.end(JSON.stringify(status === 200 && pod ? podObject(pod) : { status }));
        });
        await new Promise<void>((resolve) => this.server?.listen(0, "127.0.0.1", () => resolve()));
        this.port = (this.server.address() as AddressInfo).port;
    }

    public async close(): Promise<void> {
        this.server?.closeAllConnections();
        await new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
    }
}

function podObject(pod: LoggedPod): object {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
            name: pod.pod,
            namespace: pod.namespace,
            uid: "0f1e2d3c-0000-4000-8000-000000000000",
            labels: pod.labels ?? {},
            annotations: pod.annotations ?? {},
        },
        spec: { nodeName: "node-1" },
        status: {
            containerStatuses: [
                {
                    name: pod.container,
                    containerID: `containerd://${containerId(pod)}`,
                    image: "example/image:1",
                    imageID: "sha256:00",
                },
            ],
        },
    };
}
