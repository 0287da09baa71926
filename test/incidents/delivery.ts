import { setTimeout as sleep } from "node:timers/promises";

import { TITLE } from "../../components/alerting/routing/messages";
import { HttpEndpoint } from "../../lab/endpoints/httpEndpoint";
import { Alertmanager } from "../support/alertmanager";
import type { Transition } from "./evaluation";
import type { Incident } from "./incident";

/** Every interval of Alertmanager, and the time between two evaluations, are divided by this. */
const FACTOR = 120;
/** Seconds of an incident within which messages count as sent at once: two receivers of one route, or two groups. */
const AT_ONCE = 60;
/** Group interval, after which Alertmanager tells of a change, and some more. */
const TAIL = 8 * 60;

/** Alertmanager reads what a template of a payload makes as YAML, to which `[CRITICAL]` is a list. */
const MARK = "title ";

interface Message {
    readonly incident: string;
    readonly receiver: string;
    readonly title: string;
    readonly at: number;
}

/** People on duty of every incident, whose phones ring through a real Alertmanager. */
export class Duty {
    private readonly messages: Message[] = [];

    private constructor(
        private readonly alertmanager: Alertmanager,
        private readonly endpoint: HttpEndpoint<unknown>,
    ) {}

    static async start(binary: string, config: object): Promise<Duty> {
        const endpoint = await HttpEndpoint.start(({ text }) => {
            const message = JSON.parse(text) as Omit<Message, "at">;
            const title = message.title.slice(MARK.length);
            duty.messages.push({ ...message, title, at: Date.now() });
            return { answer: { status: 200, body: "ok" } };
        });
        const own = isolated(config, `${endpoint.origin}/`);
        const alertmanager = await Alertmanager.start(binary, own, {}, FACTOR);
        const duty = new Duty(alertmanager, endpoint);
        return duty;
    }

    async stop(): Promise<void> {
        await this.alertmanager.stop();
        await this.endpoint.close();
    }

    /** Sends what Prometheus sends in an incident, from its first alert on, and returns the lines that people got. */
    async play({ name, minutes }: Incident, transitions: readonly Transition[]): Promise<string[]> {
        const start = Date.now() - ((transitions[0]?.at ?? 0) * 1000) / FACTOR;
        await play(this.alertmanager, name, transitions, start);
        await sleep((TAIL * 1000) / FACTOR);
        const end = start + ((minutes * 60 + TAIL) * 1000) / FACTOR;
        const own = this.messages.filter(({ incident, at }) => incident === name && at <= end);
        return linesOf(own, start);
    }
}

async function play(
    alertmanager: Alertmanager,
    incident: string,
    transitions: readonly Transition[],
    start: number,
): Promise<void> {
    for (const { at, firing, ended } of transitions) {
        await sleep(Math.max(0, start + (at * 1000) / FACTOR - Date.now()));
        const named = (alerts: Transition["firing"]) =>
            // `cluster` is an external label of Prometheus.
            alerts.map((labels) => ({ labels: { cluster: "prod", ...labels, incident } }));
        if (firing.length > 0) {
            await alertmanager.send(named(firing));
        }
        if (ended.length > 0) {
            await alertmanager.send(named(ended), true);
        }
    }
}

interface Route {
    readonly group_by?: readonly string[];
    readonly routes?: readonly Route[];
}

/**
 * The configuration with two changes. Incidents share an Alertmanager, and a label of theirs is in every grouping and
 * every inhibition, so that none knows of another. And each receiver posts the title that people read, with its name.
 */
function isolated(config: object, url: string): object {
    const { route, inhibit_rules, receivers, ...rest } = config as {
        readonly route: Route;
        readonly inhibit_rules: readonly { readonly equal: readonly string[] }[];
        readonly receivers: readonly { readonly name: string }[];
    };
    return {
        ...rest,
        route: grouped(route),
        inhibit_rules: inhibit_rules.map((rule) => ({
            ...rule,
            equal: [...rule.equal, "incident"],
        })),
        receivers: receivers.map(({ name, ...types }) => ({
            name,
            ...(Object.keys(types).length === 0
                ? {}
                : {
                      webhook_configs: [
                          {
                              url,
                              send_resolved: true,
                              payload: {
                                  incident: "{{ .GroupLabels.incident }}",
                                  receiver: name,
                                  title: `${MARK}${TITLE}`,
                              },
                          },
                      ],
                  }),
        })),
    };
}

function grouped(route: Route): Route {
    return {
        ...route,
        ...(route.group_by ? { group_by: [...route.group_by, "incident"] } : {}),
        ...(route.routes ? { routes: route.routes.map(grouped) } : {}),
    };
}

/** Messages of one moment by their text, receivers of the same message together. */
function linesOf(messages: readonly Message[], start: number): string[] {
    const seconds = ({ at }: Message) => ((at - start) * FACTOR) / 1000;
    const moments: Message[][] = [];
    for (const message of [...messages].sort((a, b) => a.at - b.at)) {
        const current = moments.at(-1);
        const last = current?.at(-1);
        if (current && last && seconds(message) - seconds(last) < AT_ONCE) {
            current.push(message);
        } else {
            moments.push([message]);
        }
    }
    return moments.flatMap((moment) => {
        const titles = [...new Set(moment.map(({ title }) => title))].sort();
        return titles.map((title) => {
            const receivers = moment.filter((each) => each.title === title);
            const names = receivers.map(({ receiver }) => receiver).sort();
            return `${names.join(", ")}: ${title}`;
        });
    });
}
