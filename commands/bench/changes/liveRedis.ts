import type { ControlPlane } from "../../../lab/cluster/controlPlane";
import { GeneratedValues } from "../../../lab/cluster/generated";
import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { plainInputs } from "../../../lab/program/inputs";
import { listAt, ofKind, textAt, valueAt } from "../../../lab/program/objects";
import { answerCall, answerResource, RecordedResources } from "../../../lab/program/answers";
import { ProgramRun, Registration, runProgram } from "../../../lab/program/program";
import { plain } from "../../../lab/program/secrets";
import { readStackFile, Settings } from "../../../lab/program/stackFile";
import { operatorWorkloads } from "../../../lab/redisServices";
import { eventually } from "../../../lab/tools/commands";
import type { Address } from "../redisConnection";

export const NAMESPACE = "shop";
export const NAME = "carts";
const STACK = "staging";
const MANAGER = "pulumi-kubernetes";
const DATA = ["Redis", "RedisReplication", "RedisCluster"];
/** Where a claim says its size. */
const REQUEST = ["resources", "requests", "storage"];
/** What a real cluster has of the stack here, beside the operator's kinds. */
const KINDS = ["Namespace", "Secret", "ConfigMap", "ServiceAccount", "ResourceQuota", "LimitRange"];

export type Mode = "standalone" | "replication" | "sentinel" | "cluster";

/** Keys of an instance under `redis.<namespace>.instances`. */
export type InstanceSettings = Settings & { readonly mode: Mode };

/** What an `up` is going to do. */
export interface Plan {
    readonly settings: InstanceSettings;
    /** Keys of the stack beside `redis`. */
    readonly stack: Settings;
    readonly objects: readonly LiveObject[];
    readonly recorded: RecordedResources;
    /** What the preview says of the instance, a line for each value. */
    readonly said: readonly string[];
}

interface Workload {
    readonly app: string;
    readonly pods: number;
    readonly data: boolean;
    readonly resource: LiveObject;
}

/** A pod with Redis in it. */
export interface DataPod {
    readonly name: string;
    readonly ip: string;
    readonly node: string;
}

/** An instance that the program declares and the real operator makes. */
export class LiveRedis {
    private recorded: RecordedResources = {};
    private readonly generated = new GeneratedValues();
    private objects: readonly LiveObject[] = [];
    private stack: Settings = {};
    settings: InstanceSettings = { mode: "standalone" };
    password = "";

    constructor(readonly plane: ControlPlane) {}

    /**
     * Runs the program with these settings, as an `up` does until it has shown its preview. Throws what the program refuses.
     */
    async plan(settings: InstanceSettings, stack: Settings = this.stack): Promise<Plan> {
        const run = await this.run(settings, stack);
        const kinds = [...KINDS, ...DATA, "RedisSentinel"];
        return {
            ...{ settings, stack },
            objects: ofKind(run, ...kinds)
                .filter((each) => (each.namespace ?? each.name) === NAMESPACE)
                .map(({ manifest }) => plain(manifest) as LiveObject),
            recorded: recordedOf(run.registrations),
            said: said(run),
        };
    }

    /** Applies what a plan has. */
    async apply({ settings, stack, objects, recorded }: Plan): Promise<void> {
        for (const object of objects) {
            await this.plane.client.apply(object, MANAGER);
        }
        this.objects = objects;
        this.recorded = recorded;
        this.settings = settings;
        this.stack = stack;
        this.password = textAt(this.object("Secret", `${NAME}-auth`), "stringData", "password");
    }

    /** From now on, the instance's certificate is another one of the same authority. */
    renewCertificate(): void {
        this.generated.forget(/certificate|request/);
    }

    private run(settings: InstanceSettings, stack: Settings): Promise<ProgramRun> {
        return runProgram({
            stack: STACK,
            settings: {
                ...readStackFile(STACK),
                redis: { [NAMESPACE]: { instances: { [NAME]: settings } } },
                ...stack,
            },
            mocks: {
                newResource: async (args) => {
                    const { id, state } = answerResource(args, {});
                    const inputs = plainInputs(args.inputs) as Record<string, unknown>;
                    return {
                        id,
                        state: {
                            ...state,
                            ...(await this.generated.of(args.type, args.name, inputs)),
                        },
                    };
                },
                call: (args) => answerCall(args, this.recorded),
            },
        });
    }

    /** Labels `app` of its workloads, with how many pods each has, and the resource that it is made of. */
    workloads(): Workload[] {
        return this.objects
            .filter(({ kind }) => kind.startsWith("Redis"))
            .flatMap((resource) =>
                operatorWorkloads(resource.kind, NAME).map((app) => ({
                    app,
                    pods: Number(valueAt(resource.spec, "clusterSize") ?? 1),
                    data: resource.kind !== "RedisSentinel",
                    resource,
                })),
            );
    }

    async dataPods(): Promise<DataPod[]> {
        const apps = this.workloads().flatMap(({ app, data }) => (data ? [app] : []));
        const pods = await this.plane.client.list("v1", "Pod", NAMESPACE);
        return pods
            .filter(({ metadata }) => apps.includes(metadata.labels?.app ?? ""))
            .map(({ metadata, spec, status }) => ({
                name: metadata.name,
                ip: (valueAt(status, "podIP") as string | undefined) ?? "",
                node: (valueAt(spec, "nodeName") as string | undefined) ?? "",
            }));
    }

