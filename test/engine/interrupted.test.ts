import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { recover } from "../../commands/recover/recover";
import { Cluster } from "../../lab/cluster";
import { EngineProject, EngineSetup, engineSetup, EngineStack } from "../../lab/engine";
import { run } from "../../lab/tools/commands";
import { helmSecret } from "../support/helmSecret";
import { skip } from "../support/skip";

/** How many updates are interrupted, and where the random moments begin; both are printed. */
const ROUNDS = Number(process.env.ENGINE_INTERRUPTIONS ?? 6);
const SEED = Number(process.env.ENGINE_SEED ?? Date.now() % 100_000);
/** Milliseconds that the API server is away. */
const AWAY = 60_000;

describe(`engine: an interrupted up (ENGINE_SEED=${SEED}, ENGINE_INTERRUPTIONS=${ROUNDS})`, function () {
    this.timeout(3_600_000);
    let project: EngineProject;
    let stack: EngineStack;
    let cluster: Cluster;
    let setup: EngineSetup;
    let server: Interruptible;
    let charts: string;
    /** Of an update that nobody disturbs: its objects, and how long it takes. */
    let undisturbed: string[];
    let duration: number;

    before(async function () {
        const found = engineSetup();
        if (typeof found === "string") {
            return skip(this, found);
        }
        setup = found;
        cluster = new Cluster(setup.kubeContext);
        charts = fs.mkdtempSync(path.join(os.tmpdir(), "observability-charts-"));
        fs.cpSync(setup.chartsFolder, charts, { recursive: true });
        server = await Interruptible.before(setup.kubeContext);
        project = new EngineProject(
            { ...setup, chartsFolder: charts },
            { KUBECONFIG: server.kubeconfig },
        );
        stack = await project.stack("staging", ["chat"]);
        const started = Date.now();
        await stack.up();
        duration = Date.now() - started;
        undisturbed = await objects();
        await stack.destroy();
    });

    after(async () => {
        if (stack) {
            await stack.destroy();
            project.remove();
            server.close();
            fs.rmSync(charts, { recursive: true });
        }
    });

    /** Everything that a namespace of ours has and that does not come and go by itself, and what is in no namespace. */
    async function objects(): Promise<string[]> {
        const kinds =
            "namespaces,networkpolicies,deployments,statefulsets,daemonsets,cronjobs,jobs,services,secrets,configmaps,serviceaccounts,roles,rolebindings,persistentvolumeclaims,poddisruptionbudgets,clusterroles,clusterrolebindings,priorityclasses,validatingwebhookconfigurations,mutatingwebhookconfigurations,servicemonitors,podmonitors,prometheusrules,prometheuses,alertmanagers,redis,redisreplications,redissentinels,redisclusters,elasticsearches,kibanas";
        const list = await cluster.kubectl("get", kinds, "-A", "-o", "json");
        const { items } = JSON.parse(list) as {
            items: {
                kind: string;
                metadata: { name: string; namespace?: string; ownerReferences?: unknown[] };
            }[];
        };
        return (
            items
                .filter(({ metadata }) => !metadata.ownerReferences)
                .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`)
                // A revision of Helm's more is not a difference.
                .filter((each) => !each.includes("/sh.helm.release."))
                .sort()
        );
    }

    async function resumes(): Promise<void> {
        await stack.up();
        assert.deepEqual(await objects(), undisturbed);
        await stack.up("--expect-no-changes");
        await stack.destroy();
    }

    /** What `npm run recover -- --stack staging` prints, with `--apply` or without. */
    async function recovered(apply: boolean): Promise<string> {
        const lines: string[] = [];
        await recover(
            { stack: "staging", apply },
            project.folder,
            (line) => lines.push(line),
            (...args) => stack.pulumi(...args),
        );
        return lines.join("\n");
    }

    for (const [round, share] of moments(SEED, ROUNDS).entries()) {
        const victim = round % 3 === 2 ? "provider" : "cli";
        it(`resumes after kill -9 of its ${victim} at ${Math.round(share * 100)} % of its time`, async function () {
            if (!(await stack.upKilled(share * duration, victim))) {
                await stack.destroy();
                skip(this, "it had ended before");
            }
            if (victim === "cli") {
                await stack.cancel();
            }
            await resumes();
        });
    }

    it("resumes after the API server was away for a minute", async () => {
        const up = stack.up().catch(() => "failed");
        await pause(duration / 2);
        server.interrupt();
        await pause(AWAY);
        server.resume();
        await up;
        await resumes();
    });

    it("resumes after the charts were gone", async () => {
        const up = stack.up().catch(() => "failed");
        await pause(duration / 4);
        fs.renameSync(charts, `${charts}-gone`);
        await up;
        fs.renameSync(`${charts}-gone`, charts);
        await resumes();
    });

    it("can be read again after the CLI was killed as it wrote the state", async () => {
        await stack.up();
        const stacks = path.join(project.folder, "state", ".pulumi", "stacks");
        const [attributes = ""] = fs
            .readdirSync(stacks, { recursive: true, encoding: "utf8" })
            .filter((file) => file.endsWith("staging.json.attrs"));
        fs.truncateSync(path.join(stacks, attributes));
        const before = await objects();
        assert.match(await recovered(false), /staging\.json\.attrs is empty/);
        await assert.rejects(stack.up(), /failed to load checkpoint: EOF/);
        await recovered(true);
        await stack.up("--expect-no-changes");
        assert.deepEqual(await objects(), before);
        await stack.destroy();
    });

    it("takes over what an earlier version left, as soon as recover marked it", async () => {
        await cluster.kubectl("create", "namespace", "elastic-system");
        const ours = "app.kubernetes.io/part-of=observability";
        await cluster.kubectl("label", "namespace", "elastic-system", ours);
        const record = path.join(project.folder, "record.json");
        const secret = helmSecret(1, "deployed");
        fs.writeFileSync(
            record,
            JSON.stringify({
                apiVersion: "v1",
                kind: "Secret",
                type: "helm.sh/release.v1",
                ...secret,
                metadata: {
                    ...secret.metadata,
                    name: "sh.helm.release.v1.elastic-operator.v1",
                    labels: { ...secret.metadata.labels, name: "elastic-operator" },
                },
            }),
        );
        await cluster.kubectl("create", "-f", record);
        await assert.rejects(stack.up(), /elastic-system is in the cluster already/);
        const said = await recovered(true);
        assert.match(said, /marked as this stack's: Namespace elastic-system/);
        assert.match(said, /removed Helm's record: Helm release elastic-system\/elastic-operator/);
        await resumes();
    });

    it("takes over nothing that somebody else made", async () => {
        await cluster.kubectl("create", "namespace", "tracing");
        await assert.rejects(
            stack.up(),
            /Namespace tracing is in the cluster already, and no stack/,
        );
        await cluster.kubectl("delete", "namespace", "tracing");
        await resumes();
    });
});

function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Shares of an update's time, between a tenth and the whole; the same for the same seed. */
function moments(seed: number, count: number): number[] {
    let state = seed + 1;
    return Array.from({ length: count }, () => {
        state = (state * 48_271) % 2_147_483_647;
        return 0.1 + 0.9 * (state / 2_147_483_647);
    });
}

/** A way to the API server of a context that can be closed for a while, and a kubeconfig whose contexts take it. */
class Interruptible {
    private readonly sockets = new Set<net.Socket>();
    private closed = false;

    private constructor(
        public readonly kubeconfig: string,
        private readonly server: net.Server,
    ) {}

    static async before(context: string): Promise<Interruptible> {
        const text = await run("kubectl", [
            "--context",
            context,
            "config",
            "view",
            "--raw",
            "--minify",
        ]);
        const config = parse(text) as {
            clusters: { cluster: Record<string, unknown> & { server: string } }[];
        };
        const [entry] = config.clusters;
        assert.ok(entry, `context "${context}" has no cluster`);
        const { hostname, port } = new URL(entry.cluster.server);
        const server = net.createServer();
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        entry.cluster.server = `https://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
        if (entry.cluster["insecure-skip-tls-verify"] !== true) {
            entry.cluster["tls-server-name"] ??= hostname;
        }
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-kubeconfig-"));
        const file = path.join(folder, "kubeconfig");
        fs.writeFileSync(file, stringify(config), { mode: 0o600 });
        const way = new Interruptible(file, server);
        server.on("connection", (from) => way.connect(from, hostname, Number(port || 443)));
        return way;
    }

    interrupt(): void {
        this.closed = true;
        this.sockets.forEach((socket) => socket.destroy());
    }

    resume(): void {
        this.closed = false;
    }

    close(): void {
        this.interrupt();
        this.server.close();
        fs.rmSync(path.dirname(this.kubeconfig), { recursive: true });
    }

    private connect(from: net.Socket, host: string, port: number): void {
        if (this.closed) {
            from.destroy();
            return;
        }
        const to = net.connect(port, host);
        for (const [one, other] of [
            [from, to],
            [to, from],
        ] as const) {
            this.sockets.add(one);
            one.on("error", () => other.destroy());
            one.on("close", () => {
                this.sockets.delete(one);
                other.destroy();
            });
            one.pipe(other);
        }
    }
}
