import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import { AddressInfo, createServer } from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { stringify } from "yaml";

import { shorten } from "../../commands/drill/shortened";
import { MESSAGE_TEMPLATES } from "../../components/alerting/routing/messages";
import { terminate } from "../../lab/tools/commands";

export interface Alert {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
}

/** What Alertmanager's API says of an alert. */
export interface AlertStatus {
    readonly labels: Readonly<Record<string, string>>;
    readonly status: {
        readonly state: "active" | "suppressed" | "unprocessed";
        readonly inhibitedBy: readonly string[];
    };
}

/** Milliseconds between two looks at what is not there yet. */
const PAUSE = 50;

/** A process and a folder of its own, which go together. */
export class Program {
    protected constructor(
        protected readonly process: ChildProcess,
        protected readonly folder: string,
        /** `http://127.0.0.1:PORT`. */
        readonly url: string,
        private readonly output: readonly string[],
    ) {}

    /** What it has printed. */
    get log(): string {
        return this.output.join("");
    }

    async stop(): Promise<void> {
        await terminate(this.process);
        fs.rmSync(this.folder, { recursive: true, force: true });
    }

    /** Polls a page until it answers; throws with the process's output when it does not, or ends. */
    protected async ready(page: string): Promise<void> {
        for (const end = Date.now() + 20_000; Date.now() < end;) {
            const answer = await fetch(`${this.url}${page}`).catch(() => undefined);
            if (answer?.ok) {
                return;
            }
            if (this.process.exitCode !== null) {
                break;
            }
            await new Promise((resolve) => setTimeout(resolve, PAUSE));
        }
        throw new Error(`${this.process.spawnfile} is not ready:\n${this.log}`);
    }
}

/** A real Alertmanager of one configuration of ours, with shorter intervals. */
export class Alertmanager extends Program {
    /**
     * Starts it. Receivers' secrets are files by name; intervals are divided by `factor`. Throws when it refuses the
     * configuration.
     */
    static async start(
        binary: string,
        config: object,
        secrets: Readonly<Record<string, string>>,
        factor: number,
        /** Further files of the Secret with the configuration. */
        files: Readonly<Record<string, string>> = {},
    ): Promise<Alertmanager> {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-alertmanager-"));
        writeSecrets(path.join(folder, "secrets"), secrets);
        for (const [name, text] of Object.entries({
            "messages.tmpl": MESSAGE_TEMPLATES,
            ...files,
        })) {
            fs.writeFileSync(path.join(folder, name), text);
        }
        const text = stringify(shorten(config, factor))
            // Where the operator would mount them, there is nothing.
            .replaceAll("/etc/alertmanager/secrets/alertmanager-receivers", `${folder}/secrets`)
            .replaceAll("/etc/alertmanager/config", folder);
        const file = path.join(folder, "alertmanager.yaml");
        fs.writeFileSync(file, text);
        const port = await freePort();
        const [child, output] = launch(binary, [
            `--config.file=${file}`,
            `--storage.path=${path.join(folder, "data")}`,
            `--web.listen-address=127.0.0.1:${port}`,
            "--web.external-url=https://alerts.example.org",
            "--web.route-prefix=/",
            "--cluster.listen-address=",
        ]);
        const started = new Alertmanager(child, folder, `http://127.0.0.1:${port}`, output);
        try {
            await started.ready("/-/ready");
        } catch (error) {
            await started.stop();
            throw error;
        }
        return started;
    }

    /** Sends alerts as Prometheus does: firing, or over since now. */
    async send(alerts: readonly Alert[], over = false): Promise<void> {
        const now = new Date().toISOString();
        const answer = await fetch(`${this.url}/api/v2/alerts`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(
                alerts.map((alert) => ({
                    annotations: {},
                    ...alert,
                    ...(over ? { endsAt: now } : {}),
                })),
            ),
        });
        if (!answer.ok) {
            throw new Error(`Alertmanager answers ${answer.status}: ${await answer.text()}`);
        }
    }

    /** What it says of its alerts, once it has looked at all of them. */
    async alerts(): Promise<AlertStatus[]> {
        for (const end = Date.now() + 10_000; Date.now() < end;) {
            const answer = await fetch(`${this.url}/api/v2/alerts`);
            const all = (await answer.json()) as AlertStatus[];
            if (all.length > 0 && all.every(({ status }) => status.state !== "unprocessed")) {
                return all;
            }
            await new Promise((resolve) => setTimeout(resolve, PAUSE));
        }
        throw new Error(`Alertmanager has not looked at its alerts:\n${this.log}`);
    }
}

/** The relay as it is deployed, with other folders and ports. */
export class Relay extends Program {
    static async start(
        secrets: Readonly<Record<string, string>>,
        /** Private authorities, as PEM. */
        ca?: string,
    ): Promise<Relay> {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-relay-"));
        writeSecrets(path.join(folder, "secrets"), secrets);
        const port = await freePort();
        const trust = path.join(folder, "ca.crt");
        if (ca) {
            fs.writeFileSync(trust, ca);
        }
        const script = path.join(__dirname, "../../components/alerting/routing/relay.mjs");
        const [child, output] = launch(process.execPath, [script], {
            RELAY_PORT: String(port),
            RELAY_SECRETS: path.join(folder, "secrets"),
            ...(ca ? { NODE_EXTRA_CA_CERTS: trust } : {}),
        });
        const started = new Relay(child, folder, `http://127.0.0.1:${port}`, output);
        await started.ready("/healthz");
        return started;
    }
}

function writeSecrets(folder: string, secrets: Readonly<Record<string, string>>): void {
    fs.mkdirSync(folder);
    for (const [name, value] of Object.entries(secrets)) {
        fs.writeFileSync(path.join(folder, name), value, { mode: 0o600 });
    }
}

function launch(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
): [ChildProcess, string[]] {
    const child = spawn(command, [...args], {
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
    });
    const output: string[] = [];
    child.stdout.on("data", (text: Buffer) => output.push(text.toString()));
    child.stderr.on("data", (text: Buffer) => output.push(text.toString()));
    const kill = (): void => void child.kill("SIGKILL");
    process.on("exit", kill);
    child.on("exit", () => process.off("exit", kill));
    return [child, output];
}

async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
}
