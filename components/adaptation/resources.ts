import { parseQuantity } from "../settings/quantity";
import { Fields, lifted, overlaid } from "./overlay";
import type { ComponentResources } from "./settings";

/** Ours with what the configuration says over them; a limit that is below a request of it is raised to it. */
export function adaptedResources(own: unknown, settings: ComponentResources): unknown {
    return lifted(overlaid(own, settings), (merged) => {
        const { requests = {}, limits = {} } = merged as Partial<Record<string, Fields>>;
        const raised = Object.entries(settings.requests ?? {}).filter(
            ([amount, request]) =>
                limits[amount] !== undefined && size(limits[amount]) < size(request),
        );
        return raised.length === 0
            ? merged
            : { requests, limits: { ...limits, ...Object.fromEntries(raised) } };
    });
}

function size(value: unknown): number {
    return parseQuantity(String(value)) ?? 0;
}
