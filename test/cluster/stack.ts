import * as pulumi from "@pulumi/pulumi";

import type { ControlPlane } from "../../lab/cluster/controlPlane";
import { servedKind } from "../../lab/cluster/crdKinds";
import { GeneratedValues } from "../../lab/cluster/generated";
import { LiveObject } from "../../lab/cluster/kubeClient";
import { ApiError } from "../../lab/cluster/kubeTransport";
import { plainInputs } from "../../lab/program/inputs";
import { listAt } from "../../lab/program/objects";
import { ProgramRun, runProgram } from "../../lab/program/program";
import { withEnv } from "../../lab/program/runs";
import { Settings } from "../../lab/program/stackFile";
import type { Releases } from "./releases";
import { withEverythingSet } from "./settings";

/** A Kubernetes resource of the program, as the cluster has it. */
export interface Applied {
    /** The program's name of the resource; names its place in the program together with the object. */
    readonly logicalName: string;
    readonly live: LiveObject;
}

export interface StackOptions {
    readonly plane: ControlPlane;
    readonly releases: Releases;
    readonly name: string;
    readonly stackOutputs?: Readonly<Record<string, Record<string, unknown>>>;
}

type MockArgs = pulumi.runtime.MockResourceArgs;
type Answer = pulumi.runtime.MockResourceResult;

const RELEASE = "kubernetes:helm.sh/v3:Release";
/** The field manager of everything that the program makes. */
const MANAGER = "pulumi-kubernetes";

/**
 * A stack whose resources are really applied: the program runs in the SDK's own runtime, and every Kubernetes resource
 * that it registers goes to the API server with strict validation before the program goes on, in the order of its
 * dependencies. Outputs carry the live objects.
 */
export class Stack {
    /** By the program's name of the resource, in the order in which they were made. */
    public readonly applied = new Map<string, Applied>();
    /** What the API server refused, with the resource's name; the run goes on, so that all problems are known. */
    public readonly refused: string[] = [];
    /** What the API server warned of, with the resource's name. */
    public readonly warnings: string[] = [];
    /** Objects that changed when the same was applied again. */
    public readonly changedAgain: string[] = [];
    /** What could not be applied here, with the reason. */
    public readonly skipped: string[] = [];
    /** The same as objects, by the program's name of the resource. */
    public readonly unapplied = new Map<string, LiveObject>();
    private readonly generated = new GeneratedValues();

    constructor(private readonly options: StackOptions) {}

    /**
     * Runs the program of this checkout, or of another folder. Throws what it throws; what the API server refuses is in
     * `refused`.
     */
    async up(settings: Settings, root?: string): Promise<ProgramRun> {
        const { plane, name, stackOutputs = {} } = this.options;
        const options = { stack: name, settings, stackOutputs, root, preview: false };
        const complete = { ...options, settings: await withEverythingSet(options) };
        let failure: Error | undefined;
        /** The program has no answer to an error of the cluster, and would end with others that hide it. */
        const orElse = async <T>(answer: () => Promise<T>, instead: T): Promise<T> => {
            try {
                return failure === undefined ? await answer() : instead;
            } catch (error) {
                failure ??= error instanceof Error ? error : new Error(String(error));
                return instead;
            }
        };
        const run = await withEnv("KUBECONFIG", plane.kubeconfig, () =>
            runProgram({
                ...complete,
                mocks: {
                    newResource: (args) =>
                        orElse(() => this.answer(args), { id: args.name, state: {} }),
                    call: (args) =>
                        orElse(() => this.options.releases.template(args), { result: [] }),
                },
            }),
        );
        if (failure) {
            throw failure;
        }
        return run;
    }

    private async answer(args: MockArgs): Promise<Answer> {
        const inputs = plainInputs(args.inputs) as Record<string, unknown>;
        const id = `${args.name}-id`;
        if (args.type === "pulumi:pulumi:StackReference") {
            const reference = String(inputs.name);
            const outputs = this.options.stackOutputs?.[reference];
            if (!outputs) {
                throw new Error(`unknown stack "${reference}"`);
            }
            return { id: reference, state: { name: reference, outputs, secretOutputNames: [] } };
        }
        if (args.type === RELEASE) {
            await this.options.releases.install(inputs);
            return { id, state: inputs };
        }
        if (withoutSchema(inputs)) {
            const crd = describeObject(inputs as unknown as LiveObject);
            this.skip(`${crd} (resource ${args.name}): its chart is not at hand: set CHARTS_DIR`);
            return { id, state: inputs };
        }
        if (args.type.startsWith("kubernetes:")) {
            return { id, state: await this.apply(args.name, inputs as unknown as LiveObject) };
        }
        return {
            id,
            state: { ...inputs, ...(await this.generated.of(args.type, args.name, inputs)) },
        };
    }

    /** The same comes again when the same is applied again. */
    private skip(line: string): void {
        if (!this.skipped.includes(line)) {
            this.skipped.push(line);
        }
    }

    private async apply(logicalName: string, object: LiveObject): Promise<LiveObject> {
        const { plane } = this.options;
        const place = `${describeObject(object)} (resource ${logicalName})`;
        try {
            const live = this.applied.has(logicalName)
                ? await this.applyAgain(place, object)
                : await this.applyFirst(place, object);
            if (object.kind === "CustomResourceDefinition") {
                await servedKind(plane, object);
            }
            this.applied.set(logicalName, { logicalName, live });
            return live;
        } catch (error) {
            if (!(error instanceof ApiError)) {
                throw error;
            }
            const reason = this.options.releases.whyUnknown(object);
            const line = `${place}: ${reason ?? error.message}`;
            if (reason) {
                this.unapplied.set(logicalName, object);
                this.skip(line);
            } else if (!this.refused.includes(line)) {
                this.refused.push(line);
            }
            return object;
        }
    }

    private async applyFirst(place: string, object: LiveObject): Promise<LiveObject> {
        const { client } = this.options.plane;
        const { live, warnings } = await client.applyWithWarnings(object, MANAGER);
        this.warnings.push(...warnings.map((warning) => `${place}: ${warning}`));
        return live;
    }

    /** Others write to an object's status meanwhile, so that only a change that comes every time is ours. */
    private async applyAgain(place: string, object: LiveObject): Promise<LiveObject> {
        const { client } = this.options.plane;
        const { apiVersion, kind, metadata } = object;
        const version = ({ metadata: { resourceVersion } }: LiveObject): string | undefined =>
            resourceVersion;
        for (let attempt = 0; ; attempt++) {
            const before = await client.get(
                apiVersion,
                kind,
                metadata.namespace ?? "",
                metadata.name,
            );
            const after = await client.apply(object, MANAGER);
            if (version(before) === version(after)) {
                return after;
            }
            if (attempt === 2) {
                this.changedAgain.push(place);
                return after;
            }
        }
    }
}

/** `Kind namespace/name`, for messages. */
export function describeObject({ kind, metadata }: LiveObject): string {
    return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

/** A CRD of which only the name is known, since its chart is not at hand. */
function withoutSchema({ kind, spec }: Readonly<Record<string, unknown>>): boolean {
    return kind === "CustomResourceDefinition" && listAt(spec, "versions").length === 0;
}
