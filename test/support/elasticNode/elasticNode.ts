import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { stringify } from "yaml";

import { freePorts } from "../../../lab/cluster/ports";
import { eventually } from "../../../lab/tools/commands";
import type { Identity } from "./authority";
import { ELASTIC, FileRealm, realmFiles, RealmUser } from "./fileRealm";
import type { ElasticHome } from "./home";
import { request, Reply } from "./request";

export interface NodeOptions {
    readonly home: ElasticHome;
    readonly realm: FileRealm;
    readonly identity: Identity;
    /** PEM that signs `identity`. */
    readonly authority: string;
    /** What the Elasticsearch object sets for every node. */
    readonly settings: Readonly<Record<string, unknown>>;
}

/** How often the node looks for changed files, instead of every 5 seconds. */
const RELOAD = "500ms";
const STARTUP_SECONDS = 180;
const FILES = { certificate: "tls.crt", key: "tls.key", authority: "ca.crt" } as const;

/**
 * Elasticsearch with security as ECK configures it: https://www.elastic.co/docs/deploy-manage/users-roles/cluster-or-deployment-auth/file-based.
 * It has no names but those that its certificate gives it, and listens on the loopback.
 */
export class ElasticNode {
    private output = "";

    private constructor(
        private readonly folder: string,
        private readonly child: ChildProcess,
        public readonly port: number,
        private readonly options: NodeOptions,
    ) {}

    /** Ends with this process, and does not keep it. */
    static async start(options: NodeOptions): Promise<ElasticNode> {
        const { home, settings, realm } = options;
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "elasticsearch-"));
        const [port = 0] = await freePorts(1);
        const config = path.join(folder, "config");
        fs.mkdirSync(config);
        const snapshots = path.join(folder, "snapshots");
        fs.mkdirSync(snapshots);
        const file = stringify({
            ...nodeSettings(folder, port),
            ...settings,
            "path.repo": [snapshots],
        });
        fs.writeFileSync(path.join(config, "elasticsearch.yml"), file);
        writeIdentity(config, options.identity, options.authority);
        writeFiles(config, realmFiles(realm));
        const child = spawn(
            path.join(home.javaFolder, "java"),
            javaArguments(home.folder, config),
            {
                cwd: folder,
                stdio: ["pipe", "pipe", "pipe"],
            },
        );
        const node = new ElasticNode(folder, child, port, options);
        for (const stream of [child.stdout, child.stderr]) {
            stream.on("data", (chunk: Buffer) => (node.output += chunk.toString("utf8")));
        }
        process.on("exit", node.end);
        const up = await eventually("Elasticsearch answers", STARTUP_SECONDS, async () => {
            if (child.exitCode !== null) {
                return false;
            }
            const answer = await node.call(ELASTIC, "GET", "/_cluster/health");
            return answer.status === 200 ? true : undefined;
        }).catch(() => false);
        if (!up) {
            throw new Error(`Elasticsearch did not come up:\n${node.output.slice(-4000)}`);
        }
        // So that a run that is done ends.
        child.unref();
        [child.stdin, child.stdout, child.stderr].forEach((stream) =>
            (stream as unknown as { unref(): void }).unref(),
        );
        return node;
    }

    /** Folder of the snapshot repositories. */
    get snapshots(): string {
        return path.join(this.folder, "snapshots");
    }

    /** What it wrote so far. */
    get log(): string {
        return this.output;
    }

    get pid(): number | undefined {
        return this.child.pid;
    }

    /** The answer to a user's request. `body`: an object for JSON, or a text with an object for each line. */
    call(
        user: Pick<RealmUser, "username" | "password">,
        method: string,
        at: string,
        body?: object | string,
    ): Promise<Reply> {
        return request(
            { port: this.port, authority: this.options.authority, user },
            { method, path: at, ...(body === undefined ? {} : { body }) },
        );
    }

    /** Writes the realm's files anew, as the kubelet does after ECK's Secret changed; the node reads them by itself. */
    setRealm(realm: FileRealm): void {
        writeFiles(path.join(this.folder, "config"), realmFiles(realm));
    }

    /** Gives the server another certificate, which it takes up by itself. */
    setIdentity(identity: Identity, authority: string): void {
        writeIdentity(path.join(this.folder, "config"), identity, authority);
    }

    private readonly end = (): void => {
        this.child.kill("SIGKILL");
        fs.rmSync(this.folder, { recursive: true, force: true });
    };
}

/** https://www.elastic.co/docs/reference/elasticsearch/configuration-reference/security-settings */
function nodeSettings(folder: string, port: number): Record<string, unknown> {
    const tls = (layer: string) => ({
        [`xpack.security.${layer}.ssl.enabled`]: true,
        [`xpack.security.${layer}.ssl.certificate`]: FILES.certificate,
        [`xpack.security.${layer}.ssl.key`]: FILES.key,
        [`xpack.security.${layer}.ssl.certificate_authorities`]: [FILES.authority],
    });
    return {
        "cluster.name": "elasticsearch",
        "discovery.type": "single-node",
        "path.data": path.join(folder, "data"),
        "path.logs": path.join(folder, "logs"),
        "http.host": "127.0.0.1",
        "http.port": port,
        "transport.host": "127.0.0.1",
        "transport.port": 0,
        "xpack.security.enabled": true,
        "xpack.security.authc.api_key.enabled": false,
        "xpack.security.authc.reserved_realm.enabled": false,
        "xpack.security.authc.realms.file.file1.order": -100,
        "xpack.security.authc.realms.native.native1.order": -99,
        ...tls("http"),
        ...tls("transport"),
        "xpack.security.transport.ssl.verification_mode": "certificate",
        "resource.reload.interval.high": RELOAD,
        // This machine's disk is not what is tried.
        "cluster.routing.allocation.disk.threshold_enabled": false,
    };
}

function javaArguments(home: string, config: string): string[] {
    return [
        ...["-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
        ...["--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.net"],
        `-Des.nativelibs.path=${path.join(home, "native")}`,
        // Its library is in no registry, and nothing of ours searches vectors.
        "-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false",
        `-Des.path.home=${home}`,
        ...["-cp", `${path.join(home, "lib", "*")}:${path.join(home, "classes")}`],
        ...["StartNode", home, config],
    ];
}

function writeIdentity(config: string, { certificate, key }: Identity, authority: string): void {
    writeFiles(config, {
        [FILES.certificate]: certificate,
        [FILES.key]: key,
        [FILES.authority]: authority,
    });
}

/** Whole files only: the node reads while these are written. */
function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
    for (const [name, content] of Object.entries(files)) {
        const file = path.join(folder, name);
        fs.writeFileSync(`${file}.new`, content);
        fs.renameSync(`${file}.new`, file);
    }
}
