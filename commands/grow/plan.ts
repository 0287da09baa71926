import type { Difference } from "../../components/stack/volumes";
import { MOVE } from "../../components/stack/volumes";

/** What is done about the claims that are not as the configuration says. */
export interface GrowPlan {
    /** Claims to ask for more, and operators' resources to tell of it. */
    readonly grow: readonly Difference[];
    /** Claims whose pods are to start again. */
    readonly restart: readonly Difference[];
    /** What an update grows. */
    readonly byUpdate: readonly Difference[];
    /** What cannot be done here. */
    readonly refused: readonly Difference[];
}

export function growPlan(differences: readonly Difference[]): GrowPlan {
    const of = (...states: readonly Difference["state"][]) =>
        differences.filter(({ state }) => states.includes(state));
    return {
        grow: of("grows").filter(({ volume }) => volume.grownBy !== "up"),
        restart: of("restart"),
        byUpdate: of("grows").filter(({ volume }) => volume.grownBy === "up"),
        refused: of("fixed", "shrinks"),
    };
}

/** The plan for a reader: a line for each claim. */
export function planLines({ grow, restart, byUpdate, refused }: GrowPlan): string[] {
    const line = (what: string) => (each: Difference) =>
        `  ${each.claim.namespace}/${each.claim.name}: ${each.claim.has ?? each.claim.asked} -> ${each.volume.size} (${each.volume.path}): ${what}`;
    const lines = [
        ...grow.map(line("the claim, then the StatefulSet around its pods, which stay")),
        ...restart.map(line("its pod starts again, so that the file system grows")),
        ...byUpdate.map(line("`npx pulumi up` grows it")),
        ...refused.map((each) =>
            line(
                each.state === "shrinks"
                    ? `refused: no volume shrinks; ${MOVE}`
                    : `refused: the StorageClass ${each.claim.storageClass ?? "(none)"} has no allowVolumeExpansion; ${MOVE}`,
            )(each),
        ),
    ];
    return lines.length === 0 ? ["  every claim is as the configuration says"] : lines;
}
