import { parseQuantity } from "../settings/quantity";
import type { AutoscalingSettings, ScalingSettings } from "./settings";

interface Scaled {
    readonly namespace: string;
    readonly name: string;
    readonly scaling: ScalingSettings;
}

/** What all pods of scaled applications could request at once. */
interface Demand {
    readonly pods: number;
    /** Cores. */
    readonly cpu: number;
    /** Bytes. */
    readonly memory: number;
}

/** Warnings on what namespaces or nodes have too little of when every application has as many pods as it may. */
export function worstCaseWarnings(
    applications: readonly Scaled[],
    { quotas, nodes }: Pick<AutoscalingSettings, "quotas" | "nodes">,
): string[] {
    const rooms = [
        ...Object.entries(quotas).map(([namespace, room]) => ({
            place: `namespace ${namespace}`,
            path: `autoscaling.quotas.${namespace}`,
            room,
            among: applications.filter((each) => each.namespace === namespace),
        })),
        { place: "the nodes", path: "autoscaling.nodes", room: nodes, among: applications },
    ].filter(({ room, among }) => Object.keys(room).length > 0 && among.length > 0);
    return rooms.flatMap(({ place, path, room, among }) => {
        const { pods, cpu, memory } = demandOf(among);
        const uncounted = among.filter(({ scaling }) => scaling.requests === undefined);
        const most = among.map(({ name, scaling }) => `${name} ${scaling.max}`).join(", ");
        const over = [
            ["pods", pods, (room as { pods?: number }).pods, String] as const,
            ["cpu", cpu, room.cpu, cores] as const,
            [
                "memory",
                memory,
                room.memory === undefined ? undefined : parseQuantity(room.memory),
                (value: number) => `${(value / 2 ** 30).toFixed(1)}Gi`,
            ] as const,
        ].flatMap(([what, needed, left, text]) =>
            left !== undefined && needed > left
                ? [
                      `${path}.${what}: in the worst case (pods at most: ${most}) scaled applications request ${text(needed)}, and ${place} ${place === "the nodes" ? "leave" : "leaves"} ${text(left)}: pods above that stay pending, or are refused`,
                  ]
                : [],
        );
        const unknown =
            uncounted.length > 0 && (room.cpu !== undefined || room.memory !== undefined)
                ? [
                      `${path}: the worst case lacks ${uncounted.map(({ name }) => name).join(", ")}: set autoscaling.requests of it`,
                  ]
                : [];
        return [...over, ...unknown];
    });
}

function cores(value: number): string {
    return String(Math.round(value * 1000) / 1000);
}

function demandOf(applications: readonly Scaled[]): Demand {
    return applications.reduce<Demand>(
        ({ pods, cpu, memory }, { scaling: { max, requests } }) => ({
            pods: pods + max,
            cpu: cpu + max * (parseQuantity(requests?.cpu ?? "0") ?? 0),
            memory: memory + max * (parseQuantity(requests?.memory ?? "0") ?? 0),
        }),
        { pods: 0, cpu: 0, memory: 0 },
    );
}
