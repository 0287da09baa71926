import { changedAt, Fields } from "./overlay";
import type { AdaptationSettings } from "./settings";

/** What a platform gives every pod by itself, from a range of the namespace's: it refuses other users and groups. */
const GIVEN_IDS = ["runAsUser", "runAsGroup", "fsGroup"] as const;

/** Whether pods may not name their users and groups. */
export function givesIds({ cluster }: Pick<AdaptationSettings, "cluster">): boolean {
    return cluster.platform === "openshift";
}

/** A security context without users and groups, where the platform gives them. */
export function withoutIds(
    value: unknown,
    path: readonly string[],
    settings: Pick<AdaptationSettings, "cluster">,
): unknown {
    return givesIds(settings)
        ? changedAt(value, path, (context) =>
              Object.fromEntries(
                  Object.entries(context as Fields).filter(
                      ([key]) => !(GIVEN_IDS as readonly string[]).includes(key),
                  ),
              ),
          )
        : value;
}

/** In a chart's values, where only `null` takes a default away. */
export const NO_IDS: Fields = Object.fromEntries(GIVEN_IDS.map((key) => [key, null]));
