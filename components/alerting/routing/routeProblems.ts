import { Problem, show, suggestion } from "../../settings/problems";
import type { ReceiverSettings } from "./receiverSettings";
import type { MuteTimeSettings, RouteSettings } from "./routeSettings";

interface Alerting {
    readonly receivers: Readonly<Record<string, ReceiverSettings>>;
    readonly routes: Readonly<Record<string, RouteSettings>>;
    readonly muteTimes: Readonly<Record<string, MuteTimeSettings>>;
}

/** What is wrong with routes and mute times; routes without environments take the stack's own. Returns every problem. */
export function routeProblems(alerting: Alerting, environment: string): Problem[] {
    const routes = Object.entries(alerting.routes);
    return [
        ...routes.flatMap(([name, route]) => [
            ...targetProblems(name, route, alerting),
            ...muteProblems(name, route, alerting),
        ]),
        ...twiceProblems(routes, environment),
        ...periodProblems(alerting),
    ];
}

/** Environments of the cluster whose critical alerts nobody gets, and not on purpose. Returns every problem. */
export function unroutedProblems(
    alerting: Pick<AlertingRoutes, "receivers" | "routes" | "unroutedEnvironments">,
    [own, ...tenants]: readonly [string, ...string[]],
): Problem[] {
    const path = "alerting.unroutedEnvironments";
    const { routes, unroutedEnvironments: unrouted } = alerting;
    const cluster = [...new Set([own, ...tenants])];
    const critical = Object.values(routes).filter(({ severities }) =>
        severities.includes("critical"),
    );
    const routed = critical.flatMap(({ environments }) => environments ?? [own]);
    const tellsSomebody = Object.values(alerting.receivers).some(
        ({ type }) => type !== "heartbeat",
    );
    return [
        ...cluster
            .filter((each) => tellsSomebody && !routed.includes(each) && !unrouted.includes(each))
            .map((each) => ({
                path: "alerting.routes",
                got: `no route that takes critical alerts of the environment ${show(each)}`,
                allowed: `a route with environments: [${each}], or ${path} with it, where nobody is to be told`,
            })),
        ...unrouted
            .filter((each) => !cluster.includes(each))
            .map((each) => ({ path, got: show(each), allowed: oneOfNames(each, cluster) })),
        ...unrouted
            .filter((each) => cluster.includes(each) && taken(routes, own).includes(each))
            .map((each) => ({
                path,
                got: show(each),
                allowed: "environments that no route takes: remove it here or there",
            })),
    ];
}

interface AlertingRoutes extends Alerting {
    readonly unroutedEnvironments: readonly string[];
}

function taken(routes: Alerting["routes"], own: string): string[] {
    return Object.values(routes).flatMap(({ environments }) => environments ?? [own]);
}

function oneOfNames(name: string, known: readonly string[]): string {
    return `${suggestion(name, known)}allowed: ${known.join(", ")}`;
}

function targetProblems(name: string, route: RouteSettings, { receivers }: Alerting): Problem[] {
    const path = `alerting.routes.${name}.receivers`;
    const known = Object.keys(receivers).filter((each) => receivers[each]?.type !== "heartbeat");
    return route.receivers.flatMap((receiver): Problem[] => {
        if (receivers[receiver] === undefined) {
            return [{ path, got: show(receiver), allowed: oneOf(receiver, known, "receivers") }];
        }
        return receivers[receiver].type === "heartbeat"
            ? [
                  {
                      path,
                      got: show(receiver),
                      allowed: "no heartbeat: it gets the Watchdog, and nothing else",
                  },
              ]
            : [];
    });
}

function muteProblems(name: string, route: RouteSettings, { muteTimes }: Alerting): Problem[] {
    const path = `alerting.routes.${name}.muteTimes`;
    const problems = route.muteTimes
        .filter((muteTime) => muteTimes[muteTime] === undefined)
        .map((muteTime) => ({
            path,
            got: show(muteTime),
            allowed: oneOf(muteTime, Object.keys(muteTimes), "muteTimes"),
        }));
    if (route.muteTimes.length > 0 && route.severities.includes("critical")) {
        problems.push({
            path,
            got: show(route.muteTimes),
            allowed:
                "no mute times where severities has critical, which must arrive at any hour: give the other severities a route of their own",
        });
    }
    if (route.digest !== undefined && route.severities.includes("critical")) {
        problems.push({
            path: `alerting.routes.${name}.digest`,
            got: show(route.digest),
            allowed:
                "no digest where severities has critical, which must arrive at once: give the other severities a route of their own",
        });
    }
    return problems;
}

function oneOf(name: string, known: readonly string[], key: string): string {
    const names = known.join(", ") || `none, since alerting.${key} has none`;
    return `${suggestion(name, known)}allowed: ${names}`;
}

/** A receiver that two routes lead to would get an alert twice. */
function twiceProblems(routes: readonly [string, RouteSettings][], own: string): Problem[] {
    return routes.flatMap(([name, route], index) =>
        routes.slice(0, index).flatMap(([earlier, other]): Problem[] => {
            const shared = route.receivers.filter((each) => other.receivers.includes(each));
            const both =
                meet(route.severities, other.severities) &&
                meet(route.environments ?? [own], other.environments ?? [own]) &&
                meet(route.teams, other.teams);
            return shared.length > 0 && both
                ? [
                      {
                          path: `alerting.routes.${name}`,
                          got: `alerts that route "${earlier}" takes to ${shared.join(", ")} too`,
                          allowed:
                              "severities, environments or teams that no other route to the same receiver takes: it would tell each alert twice",
                      },
                  ]
                : [];
        }),
    );
}

/** Whether two lists share something; a list that is not given has everything. */
function meet(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
    return a === undefined || b === undefined || a.some((each) => b.includes(each));
}

function periodProblems({ muteTimes, routes }: Alerting): Problem[] {
    const used = Object.values(routes).flatMap((route) => route.muteTimes);
    return Object.entries(muteTimes).flatMap(([name, { periods }]): Problem[] => {
        const path = `alerting.muteTimes.${name}`;
        const backwards = periods.flatMap(({ from, to }, index) =>
            from < to
                ? []
                : [
                      {
                          path: `${path}.periods.${index}`,
                          got: show(`${from} to ${to}`),
                          allowed: `a time that ends after it begins; over midnight, two of them: from "${from}" to "24:00", and from "00:00" to "${to}"`,
                      },
                  ],
        );
        // A route that misspells it is told as that.
        return used.includes(name) || used.some((each) => muteTimes[each] === undefined)
            ? backwards
            : [
                  ...backwards,
                  {
                      path,
                      got: "a mute time that no route names",
                      allowed: "its name in muteTimes of a route, or remove it",
                  },
              ];
    });
}
