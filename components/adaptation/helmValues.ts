import { chartReference, ChartSource } from "../kubernetes/chartSource";
import { isMap, isWithin, leafPaths, SECURITY, SECURITY_KEYS } from "../kubernetes/customSpec";
import { Problem, show, suggestion } from "../settings/problems";
import { CHART_ADAPTATIONS, ChartAdaptation } from "./charts";
import type { Fields } from "./overlay";

/** A place in a chart's values that something rests on, and what to set instead. `*` is any one key. */
interface Guarded {
    readonly at: readonly string[];
    readonly instead: string;
}

const NAMES = "nothing: Services, selectors and alerts are made of these names";
const SIGN_IN = "nothing: whoever reaches Grafana would read every log, and people sign in";
const RULES = "alerting.rules, or alerting.receivers and alerting.routes";

const NAME_KEYS = ["nameOverride", "fullnameOverride", "namespaceOverride"] as const;

const PROMETHEUS = "prometheus.prometheusSpec";
const ALERTMANAGER = "alertmanager.alertmanagerSpec";

/** By release: the path in its values, and what to set instead. */
const GUARDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "kube-prometheus-stack": {
        crds: "nothing: the release prometheus-operator-crds has them",
        cleanPrometheusOperatorObjectNames: NAMES,
        "prometheus.enabled": "nothing: everything that is scraped rests on it",
        "alertmanager.enabled": "components.alertmanager",
        "grafana.enabled": "components.grafana",
        "kubeStateMetrics.enabled": "components.kubeStateMetrics",
        "nodeExporter.enabled": "components.nodeExporter",
        coreDns: "cluster.dns",
        kubeDns: "cluster.dns",
        kubeEtcd: "cluster.controlPlane",
        kubeControllerManager: "cluster.controlPlane",
        kubeScheduler: "cluster.controlPlane",
        kubeProxy: "cluster.kubeProxy",
        "defaultRules.disabled": "alerting.rules",
        customRules: "alerting.rules",
        [`${PROMETHEUS}.retention`]: "retention.metrics",
        [`${PROMETHEUS}.retentionSize`]: "prometheus.storageSize, of which it is a share",
        [`${PROMETHEUS}.storageSpec`]: "prometheus.storageSize and storageClass",
        [`${PROMETHEUS}.replicas`]: "prometheus.replicas",
        [`${PROMETHEUS}.remoteWrite`]: "prometheus.remoteWrite",
        [`${PROMETHEUS}.scrapeInterval`]: "prometheus.scrapeInterval",
        [`${PROMETHEUS}.externalLabels`]: "cluster.name and environment",
        [`${PROMETHEUS}.externalUrl`]: "ingress.hosts.prometheus",
        [`${PROMETHEUS}.*Selector`]: "nothing: every monitor and rule of the cluster is selected",
        [`${PROMETHEUS}.*SelectorNilUsesHelmValues`]:
            "nothing: every monitor and rule of the cluster is selected",
        "alertmanager.config": RULES,
        "alertmanager.tplConfig": RULES,
        "alertmanager.stringConfig": RULES,
        [`${ALERTMANAGER}.useExistingSecret`]: RULES,
        [`${ALERTMANAGER}.configSecret`]: RULES,
        [`${ALERTMANAGER}.secrets`]: RULES,
        [`${ALERTMANAGER}.alertmanagerConfigMatcherStrategy`]: RULES,
        [`${ALERTMANAGER}.replicas`]: "alertmanager.replicas",
        [`${ALERTMANAGER}.storage`]: "alertmanager.storageSize and storageClass",
        [`${ALERTMANAGER}.externalUrl`]: "ingress.hosts.alertmanager",
        "grafana.admin": "existingSecrets.grafanaAdmin",
        "grafana.adminPassword":
            "nothing: Helm keeps its values readable; the password is in the Secret grafana-admin",
        "grafana.persistence": "grafana.storageSize and storageClass",
        "grafana.ingress": "ingress.hosts.grafana",
        "grafana.grafana.ini.auth.anonymous": SIGN_IN,
        "grafana.env.GF_AUTH_ANONYMOUS_ENABLED": SIGN_IN,
        "grafana.sidecar.datasources": "nothing: dashboards and links name these data sources",
        "grafana.sidecar.dashboards": "nothing: dashboards are found by these labels",
        "prometheus-node-exporter.namespaceOverride":
            "nothing: its namespace has the Pod Security level that it needs",
    },
    "redis-operator": {
        replicas: "redisOperator.replicas",
        "redisOperator.name": NAMES,
        "redisOperator.watchNamespace": "redisOperator.watchNamespaces",
        "redisOperator.webhook":
            "nothing: pods of Redis would be refused while its webhook is down",
        "redisOperator.metrics": "nothing: its alerts read them",
        serviceAccountName: NAMES,
    },
    "elastic-operator": {
        installCRDs: "nothing: the release elastic-operator-crds has them",
        managedNamespaces: "nothing: it must see Elasticsearch and Kibana",
    },
    "elasticsearch-exporter": {
        es: "nothing: the address, account and CA are those of Elasticsearch",
        env: "nothing: the account is one of Elasticsearch's own",
        extraEnvSecrets: "nothing: the password is in a Secret",
        serviceMonitor: "nothing: the stack makes the monitor",
        "service.*": "nothing: the monitor selects its port",
    },
    "fluent-bit": fluentBit(),
    "fluent-bit-events": fluentBit(),
};

