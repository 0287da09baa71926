import { Problem, show, suggestion } from "../../settings/problems";
import { RECEIVER_SECRETS, ReceiverSecrets, ReceiverSettings } from "./receiverSettings";
import type { RouteSettings } from "./routeSettings";

interface Alerting {
    readonly receivers: Readonly<Record<string, ReceiverSettings>>;
    readonly routes: Readonly<Record<string, RouteSettings>>;
    readonly requireHeartbeat: boolean;
    readonly defaultReceiver?: string | undefined;
}

/** The rules between receivers, their secrets and the routes that name them. Returns every problem. */
export function receiverProblems(alerting: Alerting, secrets: ReceiverSecrets): Problem[] {
    return [
        ...targetProblems(alerting),
        ...heartbeatProblems(alerting),
        ...defaultProblems(alerting),
        ...secretProblems(alerting.receivers, secrets),
    ];
}

function targetProblems({ receivers, routes, defaultReceiver }: Alerting): Problem[] {
    const routed = Object.values(routes).flatMap((route) => route.receivers);
    routed.push(...(defaultReceiver === undefined ? [] : [defaultReceiver]));
    // A route that misspells a receiver is told as that, and not as a receiver without a route too.
    const misspelt = routed.some((name) => receivers[name] === undefined);
    return Object.entries(receivers).flatMap(([name, receiver]): Problem[] => {
        const path = `alerting.receivers.${name}`;
        if (name === "null") {
            const allowed = "another name: alerts that nobody gets go to a receiver of that name";
            return [{ path, got: show(name), allowed }];
        }
        if (receiver.type === "wecom" && !receiver.toUser && !receiver.toParty && !receiver.toTag) {
            const allowed = `at least one of toUser, toParty and toTag, such as toUser: "@all"`;
            return [{ path, got: "nobody to send to", allowed }];
        }
        if (receiver.type !== "heartbeat" && !misspelt && !routed.includes(name)) {
            const allowed = "a route in alerting.routes that names it, or remove it";
            return [{ path, got: "a receiver that no route leads to", allowed }];
        }
        return [];
    });
}

function heartbeatProblems({ receivers, requireHeartbeat }: Alerting): Problem[] {
    const heartbeats = Object.values(receivers).filter(({ type }) => type === "heartbeat");
    return requireHeartbeat && heartbeats.length === 0
        ? [
              {
                  path: "alerting.requireHeartbeat",
                  got: "true without a heartbeat",
                  allowed:
                      "a receiver of type heartbeat in alerting.receivers, since nothing else tells that alerting itself is gone; or false",
              },
          ]
        : [];
}

/** Who watches that alerting works must also hear of the alerts that nobody thought of. */
function defaultProblems({ receivers, defaultReceiver }: Alerting): Problem[] {
    const path = "alerting.defaultReceiver";
    const known = Object.keys(receivers).filter((each) => receivers[each]?.type !== "heartbeat");
    if (defaultReceiver === undefined) {
        return known.length === Object.keys(receivers).length
            ? []
            : [
                  {
                      path,
                      got: "nothing, beside a heartbeat",
                      allowed: `the receiver of alerts that no route takes: ${known.join(", ") || "none yet, add one to alerting.receivers"}`,
                  },
              ];
    }
    return known.includes(defaultReceiver)
        ? []
        : [
              {
                  path,
                  got: show(defaultReceiver),
                  allowed: `${suggestion(defaultReceiver, known)}allowed: ${known.join(", ") || "none, since alerting.receivers has none that people read"}`,
              },
          ];
}

/** Values are secrets, and never shown. */
function secretProblems(receivers: Alerting["receivers"], secrets: ReceiverSecrets): Problem[] {
    const names = Object.keys(receivers);
    return Object.entries(secrets).flatMap(([name, value]): Problem[] => {
        const path = `receiverSecrets.${name}`;
        const receiver = receivers[name];
        if (receiver === undefined) {
            const known = names.join(", ") || "none, since alerting.receivers is empty";
            const allowed = `${suggestion(name, names)}allowed: ${known}`;
            return [{ path, got: "a secret of no receiver", allowed }];
        }
        const secret = RECEIVER_SECRETS[receiver.type];
        const isText = typeof value === "string";
        if (isText && typeof secret !== "string") {
            const parts = Object.keys(secret).join(" and ");
            const allowed = `a map with ${parts}, since ${name} is of type ${receiver.type}`;
            return [{ path, got: "a text", allowed }];
        }
        if (!isText && typeof secret === "string") {
            const allowed = `a text, the ${secret}, since ${name} is of type ${receiver.type}`;
            return [{ path, got: "a map", allowed }];
        }
        return [];
    });
}
