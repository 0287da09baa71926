import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { answerCall, answerResource, RecordedResources } from "./answers";
import { watchSecretData } from "./secretData";
import { PROJECT, ROOT, Settings, stackSettings } from "./stackFile";

/** A resource as the program registered it. Secret values inside `inputs` are `{ secret: value }`. */
export interface Registration {
    readonly type: string;
    readonly name: string;
    readonly urn: string;
    /** URN of the parent. */
    readonly parent: string;
    /** URNs, sorted. */
    readonly dependencies: readonly string[];
    readonly custom: boolean;
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    /** Earlier names of the resource. */
    readonly aliases?: readonly string[];
    /** URN and id of the provider. */
    readonly provider: string;
    readonly inputs: Record<string, unknown>;
    /** Keys of a Secret's data whose values are no secret; the SDK makes the data of every Secret secret as a whole. */
    readonly publicKeys?: readonly string[];
}

export interface ProgramRun {
    readonly registrations: readonly Registration[];
    /** Stack outputs; secrets are plain here. */
    readonly outputs: Record<string, unknown>;
    /** What the program logged as a warning or an error. */
    readonly log: readonly string[];
}

export interface ProgramOptions {
    readonly stack: string;
    readonly settings: Settings;
    /** True for a preview, which lists what is not set; false for an update, which refuses. */
    readonly preview?: boolean;
    /** Outputs of the stacks that a StackReference may read, by name. */
    readonly stackOutputs?: Readonly<Record<string, Record<string, unknown>>>;
    /** What the state holds of the stack's last update; nothing when not given. */
    readonly recorded?: RecordedResources;
    /** What answers instead of the recorded answers, such as a real API server. */
    readonly mocks?: pulumi.runtime.Mocks;
    /** The folder of the program when it is not this checkout, such as that of an earlier commit. */
    readonly root?: string;
}

/** The key that marks a secret in the SDK's own messages. */
export const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";

/**
 * Runs index.ts in the SDK's own runtime against recorded answers: no engine, no cluster, no network. State is the
 * process's, so runs must not overlap. Throws what the program throws.
 */
export async function runProgram(options: ProgramOptions): Promise<ProgramRun> {
    const registrations: Registration[] = [];
    const { root = ROOT } = options;
    const { config, secretKeys } = stackSettings(options.settings, root);
    await pulumi.runtime.setMocks(
        options.mocks ?? {
            newResource: (args) => answerResource(args, options.stackOutputs ?? {}),
            call: (args) => answerCall(args, options.recorded),
        },
        PROJECT,
        options.stack,
        options.preview ?? true,
        "organization",
    );
    pulumi.runtime.setAllConfig(config, [...secretKeys]);
    record(registrations);
    const { log, restore } = captureLog();
    const data = watchSecretData();
    try {
        const outputs = await pulumi.runtime.runInPulumiStack(() => {
            // Loaded once: its modules hold nothing of a run, least of all Outputs, which the SDK ties to theirs.
            // eslint-disable-next-line @typescript-eslint/no-require-imports -- of a folder that is only known now
            const program = require(path.join(root, "index.ts")) as () => Promise<pulumi.Inputs>;
            return program();
        });
        await pulumi.runtime.disconnect();
        return {
            registrations: await data.withPublicKeys(registrations),
            outputs: await plain(outputs ?? {}),
            log,
        };
    } finally {
        data.restore();
        restore();
    }
}

function plain(outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
    return new Promise((resolve) => pulumi.output(outputs).apply(resolve));
}

/** What mocks do not show: parents, dependencies, protection and where secrets are. */
function record(registrations: Registration[]): void {
    interface Request {
        getType(): string;
        getName(): string;
        getParent(): string;
        getCustom(): boolean;
        getDependenciesList(): string[];
        getProtect(): boolean;
        getRetainondelete(): boolean;
        getAliasesList(): { getUrn(): string; getSpec(): { getName(): string } | undefined }[];
        getProvider(): string;
        getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
    }
    type Callback = (error: unknown, response: { getUrn(): string } | undefined) => void;
    const monitor = pulumi.runtime.getMonitor() as unknown as {
        registerResource(request: Request, callback: Callback): Promise<void>;
        registerResourceHook(request: unknown, callback: (error: null) => void): void;
    };
    // Nothing calls them here; the SDK's own stand-in lacks the method.
    monitor.registerResourceHook = (_request, callback) => callback(null);
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) =>
        register(request, (error, response) => {
            registrations.push({
                type: request.getType(),
                name: request.getName(),
                urn: response?.getUrn() ?? "",
                parent: request.getParent(),
                dependencies: [...request.getDependenciesList()].sort(),
                custom: request.getCustom(),
                protect: request.getProtect(),
                retainOnDelete: request.getRetainondelete(),
                aliases: request
                    .getAliasesList()
                    .map((alias) => alias.getSpec()?.getName() || alias.getUrn()),
                provider: request.getProvider(),
                inputs: markSecrets(request.getObject()?.toJavaScript() ?? {}) as Record<
                    string,
                    unknown
                >,
            });
            callback(error, response);
        });
}

function markSecrets(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(markSecrets);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (SECRET_SIGNATURE in value) {
        return { secret: (value as { value?: unknown }).value };
    }
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, markSecrets(each)]));
}

/** Without an engine, the SDK logs to the console. */
function captureLog(): { log: string[]; restore: () => void } {
    const log: string[] = [];
    const { error, warn } = console;
    const capture = (...parts: unknown[]) => void log.push(parts.map(String).join(" "));
    console.error = capture;
    console.warn = capture;
    return {
        log,
        restore: () => {
            console.error = error;
            console.warn = warn;
        },
    };
}
