import * as fs from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer, Server } from "node:https";
import type { AddressInfo } from "node:net";

import type { Certificate } from "./certificate";
import { containerId, LoggedContainer } from "./containerLogs";

export interface LoggedPod extends LoggedContainer {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
}

/** What Fluent Bit asks the API server, with a token: one pod by name, and the list and the watch of events. */
export class PodApi {
    public readonly asked: string[] = [];
    public up = true;
    public port = 0;
    private readonly events: object[] = [];
    private readonly watchers = new Set<ServerResponse>();
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
            const url = request.url ?? "";
            const known = request.headers.authorization === `Bearer ${this.token}`;
            const pod = this.pods.find(
                (each) => request.url === `/api/v1/namespaces/${each.namespace}/pods/${each.pod}`,
            );
            if (this.up && known && url.startsWith("/api/v1/events")) {
                this.answerEvents(url, response);
                return;
            }
            const status = !this.up ? 503 : !known ? 401 : pod ? 200 : 404;
            response.writeHead(status, { "content-type": "application/json" });
            response.end(JSON.stringify(status === 200 && pod ? podObject(pod) : { status }));
        });
        await new Promise<void>((resolve) => this.server?.listen(0, "127.0.0.1", () => resolve()));
        this.port = (this.server.address() as AddressInfo).port;
    }

    /** An event happens: it is listed from now on, and told to who watches. */
    public happen(event: object): void {
        this.events.push(event);
        this.watchers.forEach((watcher) => tell(watcher, event));
    }

    public async close(): Promise<void> {
        this.server?.closeAllConnections();
        await new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
    }

    private answerEvents(url: string, response: ServerResponse): void {
        response.writeHead(200, { "content-type": "application/json" });
        const { searchParams } = new URL(url, "https://localhost");
        if (searchParams.get("watch") === "1") {
            response.flushHeaders();
            // What happened between the list and the watch.
            const seen = Number(searchParams.get("resourceVersion"));
            this.events.slice(seen).forEach((event) => tell(response, event));
            this.watchers.add(response);
            response.on("close", () => this.watchers.delete(response));
            return;
        }
        // No `continue`: an empty one is a next page to Fluent Bit, and the API server sends none.
        const metadata = { resourceVersion: String(this.events.length) };
        const items = this.events;
        response.end(JSON.stringify({ kind: "EventList", apiVersion: "v1", metadata, items }));
    }
}

function tell(watcher: ServerResponse, object: object): void {
    watcher.write(`${JSON.stringify({ type: "ADDED", object })}\n`);
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
