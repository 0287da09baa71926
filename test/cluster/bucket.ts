import { createHash, createHmac } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import type { Processes } from "../../lab/cluster/processes";
import { freePorts } from "../../lab/cluster/ports";
import { eventually } from "../../lab/tools/commands";
import { tool } from "../../lab/tools/goTools";

const NAME = "versitygw";
const REGION = "us-east-1";

/** One bucket of an S3 server on loopback, which can go away and come back with what it has. */
export class Bucket {
    readonly access = "access-key";
    readonly secret = "secret-access-key";
    private readonly folder: string;

    private constructor(
        private readonly processes: Processes,
        /** `HOST:PORT`. */
        readonly endpoint: string,
        readonly name: string,
    ) {
        this.folder = path.join(processes.folder, "s3");
    }

    static async start(processes: Processes, name: string): Promise<Bucket> {
        const [port = 0] = await freePorts(1);
        const bucket = new Bucket(processes, `127.0.0.1:${port}`, name);
        await bucket.come();
        await bucket.send("PUT", `/${name}`);
        return bucket;
    }

    /** Starts the server, again too. */
    async come(): Promise<void> {
        const folders = ["buckets", "attributes"].map((each) => path.join(this.folder, each));
        const [buckets = "", attributes = ""] = folders;
        folders.forEach((each) => fs.mkdirSync(each, { recursive: true }));
        this.processes.start(
            NAME,
            await tool(NAME),
            ["--port", this.endpoint, "posix", "--sidecar", attributes, buckets],
            { ...process.env, ROOT_ACCESS_KEY: this.access, ROOT_SECRET_KEY: this.secret },
        );
        await eventually("the S3 server", 30, async () => {
            await fetch(`http://${this.endpoint}/`);
            return true;
        });
    }

    go(): Promise<void> {
        return this.processes.stop(NAME);
    }

    /** Writes an object. */
    put(key: string, text: string): Promise<void> {
        return this.send("PUT", `/${this.name}/${key}`, text);
    }

    /** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
    private async send(method: string, resource: string, body = ""): Promise<void> {
        const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
        const scope = [time.slice(0, 8), REGION, "s3", "aws4_request"];
        const hash = (text: string) => createHash("sha256").update(text).digest("hex");
        const headers = {
            host: this.endpoint,
            "x-amz-content-sha256": hash(body),
            "x-amz-date": time,
        };
        const signed = Object.keys(headers).join(";");
        const lines = Object.entries(headers).map(([key, value]) => `${key}:${value}\n`);
        const request = [method, resource, "", lines.join(""), signed, hash(body)].join("\n");
        const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), hash(request)].join("\n");
        const sign = (key: string | Buffer, part: string) =>
            createHmac("sha256", key).update(part).digest();
        const signature = [...scope, text].reduce<string | Buffer>(sign, `AWS4${this.secret}`);
        const answer = await fetch(`http://${this.endpoint}${resource}`, {
            method,
            body,
            headers: {
                ...headers,
                authorization: `AWS4-HMAC-SHA256 Credential=${this.access}/${scope.join("/")}, SignedHeaders=${signed}, Signature=${signature.toString("hex")}`,
            },
        });
        if (!answer.ok) {
            throw new Error(`${method} ${resource}: ${answer.status} ${await answer.text()}`);
        }
    }
}
