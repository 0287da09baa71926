import { readStackFile, Settings } from "../../lab/program/stackFile";
import type { Endpoints, ReceiverSettings } from "./endpoints";

/** The namespace of prod's Redis. */
export const NAMESPACE = "prod";
/** The namespace of Prometheus and Alertmanager. */
export const MONITORING = "monitoring";
/** The instance of prod that most drills break. */
export const REPLICATION = "redis-replication";
/** An instance that prod does not have, for the drill on Sentinel. */
export const SENTINEL = "sessions";

type Receivers = Readonly<Record<string, ReceiverSettings>>;

/** A receiver of each type that prod does not have; what names its service is the stand-in's. */
const MORE: Receivers = {
    mail: {
        type: "email",
        to: "team@example.org",
        from: "alerts@example.org",
    },
    wecom: { type: "wecom", toUser: "@all" },
    robot: { type: "wecomRobot" },
    dingtalk: { type: "dingtalk" },
    teams: { type: "teams" },
    bridge: { type: "webhook" },
};

interface Route {
    readonly severities: readonly string[];
    readonly receivers: readonly string[];
}

/** The routes of prod, each of them also to the receivers that it does not have. */
function drillRoutes(): Readonly<Record<string, Route>> {
    const { routes } = readStackFile("prod").alerting as { routes: Record<string, Route> };
    return Object.fromEntries(
        Object.entries(routes).map(([name, route]) => [
            name,
            { ...route, receivers: [...route.receivers, ...Object.keys(MORE)] },
        ]),
    );
}

/** Names of the receivers of a severity. */
export function receiversOf(severity: string): string[] {
    return Object.values(drillRoutes())
        .filter(({ severities }) => severities.includes(severity))
        .flatMap(({ receivers }) => receivers);
}

/** The receivers of prod, and one of each type that it does not have. */
export function drillReceivers(): Receivers {
    const { receivers } = readStackFile("prod").alerting as { receivers: Receivers };
    return { ...receivers, ...MORE };
}

/** Prod as the fixtures describe it, but with these receivers, an instance with Sentinel, and little memory. */
export function drillSettings({ receivers, secrets }: Endpoints): Settings {
    const prod = readStackFile("prod");
    const redis = prod.redis as Record<string, { instances: Record<string, Settings> }>;
    // So little that it can be filled.
    const size = { memory: "128Mi", storageSize: "1Gi" };
    const instances = Object.entries(redis[NAMESPACE]?.instances ?? {}).map(
        ([name, instance]) => [name, { ...instance, ...size }] as const,
    );
    const sentinel = { mode: "sentinel", replicas: 3, sentinels: 3, quorum: 2, ...size };
    return {
        ...prod,
        alerting: {
            ...(prod.alerting as Settings),
            runbookBaseUrl: "https://runbooks.example.org",
            receivers,
            routes: drillRoutes(),
        },
        receiverSecrets: secrets,
        redis: {
            [NAMESPACE]: { instances: { ...Object.fromEntries(instances), [SENTINEL]: sentinel } },
        },
    };
}
