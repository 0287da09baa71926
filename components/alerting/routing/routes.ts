import { seconds } from "../../settings/duration";
import type { AlertingSettings } from "../settings";
import type { MuteTimeSettings, RouteSettings } from "./routeSettings";

type Alerting = Pick<
    AlertingSettings,
    "receivers" | "routes" | "defaultReceiver" | "unroutedEnvironments"
>;

/** The receiver that drops what it gets. */
export const NOBODY = "null";

/**
 * The tree of routes: heartbeats, the configured routes, and what is nobody's on purpose. What none takes, the default
 * receiver gets; nobody where there is none.
 */
export function routeTree(alerting: Alerting, environment: string): object {
    const { receivers, routes, defaultReceiver } = alerting;
    return {
        receiver: defaultReceiver ?? NOBODY,
        group_by: ["alertname", "namespace", "app", "node"],
        group_wait: "30s",
        group_interval: "5m",
        repeat_interval: "4h",
        routes: [
            ...heartbeatRoutes(receivers),
            { receiver: NOBODY, matchers: ['alertname=~"Watchdog|InfoInhibitor"'] },
            ...Object.values(routes).flatMap((route) => routesOf(route, environment)),
            ...nobodysRoutes(alerting),
        ],
    };
}

/** The Watchdog fires always: what matters is that it keeps coming, so it repeats at the heartbeat's interval. */
function heartbeatRoutes(receivers: Alerting["receivers"]): object[] {
    return Object.entries(receivers).flatMap(([name, receiver]) =>
        receiver.type === "heartbeat"
            ? [
                  {
                      receiver: name,
                      matchers: ['alertname="Watchdog"'],
                      group_wait: "0s",
                      group_interval: receiver.interval,
                      // A repeat is due only when a group interval has passed; a second less, and every one is sent.
                      repeat_interval: `${Math.max(1, seconds(receiver.interval) - 1)}s`,
                      continue: true,
                  },
              ]
            : [],
    );
}

/**
 * What the default receiver is not to get: environments that are nobody's, and `info`, which most rules have to
 * explain other alerts by.
 */
function nobodysRoutes({ routes, defaultReceiver, unroutedEnvironments }: Alerting): object[] {
    if (defaultReceiver === undefined) {
        return [];
    }
    const infoIsRouted = Object.values(routes).some(
        ({ severities, environments, teams }) =>
            severities.includes("info") && environments === undefined && teams === undefined,
    );
    return [
        ...(unroutedEnvironments.length > 0
            ? [{ receiver: NOBODY, matchers: [oneOf("environment", unroutedEnvironments)] }]
            : []),
        ...(infoIsRouted ? [] : [{ receiver: NOBODY, matchers: ['severity="info"'] }]),
    ];
}

/** One for each receiver, since a route of Alertmanager has one; all of them get the alert. */
function routesOf(route: RouteSettings, environment: string): object[] {
    const matchers = [
        oneOf("severity", route.severities),
        // Every alert has one: a rule's own, or Prometheus' external label.
        oneOf("environment", route.environments ?? [environment]),
        ...(route.teams ? [oneOf("team", route.teams)] : []),
    ];
    return [...new Set(route.receivers)].map((receiver) => ({
        receiver,
        matchers,
        ...times(route),
        ...(route.muteTimes.length > 0 ? { mute_time_intervals: route.muteTimes } : {}),
        continue: true,
    }));
}

/** A digest is told at each group interval; a second less, and what still fires is told again. */
function times({ groupWait, repeatInterval, digest }: RouteSettings): object {
    return digest === undefined
        ? { group_wait: groupWait, repeat_interval: repeatInterval }
        : {
              group_by: ["environment"],
              group_wait: digest,
              group_interval: digest,
              repeat_interval: `${Math.max(1, seconds(digest) - 1)}s`,
          };
}

function oneOf(label: string, values: readonly string[]): string {
    return `${label}=~"${[...new Set(values)].join("|")}"`;
}

/** Mute times by name, in their zone: https://prometheus.io/docs/alerting/latest/configuration/#time_interval. */
export function timeIntervals(muteTimes: Readonly<Record<string, MuteTimeSettings>>): object[] {
    return Object.entries(muteTimes).map(([name, { timeZone, periods }]) => ({
        name,
        time_intervals: periods.map(({ weekdays, from, to }) => ({
            ...(weekdays ? { weekdays } : {}),
            times: [{ start_time: from, end_time: to }],
            location: timeZone,
        })),
    }));
}