function fluentBit(): Readonly<Record<string, string>> {
    const pipeline = "fluentBit.streams: what is read, kept and sent is checked against it";
    return {
        config: pipeline,
        luaScripts: pipeline,
        args: pipeline,
        env: "nothing: the account is one of Elasticsearch's own",
        kind: "fluentBit.streams",
        replicaCount: "nothing: two would write every event twice",
        metricsPort: "nothing: the monitor and the NetworkPolicy name it",
        extraVolumes: "nothing: the buffer and the CA are among them",
        extraVolumeMounts: "nothing: the buffer and the CA are among them",
        daemonSetVolumes: "nothing: the nodes' log files are among them",
        daemonSetVolumeMounts: "nothing: the nodes' log files are among them",
        serviceMonitor: "nothing: the stack makes the monitor",
        prometheusRule: "alerting.rules",
    };
}

/** Releases whose values may be changed. */
export const RELEASES = Object.keys(CHART_ADAPTATIONS);

/** Keys of `helmValues` that something rests on, with what to set instead. */
export function helmValueProblems(values: Readonly<Partial<Record<string, Fields>>>): Problem[] {
    return Object.entries(values).flatMap(([release, changed = {}]) => {
        const guarded = guardedOf(release);
        return leafPaths(changed).flatMap(({ path, value }) => {
            const security = path.find((key) => SECURITY_KEYS.test(key));
            // A key may be a path by itself, such as that of a section of grafana.ini.
            const whole = path.flatMap((key) => key.split("."));
            const instead = security
                ? SECURITY
                : guarded.find(({ at }) => isWithin(whole, at) || isWithin(at, whole))?.instead;
            return instead
                ? [
                      {
                          path: `helmValues.${release}.${path.join(".")}`,
                          got: show(value),
                          allowed: instead.startsWith("nothing") ? instead : `set ${instead}`,
                      },
                  ]
                : [];
        });
    });
}

/** The archive of a release's chart, where charts come from a folder. */
export function archiveOf(source: ChartSource, release: string): string | undefined {
    const chart = CHART_ADAPTATIONS[release]?.chart;
    return chart && source.kind === "folder" ? chartReference(source, chart).chart : undefined;
}

/** Keys that the chart's own values do not have, and that are near one that they have: Helm would ignore them. */
export function unknownValueProblems(
    release: string,
    changed: Fields,
    defaults: Fields,
): Problem[] {
    const unknown = (here: Fields, known: Fields, path: readonly string[]): Problem[] =>
        Object.entries(here).flatMap(([key, value]) => {
            const full = [...path, key];
            const next = known[key];
            if (key in known) {
                // An empty map by default takes anything.
                return isMap(value) && isMap(next) && Object.keys(next).length > 0
                    ? unknown(value, next, full)
                    : [];
            }
            // A chart may know a key that its values have in a comment only.
            const near = suggestion(key, Object.keys(known));
            return near
                ? [
                      {
                          path: `helmValues.${release}.${full.join(".")}`,
                          got: "a key that the chart does not have",
                          allowed: near.trim(),
                      },
                  ]
                : [];
        });
    return unknown(changed, defaults, []);
}

function guardedOf(release: string): Guarded[] {
    const chart = CHART_ADAPTATIONS[release];
    const own = Object.entries(GUARDED[release] ?? {}).map(([path, instead]) => ({
        at: path.split("."),
        instead,
    }));
    const names = NAME_KEYS.map((key) => ({ at: [key], instead: NAMES }));
    return [...own, ...names, ...(chart ? adaptedPlaces(chart) : [])];
}

/** What the rest of the configuration sets in every chart. */
function adaptedPlaces(chart: ChartAdaptation): Guarded[] {
    const placed = [
        "nodeSelector",
        "tolerations",
        "affinity",
        "priorityClassName",
        "topologySpreadConstraints",
    ];
    return [
        ...chart.pods.flatMap(({ at, component }) => [
            ...placed.map((key) => ({ at: [...at, key], instead: `scheduling.${component}` })),
            { at: [...at, "resources"], instead: `resources.${component}` },
        ]),
        ...chart.images.flatMap(({ at, keys }) =>
            [keys.host, keys.path, ...keys.tags, keys.digest]
                .filter((key) => key !== undefined)
                .map((key) => ({ at: [...at, key], instead: "images.overrides" })),
        ),
        ...(chart.registry ? [{ at: chart.registry, instead: "images.registry" }] : []),
        ...(chart.pullSecrets ? [{ at: chart.pullSecrets, instead: "images.pullSecrets" }] : []),
        ...chart.labels.map((at) => ({ at, instead: "commonLabels" })),
        ...chart.annotations.map((at) => ({ at, instead: "commonAnnotations" })),
    ];
}
