import * as fs from "node:fs";
import * as path from "node:path";

import { stringify } from "yaml";

import type { Processes } from "../../../lab/cluster/processes";
import type { Generated } from "../generated";
import { shorten } from "../shortened";

export interface LocalAlerting {
    readonly processes: Processes;
    readonly generated: Generated;
    /** Divides every interval. */
    readonly factor: number;
    /** Path of Alertmanager's program. */
    readonly program: string;
    readonly ports: { readonly alertmanager: number; readonly relay: number };
}

/** Starts Alertmanager and the relay to group chats' robots on loopback, with files in the place of mounted Secrets. */
export function startAlerting(options: LocalAlerting): void {
    const { processes, generated, program, ports } = options;
    const { script, secrets } = generated.relay;
    write(processes.folder, { "relay.mjs": script });
    write(path.join(processes.folder, "relay-secrets"), secrets);
    processes.start("relay", process.execPath, [path.join(processes.folder, "relay.mjs")], {
        ...process.env,
        RELAY_HOST: "127.0.0.1",
        RELAY_PORT: String(ports.relay),
        RELAY_SECRETS: path.join(processes.folder, "relay-secrets"),
    });
    processes.start("alertmanager", program, [
        `--config.file=${writeConfiguration(options)}`,
        `--storage.path=${path.join(processes.folder, "alertmanager")}`,
        `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
        "--cluster.listen-address=",
    ]);
}

/** Returns the path of Alertmanager's configuration. */
function writeConfiguration({ processes, generated, factor, ports }: LocalAlerting): string {
    const folder = path.join(processes.folder, "alertmanager-config");
    const secrets = path.join(processes.folder, "alertmanager-secrets");
    const config = stringify(shorten(generated.alertmanager, factor))
        // Where the operator would mount them, there is nothing.
        .replaceAll(generated.secretsFolder, secrets)
        .replaceAll(generated.configFolder, folder)
        .replaceAll(generated.relay.url, `http://127.0.0.1:${ports.relay}`);
    write(secrets, generated.receiverSecrets);
    write(folder, { "alertmanager.yaml": config, "messages.tmpl": generated.messageTemplates });
    return path.join(folder, "alertmanager.yaml");
}

/** Files that only this user can read. */
function write(folder: string, files: Readonly<Record<string, string>>): void {
    fs.mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
        fs.writeFileSync(path.join(folder, name), text, { mode: 0o600 });
    }
}
