import { addPlatform, InstanceName, World } from "./world";

/** What happens in a cluster, and every message that people get of it. */
export interface Incident {
    /** Also the namespace of its Redis instances: 1 to 40 of a-z, 0-9 and `-`. */
    readonly name: string;
    readonly what: string;
    /** Redis instances that are in the namespace. */
    readonly redis: readonly InstanceName[];
    /** True where the whole cluster has it: then it has a cluster of its own. */
    readonly cluster?: true;
    /** Minutes that it is watched. */
    readonly minutes: number;
    readonly happens: (world: World) => unknown;
    /**
     * In the order of time, each with its receivers: `chat, pager: [CRITICAL] RedisMasterDown <namespace>/<instance>`,
     * written by hand. `@` stands for the incident's namespace.
     */
    readonly messages: readonly string[];
}

/** An incident of one namespace. */
export function incident(
    name: string,
    what: string,
    redis: readonly InstanceName[],
    minutes: number,
    happens: (world: World) => unknown,
    ...messages: readonly string[]
): Incident {
    return { name, what, redis, minutes, happens, messages };
}

/** An incident of the whole cluster. */
export function clusterIncident(
    name: string,
    what: string,
    redis: readonly InstanceName[],
    minutes: number,
    happens: (world: World) => unknown,
    ...messages: readonly string[]
): Incident {
    return { name, what, redis, cluster: true, minutes, happens, messages };
}

/** What is there in an incident, the platform as well. */
export function worldOf({ name, redis, cluster, happens }: Incident): World {
    const world = new World(name, redis);
    if (cluster) {
        addPlatform(world);
    }
    happens(world);
    return world;
}

/** What it must deliver, one line each. */
export function wanted({ name, messages }: Incident): string[] {
    return messages.map((message) => message.replaceAll("@", name));
}
