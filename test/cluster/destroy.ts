import type { ControlPlane } from "../../lab/cluster/controlPlane";
import { ProcessEnded } from "../../lab/cluster/processes";
import { textAt } from "../../lab/program/objects";
import type { ProgramRun, Registration } from "../../lab/program/program";
import { releaseRedis } from "./redisStandIn";
import type { Releases } from "./releases";
import { describeObject, Stack } from "./stack";

const RELEASE = "kubernetes:helm.sh/v3:Release";
/** Seconds that an object gets to go, with its finalizers. */
const PATIENCE = 60;

export interface Destroyed {
    /** What was deleted, in order: objects, and releases as `release <name>`. */
    readonly order: readonly string[];
    /** What did not go, with the finalizers that hold it. */
    readonly stuck: readonly string[];
}

/**
 * Deletes a stack's resources as an engine may: a resource goes when nothing that is left depends on it or has it as
 * parent. Of those that may go, releases go first, so that an operator without a dependency is gone before what needs
 * it, and a finalizer that nobody releases shows. What the program retains stays.
 */
export async function destroy(
    plane: ControlPlane,
    releases: Releases,
    stack: Stack,
    run: ProgramRun,
): Promise<Destroyed> {
    const order: string[] = [];
    const stuck: string[] = [];
    const left = new Set(run.registrations);
    const go = async ({ type, name, inputs, retainOnDelete }: Registration): Promise<void> => {
        const applied = stack.applied.get(name);
        if (type === RELEASE) {
            await releases.remove(textAt(inputs, "name"));
            order.push(`release ${textAt(inputs, "name")}`);
        } else if (applied && !retainOnDelete) {
            order.push(describeObject(applied.live));
            stuck.push(...(await remove(plane, releases, applied.live, order)));
        }
    };
    while (left.size > 0) {
        const next = mayGo(left);
        next.forEach((each) => left.delete(each));
        await Promise.all(next.map(go));
    }
    return { order, stuck };
}

/** A release when there is one, otherwise everything that nothing needs. */
function mayGo(left: ReadonlySet<Registration>): Registration[] {
    const needed = new Set(
        [...left].flatMap(({ dependencies, parent }) => [...dependencies, parent]),
    );
    const free = [...left].filter(({ urn }) => !needed.has(urn));
    if (free.length === 0) {
        throw new Error("resources depend on each other in a circle");
    }
    const release = free.find(({ type }) => type === RELEASE);
    return release ? [release] : free;
}

type Live = NonNullable<ReturnType<Stack["applied"]["get"]>>["live"];

async function remove(
    plane: ControlPlane,
    releases: Releases,
    live: Live,
    order: readonly string[],
): Promise<string[]> {
    const { apiVersion, kind, metadata } = live;
    const find = () => plane.client.find(apiVersion, kind, metadata.namespace ?? "", metadata.name);
    await plane.client.delete(live);
    try {
        await plane.eventually(`${describeObject(live)} goes`, PATIENCE, async () => {
            if (/^Redis|^Namespace$/.test(kind) && releases.installed.has("redis-operator")) {
                await releaseRedis(plane.client);
            }
            return (await find()) === undefined ? true : undefined;
        });
        return [];
    } catch (error) {
        if (error instanceof ProcessEnded) {
            throw error;
        }
        const finalizers = (await find())?.metadata.finalizers ?? [];
        const gone = order.filter((each) => each.startsWith("release ")).join(", ");
        return [
            `${describeObject(live)} is still there after ${PATIENCE} s, held by ${finalizers.join(", ") || "what is in it"}; gone before it: ${gone}`,
        ];
    }
}