    /** Where clients connect. */
    async service(): Promise<Address> {
        const { mode } = this.settings;
        const name = {
            standalone: NAME,
            replication: `${NAME}-master`,
            sentinel: `${NAME}-sentinel`,
            cluster: `${NAME}-leader`,
        }[mode];
        const found = await eventually(`the Service ${name}`, 120, () =>
            this.plane.client.find("v1", "Service", NAMESPACE, name),
        );
        const host = textAt(found, "spec", "clusterIP");
        return this.address(host, mode === "sentinel" ? 26379 : 6379, `${name}.${NAMESPACE}.svc`);
    }

    /** An address with what a client knows of TLS, if the instance has it. */
    address(host: string, port: number, servername = `${NAME}.${NAMESPACE}.svc`): Address {
        if (this.settings.tls === undefined) {
            return { host, port };
        }
        const ca = textAt(this.object("Secret", `${NAME}-tls`), "stringData", "ca.crt");
        return { host, port, tls: { ca, servername } };
    }

    /** Waits until every pod is as the program wants it, and ready, and its volume has its size. */
    async rolledOut(seconds = 600): Promise<void> {
        for (const { app, pods, resource } of this.workloads()) {
            await this.plane.eventually(`pods of ${app} as they should be`, seconds, async () => {
                const set = await this.plane.client.get("apps/v1", "StatefulSet", NAMESPACE, app);
                const problem =
                    rolloutProblem(set, pods, resource.spec) ??
                    (await this.storageProblem(set, pods, resource.spec));
                if (problem) {
                    throw new Error(problem);
                }
                return true;
            });
        }
    }

    /** What a StatefulSet and the claims of its pods lack of the size that is wanted; undefined when nothing. */
    private async storageProblem(
        set: LiveObject,
        pods: number,
        wanted: unknown,
    ): Promise<string | undefined> {
        const wantedSize = valueAt(
            wanted,
            ...["storage", "volumeClaimTemplate", "spec", ...REQUEST],
        ) as string | undefined;
        if (wantedSize === undefined) {
            return undefined;
        }
        const { client } = this.plane;
        const { name } = set.metadata;
        const template = (valueAt(set.spec, "volumeClaimTemplates") as LiveObject[]).find(
            ({ metadata }) => metadata.name === name,
        );
        const has = [valueAt(template?.spec, ...REQUEST)];
        for (let i = 0; i < pods; i++) {
            const claim = `${name}-${name}-${i}`;
            const { status } = await client.get("v1", "PersistentVolumeClaim", NAMESPACE, claim);
            has.push(valueAt(status, "capacity", "storage"));
        }
        return has.every((each) => each === wantedSize)
            ? undefined
            : `its template and volumes have ${has.join(", ")}, and should have ${wantedSize}`;
    }

    object(kind: string, name: string): LiveObject {
        const found = this.objects.find(
            (each) => each.kind === kind && each.metadata.name === name,
        );
        if (found === undefined) {
            throw new Error(`the program made no ${kind} ${name}`);
        }
        return found;
    }
}

/** What keeps a StatefulSet from having the pods of a custom resource; undefined when nothing does. */
function rolloutProblem(set: LiveObject, pods: number, wanted: unknown): string | undefined {
    const { spec, status, metadata } = set;
    const number = (key: string): number => Number(valueAt(status, key) ?? 0);
    const [container] = listAt(spec, "template", "spec", "containers");
    const compared = [
        ["image", textAt(container, "image"), textAt(wanted, "kubernetesConfig", "image")],
        [
            "memory",
            textAt(container, "resources", "limits", "memory"),
            textAt(wanted, "kubernetesConfig", "resources", "limits", "memory"),
        ],
        ...((valueAt(wanted, "env") ?? []) as { name: string; value: string }[]).map(
            ({ name, value }) => [
                name,
                (listAt(container, "env") as { name: string; value: string }[]).find(
                    (each) => each.name === name,
                )?.value,
                value,
            ],
        ),
    ];
    const other = compared.find(([, is, should]) => is !== should);
    if (other) {
        return `its ${other[0]} is ${other[1]}, and should be ${other[2]}`;
    }
    if (
        valueAt(spec, "replicas") !== pods ||
        number("replicas") !== pods ||
        number("observedGeneration") !== metadata.generation
    ) {
        return `it has ${number("replicas")} pods of ${pods}`;
    }
    return number("readyReplicas") === pods &&
        valueAt(status, "currentRevision") === valueAt(status, "updateRevision")
        ? undefined
        : `${number("readyReplicas")} of ${pods} are ready, ${number("updatedReplicas")} as they should be`;
}

function recordedOf(registrations: readonly Registration[]): RecordedResources {
    return Object.fromEntries(
        registrations.map(({ type, name, inputs }) => [
            `urn:pulumi:${STACK}::observability::${type}::${name}`,
            { type, outputs: { ...inputs, __inputs: inputs } },
        ]),
    );
}

/** The lines of a preview about the instance. */
function said({ log }: ProgramRun): string[] {
    return log
        .flatMap((each) => each.split("\n"))
        .filter((line) => line.includes(`redis-${NAMESPACE}.${NAME}`))
        .map((line) => line.trim());
}
