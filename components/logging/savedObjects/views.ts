import { STREAMS } from "../logSchema";
import type { DataView } from "./objects";

const view = (name: keyof typeof STREAMS, title: string): DataView => ({
    id: `observability-${STREAMS[name]}`,
    title,
    pattern: [STREAMS[name]],
});

/** A data view for each stream, and one of Redis and its operator together. */
export const VIEWS = {
    operator: view("operator", "Redis operator logs"),
    instance: view("instance", "Redis instance logs"),
    containers: view("containers", "Container logs"),
    events: view("events", "Kubernetes events"),
    redis: {
        id: "observability-redis-logs",
        title: "Redis logs: operator and instances",
        pattern: [STREAMS.operator, STREAMS.instance],
    },
} as const satisfies Record<string, DataView>;
