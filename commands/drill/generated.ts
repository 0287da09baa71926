import { parse } from "yaml";

import {
    find,
    findRelease,
    KubernetesObject,
    Labels,
    listAt,
    ofKind,
    textAt,
    valueAt,
} from "../../lab/program/objects";
import { ProgramRun, runProgram } from "../../lab/program/program";
import { plain } from "../../lab/program/secrets";
import type { Settings } from "../../lab/program/stackFile";
import { MONITORING, NAMESPACE } from "./settings";

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
    readonly relay: Relay;
    /** The namespaces of Redis and of Prometheus, with the levels of Pod Security that they enforce. */
    readonly namespaces: readonly object[];
    /** `alertmanagerSpec` of the chart's values. */
    readonly alertmanagerSpec: Readonly<Record<string, unknown>>;
    /** Groups of the PrometheusRules on Redis. */
    readonly ruleGroups: readonly RuleGroup[];
    readonly monitors: readonly KubernetesObject[];
    /** The Redis operator's custom resources. */
    readonly redis: readonly KubernetesObject[];
    /** The Secrets beside the instances. */
    readonly passwordSecrets: readonly object[];
    /** The password of an instance, by the name of its Secret. */
    password(secretName: string): string;
    /** `prometheusSpec` of the chart's values. */
    readonly prometheus: PrometheusSpec;
}

/** What posts messages to the robots of group chats. */
export interface Relay {
    /** ConfigMap, Secret, Deployment and Service. */
    readonly objects: readonly object[];
    /** What its ConfigMap and its Secret hold, as files. */
    readonly script: string;
    readonly secrets: Readonly<Record<string, string>>;
    /** Where Alertmanager's configuration reaches it. */
    readonly url: string;
}

export interface Route {
    readonly receiver: string;
    readonly matchers?: readonly string[];
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
    /** None in a rule that records. */
    readonly alert?: string;
    readonly for?: string;
    readonly keep_firing_for?: string;
    readonly labels?: Labels;
}

export interface RuleGroup {
    readonly name: string;
    /** Between two evaluations, where it is not Prometheus' own. */
    readonly interval?: string;
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
    const { values } = findRelease(run, "kube-prometheus-stack");
    return {
        alertmanager: parse(config["alertmanager.yaml"] ?? "") as AlertmanagerConfig,
        messageTemplates: config["messages.tmpl"] ?? "",
        configFolder: "/etc/alertmanager/config",
        receiverSecrets: secretValues("alertmanager-receivers"),
        secretsFolder: "/etc/alertmanager/secrets/alertmanager-receivers",
        relay: relay(run),
        namespaces: [NAMESPACE, MONITORING].map((name) => find(run, "Namespace", name).manifest),
        alertmanagerSpec: valueAt(
            values,
            "alertmanager",
            "alertmanagerSpec",
        ) as Generated["alertmanagerSpec"],
        ruleGroups: [
            ...inNamespace(ofKind(run, "PrometheusRule")).flatMap(
                ({ manifest }) => valueAt(manifest, "spec", "groups") as RuleGroup[],
            ),
            WATCHDOG,
        ],
        monitors: inNamespace(ofKind(run, "ServiceMonitor")),
        redis: ofKind(run, "Redis", "RedisReplication", "RedisSentinel", "RedisCluster"),
        passwordSecrets: inNamespace(ofKind(run, "Secret")).map(
            ({ manifest }) => plain(manifest) as object,
        ),
        password: (secretName) => textAt(secretValues(secretName), "password"),
        prometheus: valueAt(values, "prometheus", "prometheusSpec") as PrometheusSpec,
    };
}

const RELAY = "notification-relay";

function relay(run: ProgramRun): Relay {
    const objects = ofKind(run, "ConfigMap", "Secret", "Deployment", "Service").filter(
        ({ name }) => name === RELAY || name === `${RELAY}-receivers`,
    );
    const service = find(run, "Service", RELAY);
    const [port] = listAt(service.manifest, "spec", "ports") as [{ port: number }];
    const secrets = find(run, "Secret", `${RELAY}-receivers`).manifest.stringData;
    return {
        objects: objects.map(({ manifest }) => plain(manifest) as object),
        script: textAt(find(run, "ConfigMap", RELAY).manifest, "data", "relay.mjs"),
        secrets: plain(secrets) as Relay["secrets"],
        url: `http://${RELAY}.${service.namespace}.svc:${port.port}`,
    };
}

function inNamespace(objects: readonly KubernetesObject[]): KubernetesObject[] {
    return objects.filter(({ namespace }) => namespace === NAMESPACE);
}
