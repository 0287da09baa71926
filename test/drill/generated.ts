import { parse } from "yaml";

import {
    find,
    findRelease,
    KubernetesObject,
    Labels,
    ofKind,
    textAt,
    valueAt,
} from "../support/objects";
import { runProgram } from "../support/program";
import type { Settings } from "../support/stackFile";
import { NAMESPACE } from "./settings";

/** What the program generates for the drill's stack, as it would reach a cluster. */
export interface Generated {
    /** Alertmanager's configuration, https://prometheus.io/docs/alerting/latest/configuration/. */
    readonly alertmanager: AlertmanagerConfig;
    /** Templates of the messages, in a file of `configFolder`. */
    readonly messageTemplates: string;
    /** Folder of the templates in the configuration. */
    readonly configFolder: string;
    /** The secret of each receiver, which Alertmanager reads from a file of that name. */
    readonly receiverSecrets: Readonly<Record<string, string>>;
    /** Folder of those files in the configuration. */
    readonly secretsFolder: string;
    /** Groups of the PrometheusRules on Redis. */
    readonly ruleGroups: readonly RuleGroup[];
    readonly monitors: readonly KubernetesObject[];
    /** The Redis operator's custom resources. */
    readonly redis: readonly KubernetesObject[];
    /** The password of an instance, by the name of its Secret. */
    password(secretName: string): string;
    /** `prometheusSpec` of the chart's values. */
    readonly prometheus: PrometheusSpec;
}

export interface Route {
    readonly receiver: string;
    readonly group_wait?: string;
    readonly group_interval?: string;
    readonly routes?: readonly Route[];
}

/** A receiver, with its integrations by their keys, such as `slack_configs`. */
export interface ReceiverConfig {
    readonly name: string;
    readonly [integration: `${string}_configs`]: readonly object[];
}

export interface AlertmanagerConfig {
    readonly route: Route;
    readonly receivers: readonly ReceiverConfig[];
}

export interface Rule {
    readonly alert: string;
    readonly for?: string;
    readonly labels: Labels;
}

export interface RuleGroup {
    readonly name: string;
    readonly rules: readonly Rule[];
}

export interface PrometheusSpec {
    readonly scrapeInterval: string;
    readonly evaluationInterval: string;
    readonly externalLabels: Labels;
}

/**
 * Of kube-prometheus-stack's rules, the one that a drill needs: it fires always, and that it stops coming tells that
 * Prometheus or Alertmanager is gone.
 */
const WATCHDOG: RuleGroup = {
    name: "general.rules",
    rules: [{ alert: "Watchdog", labels: { severity: "none" }, ...{ expr: "vector(1)" } }],
};

/** Runs the program offline. Throws what the program refuses. */
export async function generate(settings: Settings): Promise<Generated> {
    const run = await runProgram({ stack: "prod", settings });
    const secretValues = (name: string) =>
        plain(find(run, "Secret", name).manifest.stringData) as Record<string, string>;
    const config = secretValues("alertmanager-config");
    const spec = valueAt(
        findRelease(run, "kube-prometheus-stack").values,
        "prometheus",
        "prometheusSpec",
    );
    return {
        alertmanager: parse(config["alertmanager.yaml"] ?? "") as AlertmanagerConfig,
        messageTemplates: config["messages.tmpl"] ?? "",
        configFolder: "/etc/alertmanager/config",
        receiverSecrets: secretValues("alertmanager-receivers"),
        secretsFolder: "/etc/alertmanager/secrets/alertmanager-receivers",
        ruleGroups: [
            ...inNamespace(ofKind(run, "PrometheusRule")).flatMap(
                ({ manifest }) => valueAt(manifest, "spec", "groups") as RuleGroup[],
            ),
            WATCHDOG,
        ],
        monitors: inNamespace(ofKind(run, "ServiceMonitor")),
        redis: ofKind(run, "Redis", "RedisReplication", "RedisSentinel", "RedisCluster"),
        password: (secretName) => textAt(secretValues(secretName), "password"),
        prometheus: spec as PrometheusSpec,
    };
}

function inNamespace(objects: readonly KubernetesObject[]): KubernetesObject[] {
    return objects.filter(({ namespace }) => namespace === NAMESPACE);
}

/** Secret values as they are. */
function plain(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const { secret } = value as { secret?: unknown };
    return secret !== undefined
        ? plain(secret)
        : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
