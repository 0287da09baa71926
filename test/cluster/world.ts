import { ControlPlane } from "../../lab/cluster/controlPlane";
import { startOperators } from "../../lab/cluster/operators";
import { valueAt } from "../../lab/program/objects";
import { ProgramRun } from "../../lab/program/program";
import { OWNER } from "../../lab/program/runs";
import { readStackFile, Settings } from "../../lab/program/stackFile";
import { runCronJobs } from "./cronJobs";
import { reconcileRedis } from "./redisStandIn";
import { Releases } from "./releases";
import { describeObject, Stack } from "./stack";
import { LiveObjects, readLiveObjects } from "./wiring/liveObjects";

/** A stack that is up in a cluster. */
export interface StackInWorld {
    readonly name: string;
    readonly settings: Settings;
    readonly stack: Stack;
    readonly run: ProgramRun;
}

/** A cluster with the stacks that are up in it, and with the operators at work. */
export interface World {
    readonly plane: ControlPlane;
    readonly releases: Releases;
    readonly stacks: readonly StackInWorld[];
    /** Everything that takes part in the wiring, when the operators had done their work. */
    readonly objects: LiveObjects;
}

/** CHARTS_DIR: a folder with the archives of the charts. */
export const CHARTS = process.env.CHARTS_DIR || undefined;

const INSTANCE = { memory: "256Mi", storageSize: "1Gi" };

/** A tenant of prod's cluster with an instance of each mode, and two of one mode with similar names. */
const TENANT: Settings = {
    environment: "qa",
    cluster: { name: "prod", role: "tenant", ownerStack: OWNER, controlPlane: "managed" },
    redis: {
        qa: {
            clientNamespaces: ["shop"],
            instances: {
                single: { mode: "standalone", ...INSTANCE },
                pair: { mode: "replication", replicas: 2, ...INSTANCE },
                "pair-b": { mode: "replication", replicas: 3, ...INSTANCE },
                watched: { mode: "sentinel", replicas: 3, ...INSTANCE },
                shards: { mode: "cluster", shards: 3, ...INSTANCE },
            },
        },
    },
};

/** Charts from the folder when there is one. */
const CHART_SETTINGS: Settings = CHARTS ? { charts: { source: CHARTS } } : {};

/** Which program a case is brought up with, and what is different in its settings. */
export interface UpOptions {
    /** The folder of the program when it is not this checkout. */
    readonly root?: string;
    readonly change?: Settings;
}

/** One of the cases on a control plane: `staging`, or `prod` with a tenant. Every `up` goes to the same stacks. */
export class CaseStacks {
    public readonly releases: Releases;
    private readonly stacks = new Map<string, Stack>();

    constructor(
        private readonly plane: ControlPlane,
        private readonly owner: "staging" | "prod",
    ) {
        this.releases = new Releases(plane, CHARTS);
    }

    /** Runs the program for each stack, the owner first. */
    async up({ root, change = {} }: UpOptions = {}): Promise<StackInWorld[]> {
        const { owner } = this;
        const settings = { ...readStackFile(owner, root), ...CHART_SETTINGS, ...change };
        const first = await this.upOne(owner, settings, {}, root);
        if (owner !== "prod") {
            return [first];
        }
        const tenant = {
            ...readStackFile("staging", root),
            ...CHART_SETTINGS,
            ...TENANT,
            ...change,
        };
        const outputs = { [OWNER]: first.run.outputs };
        return [first, await this.upOne("qa", tenant, outputs, root)];
    }

    private async upOne(
        name: string,
        settings: Settings,
        stackOutputs: Readonly<Record<string, Record<string, unknown>>>,
        root?: string,
    ): Promise<StackInWorld> {
        const { plane, releases } = this;
        const stack = this.stacks.get(name) ?? new Stack({ plane, releases, name, stackOutputs });
        this.stacks.set(name, stack);
        return { name, settings, stack, run: await stack.up(settings, root) };
    }
}

/** A case in a cluster of its own, with the operators at work. */
export async function makeWorld(owner: "staging" | "prod"): Promise<World> {
    const plane = await ControlPlane.start();
    try {
        const stacks = new CaseStacks(plane, owner);
        await stacks.up();
        // Before the operators write to anything: the same again must change nothing.
        const up = await stacks.up();
        await startOperators(plane);
        const objects = await settled(plane, up);
        return { plane, releases: stacks.releases, stacks: up, objects };
    } catch (error) {
        await plane.stop();
        throw error;
    }
}

/** What the operators make, by the kind that they make it of, with its own kind and name. */
const MADE_BY_OPERATORS = [
    ["Prometheus", "StatefulSet", "prometheus-kube-prometheus-stack-prometheus"],
    ["Alertmanager", "StatefulSet", "alertmanager-kube-prometheus-stack-alertmanager"],
    ["Elasticsearch", "StatefulSet", "elasticsearch-es-default"],
    ["Kibana", "Deployment", "kibana-kb"],
] as const;

/**
 * Lets the operators do their work and runs every CronJob once: waits until they have made their workloads and every
 * pod is there.
 */
export async function settled(
    plane: ControlPlane,
    stacks: readonly StackInWorld[],
): Promise<LiveObjects> {
    const unapplied = stacks.flatMap(({ stack }) => [...stack.unapplied.values()]);
    await reconcileRedis(plane.client, unapplied);
    await runCronJobs(plane.client);
    return plane.eventually("every workload has its pods", 120, async () => {
        const objects = await readLiveObjects(plane.client);
        const workloads = objects.ours("Deployment", "StatefulSet", "DaemonSet", "Job");
        const missing = MADE_BY_OPERATORS.filter(
            ([resource, kind, name]) =>
                objects.kind(resource).length > 0 &&
                !workloads.some((each) => each.kind === kind && each.metadata.name === name),
        ).map(([, kind, name]) => `${kind} ${name}`);
        const short = workloads.filter((each) => !complete(each)).map(describeObject);
        if (missing.length > 0 || short.length > 0) {
            throw new Error(
                `not there: ${missing.join(", ")}; without their pods: ${short.join(", ")}`,
            );
        }
        return objects;
    });
}

function complete({
    kind,
    spec,
    status,
}: {
    kind: string;
    spec?: unknown;
    status?: unknown;
}): boolean {
    if (kind === "Job") {
        return valueAt(status, "succeeded") === 1;
    }
    return kind === "DaemonSet"
        ? valueAt(status, "desiredNumberScheduled") === valueAt(status, "numberReady")
        : valueAt(spec, "replicas") === (valueAt(status, "readyReplicas") ?? 0);
}
