import * as pulumi from "@pulumi/pulumi";

import { RESTARTS_FOR } from "../redis/redisSpecs";
import { ACL_RIGHTS } from "../redis/redisUsers";
import { parseDuration } from "../settings/duration";
import { parseQuantity } from "../settings/quantity";
import type { Declared } from "./declarations";
import { plainAt, Recorded } from "./recordedState";

/** What a changed value does to data, pods and clients. */
export interface Effect {
    /** The resource's name in the program. */
    readonly name: string;
    /** The change, `storage: 10Gi to 20Gi`. */
    readonly change: string;
    readonly effect: string;
    /** True when the cluster would not take it: nothing may be registered. */
    readonly refused: boolean;
}

type Value = string | number;

/** Says what a change does; undefined when nothing that anybody notices. */
type Say = (before: Value, after: Value, resource: Declared, all: readonly Declared[]) => Told;
type Told = string | { readonly refused: string } | undefined;

interface Rule {
    readonly of: (resource: { readonly type: string; readonly name: string }) => boolean;
    /** Where the value is in the resource's properties; `name=X` is the element of a list that is called X. */
    readonly path: readonly string[];
    /** What stands for no value, where one that comes or goes reaches somebody. */
    readonly absent?: string;
    /** What people call it. */
    readonly called: string;
    readonly say: Say;
}

const REDIS_API = "kubernetes:redis.redis.opstreelabs.in/";
const redisKind =
    (...kinds: readonly string[]) =>
    ({ type }: { readonly type: string }) =>
        type.startsWith(REDIS_API) && kinds.includes(kindOf(type));
const ofType =
    (pattern: RegExp) =>
    ({ type }: { readonly type: string }) =>
        pattern.test(type);
const dataOfRedis = redisKind("Redis", "RedisReplication", "RedisCluster");
const elasticsearch = ofType(/^kubernetes:elasticsearch\.k8s\.elastic\.co\/[^:]+:Elasticsearch$/);
const kibana = ofType(/^kubernetes:kibana\.k8s\.elastic\.co\/[^:]+:Kibana$/);
const claim = ofType(/^kubernetes:core\/v1:PersistentVolumeClaim$/);
const monitoring = ({ type, name }: { readonly type: string; readonly name: string }) =>
    type === "kubernetes:helm.sh/v3:Release" && name.startsWith("kube-prometheus-stack");

const STORAGE = ["resources", "requests", "storage"];
const PROMETHEUS = ["values", "prometheus", "prometheusSpec"];
const ALERTMANAGER = ["values", "alertmanager", "alertmanagerSpec"];

const NONE = "none";
/** End of the name of the Secret with an instance's users. */
const ACL = "-users-acl";
/** Of pods of which some have TLS, or another authority, and some have not. */
const APART =
    "until then pods of both kinds do not understand each other: no replica follows, nothing fails over, and what is written may be lost; a second instance with a restored backup has none of this (docs/components/redis.md, TLS)";
/** The operator 0.26.0 does not close a slot that stayed open. */
const OPEN_SLOT =
    "a pod that dies meanwhile leaves a slot open, and somebody must close it (docs/components/redis.md, Pods)";

const RULES: readonly Rule[] = [
    {
        of: dataOfRedis,
        path: ["spec", "kubernetesConfig", "image"],
        called: "image",
        say: (before, after, resource, all) =>
            compareVersions(before, after) > 0
                ? `an older Redis may not read the data of a newer one; ${restart(resource, all)}`
                : `the data stays; ${restart(resource, all)}`,
    },
    {
        of: dataOfRedis,
        path: ["spec", "kubernetesConfig", "resources", "limits", "memory"],
        called: "memory",
        say: (before, after, resource, all) =>
            smaller(before, after)
                ? `what no longer fits is evicted, or writes are refused, as the eviction policy says; ${restart(resource, all)}`
                : `the data stays; ${restart(resource, all)}`,
    },
    {
        of: dataOfRedis,
        path: ["spec", "storage", "volumeClaimTemplate", "spec", ...STORAGE],
        called: "storageSize",
        say: volume("the operator grows the claims, pods go on and clients notice nothing"),
    },
    {
        of: dataOfRedis,
        path: ["spec", "TLS", "secret", "secretName"],
        called: "certificate for TLS",
        absent: NONE,
        say: (before, after, resource, all) =>
            [
                before !== NONE && after !== NONE
                    ? "where its authority is another one, clients must trust both until the last pod has restarted"
                    : `clients must speak ${after === NONE ? "without TLS" : "TLS"} as soon as the pod that they talk to has restarted`,
                ...(kindOf(resource.type) === "Redis" ? [] : [APART]),
                restart(resource, all),
            ].join("; "),
    },
    {
        of: dataOfRedis,
        path: ["spec", "env", `name=${RESTARTS_FOR}`, "value"],
        called: "config that only a start reads",
        absent: NONE,
        say: (_before, _after, resource, all) => `the data stays; ${restart(resource, all)}`,
    },
    ...[
        { of: redisKind("Redis", "RedisReplication"), role: [] },
        { of: redisKind("RedisCluster"), role: ["redisLeader"] },
    ].map(({ of, role }) => ({
        of,
        path: ["spec", ...role, "redisConfig", "additionalRedisConfig"],
        called: "file of its config",
        absent: NONE,
        say: (_before: Value, _after: Value, resource: Declared, all: readonly Declared[]) =>
            `the data stays; ${restart(resource, all)}`,
    })),
    {
        of: ({ type, name }) => type === "kubernetes:core/v1:Secret" && name.endsWith(ACL),
        path: ["metadata", "annotations", ACL_RIGHTS],
        called: "users",
        say: (_before, _after, { name }, all) => {
            const data = all.find(
                (each) => dataOfRedis(each) && instanceOf(each.name) === name.slice(0, -ACL.length),
            );
            return data && `the data stays; ${restart(data, all)}`;
        },
    },
    {
        of: redisKind("RedisReplication"),
        path: ["spec", "clusterSize"],
        called: "replicas",
        say: (before, after) =>
            after < before
                ? "the last pods go, and their volumes stay; clients of a pod that goes connect anew"
                : "each new replica copies the data from its master; the others go on",
    },
    {
        of: redisKind("RedisCluster"),
        path: ["spec", "clusterSize"],
        called: "shards",
        say: (before, after) =>
            after < before
                ? `the operator moves the slots of the last shards away before their pods go; their volumes stay; ${OPEN_SLOT}`
                : `the new shards begin without slots, and the operator moves slots and their keys to them while clients go on; ${OPEN_SLOT}`,
    },
    {
        of: redisKind("RedisSentinel"),
        path: ["spec", "kubernetesConfig", "image"],
        called: "image",
        say: () =>
            "Sentinels restart one after another; Redis goes on, and fails over as long as the quorum is there",
    },
    {
        of: redisKind("RedisSentinel"),
        path: ["spec", "clusterSize"],
        called: "sentinels",
        say: () => "Redis goes on; clients ask the Sentinels that are there",
    },
    {
        of: elasticsearch,
        path: ["spec", "version"],
        called: "version",
        say: (before, after, resource) =>
            compareVersions(before, after) > 0
                ? {
                      refused:
                          "ECK refuses an older version, since the data was written by a newer one; restore a snapshot into a new cluster instead",
                  }
                : `the data stays, and cannot be read by ${before} again; ${elasticRestart(resource)}`,
    },
    {
        of: elasticsearch,
        path: ["spec", "nodeSets", "0", "count"],
        called: "nodes",
        say: (before, after) =>
            after < before
                ? "ECK moves the data of the last nodes to the others, then deletes those nodes with their volumes; it waits for ever where the rest has no room"
                : "ECK adds nodes, and Elasticsearch moves data to them; clients go on",
    },
    {
        of: elasticsearch,
        path: [
            ...["spec", "nodeSets", "0", "podTemplate", "spec", "containers", "0"],
            ...["resources", "limits", "memory"],
        ],
        called: "memory",
        say: (_before, _after, resource) => `the data stays; ${elasticRestart(resource)}`,
    },
    {
        of: elasticsearch,
        path: ["spec", "nodeSets", "0", "volumeClaimTemplates", "0", "spec", ...STORAGE],
        called: "storageSize",
        say: volume("ECK grows the claims, nodes go on and clients notice nothing"),
    },
    {
        of: kibana,
        path: ["spec", "version"],
        called: "version",
        say: () =>
            "Kibana is away while it starts anew; what it saves is in Elasticsearch and stays",
    },
    {
        of: claim,
        path: ["spec", ...STORAGE],
        called: "storage",
        say: volume("the claim grows; its file system does when a pod mounts it next"),
    },
    {
        of: monitoring,
        path: ["version"],
        called: "chart",
        say: () =>
            "Prometheus, Alertmanager and Grafana restart, and their volumes stay; with one replica nothing is scraped and no alert fires meanwhile",
    },
    {
        of: monitoring,
        path: [...PROMETHEUS, "storageSpec", "volumeClaimTemplate", "spec", ...STORAGE],
        called: "prometheus.storageSize",
        say: claimsFirst("Prometheus", "its retention by size follows at once, so the disk fills"),
    },
    {
        of: monitoring,
        path: [...ALERTMANAGER, "storage", "volumeClaimTemplate", "spec", ...STORAGE],
        called: "alertmanager.storageSize",
        say: claimsFirst("Alertmanager", "the volumes stay as they are"),
    },
    {
        of: monitoring,
        path: ["values", "grafana", "persistence", "size"],
        called: "grafana.storageSize",
        say: volume("the claim grows; its file system does when Grafana starts next"),
    },
    {
        of: monitoring,
        path: [...PROMETHEUS, "retention"],
        called: "retention.metrics",
        say: (before, after) =>
            (parseDuration(String(after)) ?? 0) < (parseDuration(String(before)) ?? 0)
                ? `samples older than ${after} are deleted for good; ${PROMETHEUS_RESTARTS}`
                : `samples are kept for longer from now on; ${PROMETHEUS_RESTARTS}`,
    },
    {
        of: monitoring,
        path: [...PROMETHEUS, "replicas"],
        called: "prometheus.replicas",
        say: (before, after) =>
            after < before
                ? "the last pods go, and their volumes stay bound to nothing"
                : "each new replica begins with an empty volume: what is older than it is in the others alone",
    },
    {
        of: monitoring,
        path: [...ALERTMANAGER, "replicas"],
        called: "alertmanager.replicas",
        say: () =>
            "silences are copied between the pods; volumes of pods that go stay bound to nothing",
    },
    {
        of: monitoring,
        path: [...PROMETHEUS, "resources", "limits", "memory"],
        called: "prometheus.memory",
        say: () => `the data stays; ${PROMETHEUS_RESTARTS}`,
    },
    ...["cluster", "environment"].map((label) => ({
        of: monitoring,
        path: [...PROMETHEUS, "externalLabels", label],
        called: label === "cluster" ? "cluster.name" : "environment",
        say: (before: Value, after: Value) =>
            `what is stored keeps "${before}", what comes has "${after}": queries and routes that name it see one of both; backups in a bucket begin anew in another folder`,
    })),
];

const PROMETHEUS_RESTARTS =
    "Prometheus restarts, and with one replica nothing is scraped and no alert fires meanwhile";

/** A custom resource whose operator restarts its pods for every change of its spec, but for some fields. */
interface Operated {
    readonly of: Rule["of"];
    /** Where the spec is in the resource's properties; `spec` when not given. */
    readonly at?: readonly string[];
    /** Fields that reach no pod, or one that runs. `*` is any key. */
    readonly quiet: readonly (readonly string[])[];
    readonly restart: (resource: Declared, all: readonly Declared[]) => string;
    /** True of what holds no data. */
    readonly noData?: boolean;
}

const REDIS_QUIET = [
    ["clusterSize"],
    ["storage"],
    ["persistenceEnabled"],
    ["pdb"],
    ["redisConfig", "dynamicConfig"],
    ["kubernetesConfig", "ignoreAnnotations"],
    ["kubernetesConfig", "minReadySeconds"],
    ["kubernetesConfig", "service"],
    ["kubernetesConfig", "updateStrategy"],
    ...["redisLeader", "redisFollower"].flatMap((role) => [
        [role, "replicas"],
        [role, "pdb"],
    ]),
];

/**
 * Selectors, what is written into a file that the reloader sees, and how many pods and what volumes there are; the rest is an argument, a container or
 * a volume of the StatefulSet. https://prometheus-operator.dev/docs/api-reference/api/
 */
const PROMETHEUS_QUIET = [
    ...["externalLabels", "exemplars", "evaluationInterval", "scrapeInterval", "scrapeTimeout"],
    ...["additionalScrapeConfigs", "additionalAlertRelabelConfigs", "additionalConfig"],
    ...["replicaExternalLabelName", "prometheusExternalLabelName", "scrapeClasses"],
    ...["replicas", "shards", "storageSpec", "tsdb"],
    ...["rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig"].flatMap((kind) => [
        `${kind}Selector`,
        `${kind}NamespaceSelector`,
        `${kind}SelectorNilUsesHelmValues`,
    ]),
    ...["sampleLimit", "targetLimit", "labelLimit", "labelNameLengthLimit"],
    ...["enforcedSampleLimit", "enforcedTargetLimit", "enforcedLabelLimit"],
    "enforcedLabelNameLengthLimit",
].map((field) => [field]);
const ALERTMANAGER_QUIET = [
    ...["replicas", "storage", "alertmanagerConfigMatcherStrategy"],
    ...["alertmanagerConfigSelector", "alertmanagerConfigNamespaceSelector"],
].map((field) => [field]);

const OPERATED: readonly Operated[] = [
    {
        of: monitoring,
        at: PROMETHEUS,
        quiet: PROMETHEUS_QUIET,
        restart: () => PROMETHEUS_RESTARTS,
    },
    {
        of: monitoring,
        at: ALERTMANAGER,
        quiet: ALERTMANAGER_QUIET,
        restart: () =>
            "Alertmanager restarts, and with one replica what fires meanwhile is delivered when it is back",
        noData: true,
    },
    { of: dataOfRedis, quiet: REDIS_QUIET, restart },
    {
        of: redisKind("RedisSentinel"),
        quiet: REDIS_QUIET,
        restart: () =>
            "Sentinels restart one after another; Redis goes on, and fails over as long as the quorum is there",
        noData: true,
    },
    {
        of: elasticsearch,
        quiet: [
            ...[["version"], ["auth"], ["http"], ["monitoring"], ["updateStrategy"]],
            ...[["podDisruptionBudget"], ["volumeClaimDeletePolicy"]],
            ...[
                ["nodeSets", "*", "count"],
                ["nodeSets", "*", "volumeClaimTemplates"],
            ],
        ],
        restart: elasticRestart,
    },
    {
        of: kibana,
        quiet: [["version"], ["count"], ["http"]],
        restart: () => "Kibana restarts; what it saves is in Elasticsearch and stays",
        noData: true,
    },
];

/** What the changed values of the configuration do to what the state has, in the order of the program. */
export function effects(recorded: readonly Recorded[], declared: readonly Declared[]): Effect[] {
    const before = new Map(recorded.map((each) => [`${each.type}::${each.name}`, each]));
    return declared.flatMap((resource) => {
        const old = before.get(`${resource.type}::${resource.name}`);
        if (old === undefined) {
            return [];
        }
        const ruled = byRules(old, resource, declared);
        return [...ruled, ...byOperator(old, resource, declared, ruled)];
    });
}

/** The Kubernetes provider keeps what was asked for beside what the API server made of it. */
function inputsOf({ outputs }: Recorded): unknown {
    return outputs.__inputs ?? outputs;
}

function byRules(old: Recorded, resource: Declared, declared: readonly Declared[]): Effect[] {
    return RULES.filter(({ of }) => of(resource)).flatMap((rule) => {
        const was =
            valueAt(inputsOf(old), rule.path) ?? valueAt(old.outputs, rule.path) ?? rule.absent;
        const is = valueAt(resource.props, rule.path) ?? rule.absent;
        if (was === undefined || is === undefined || was === is) {
            return [];
        }
        const told = rule.say(was, is, resource, declared);
        return told === undefined ? [] : [effect(resource, rule, was, is, told)];
    });
}

/** The restart of pods that no rule has told of. */
function byOperator(
    old: Recorded,
    resource: Declared,
    declared: readonly Declared[],
    ruled: readonly Effect[],
): Effect[] {
    return OPERATED.filter(({ of }) => of(resource)).flatMap(
        ({ at = ["spec"], quiet, restart: say, noData }) => {
            const what = say(resource, declared);
            const fields = changedFields(
                plainAt(inputsOf(old), at),
                plainAt(resource.props, at),
            ).filter((path) => !quiet.some((each) => startsWith(path, each)));
            return fields.length === 0 || ruled.some((each) => each.effect.includes(what))
                ? []
                : [
                      {
                          name: resource.name,
                          change: `${[...new Set(fields.map(fieldName))].sort().join(", ")} changed`,
                          effect: noData ? what : `the data stays; ${what}`,
                          refused: false,
                      },
                  ];
        },
    );
}

/** Paths of what differs, as deep as both are maps or lists of one length. What is not known yet does not differ. */
function changedFields(was: unknown, is: unknown, path: readonly string[] = []): string[][] {
    if (was === is || pulumi.Output.isInstance(is) || is instanceof Promise) {
        return [];
    }
    const alike = Array.isArray(was)
        ? Array.isArray(is) && was.length === is.length
        : isMap(was) && isMap(is);
    if (!alike) {
        return [[...path]];
    }
    const [before, after] = [was, is] as Readonly<Record<string, unknown>>[];
    return [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].flatMap(
        (key) => changedFields(before?.[key], after?.[key], [...path, key]),
    );
}

function isMap(value: unknown): boolean {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
    return start.every((each, index) => each === "*" || each === path[index]);
}

/** Enough of a path to find the field: two names, without the places in lists. */
function fieldName(path: readonly string[]): string {
    return path
        .filter((each) => !/^\d+$/.test(each))
        .slice(0, 2)
        .join(".");
}

function effect({ name }: Declared, { called }: Rule, was: Value, is: Value, told: Told): Effect {
    const refused = typeof told === "object";
    return {
        name,
        change: `${called}: ${was} to ${is}`,
        effect: refused ? told.refused : (told ?? ""),
        refused,
    };
}

/** One line for each, for a preview. */
export function describeEffect({ name, change, effect: what }: Effect): string {
    return `${name}: ${change}; ${what}`;
}

/** A volume follows a larger size and refuses a smaller one. */
function volume(grows: string): Say {
    return (before, after) =>
        smaller(before, after)
            ? { refused: "a volume cannot shrink: docs/volumes.md has the way to a smaller one" }
            : grows;
}

/** The Prometheus Operator changes no claim. */
function claimsFirst(whose: string, otherwise: string): Say {
    return (before, after) =>
        smaller(before, after)
            ? `claims that are there keep their size; ${whose} restarts`
            : `grow the claims before, as docs/volumes.md says: ${whose}'s operator changes none, and ${otherwise}`;
}

/** What clients see when every pod of a Redis restarts. */
function restart({ type, name, props }: Declared, all: readonly Declared[]): string {
    if (valueAt(props, ["spec", "kubernetesConfig", "updateStrategy", "type"]) === "OnDelete") {
        return "each pod takes it when somebody deletes it";
    }
    const anew = "its pods restart one after another and load their data;";
    switch (kindOf(type)) {
        case "RedisCluster":
            return `${anew} a follower takes over from each leader, and clients connect anew`;
        case "RedisReplication":
            return all.some((each) => redisKind("RedisSentinel")(each) && sameInstance(each, name))
                ? `${anew} Sentinel fails over, and clients connect anew`
                : `${anew} while the master does, nothing can be written`;
        default:
            return "its pod restarts and loads its data; clients are without Redis meanwhile";
    }
}

function sameInstance(one: Declared, other: string): boolean {
    return instanceOf(one.name) === instanceOf(other);
}

/** The custom resources of an instance differ by the kind at the end of their names. */
function instanceOf(name: string): string {
    return name.slice(0, name.lastIndexOf("-"));
}

function elasticRestart({ props }: Declared): string {
    const nodes = valueAt(props, ["spec", "nodeSets", "0", "count"]);
    return nodes === 1
        ? "its node restarts: meanwhile logs wait on the nodes' disks, and spans are lost"
        : "ECK restarts node after node, and clients go on";
}

function smaller(before: Value, after: Value): boolean {
    return (parseQuantity(String(after)) ?? 0) < (parseQuantity(String(before)) ?? 0);
}

/** Above zero when the first is the newer one; of images, their tags are compared. */
function compareVersions(one: Value, other: Value): number {
    const numbers = (text: Value) =>
        [...(/[\d.]+$/.exec(String(text))?.[0] ?? "").split(".")].map(Number);
    const [a, b] = [numbers(one), numbers(other)];
    const at = a.findIndex((each, index) => each !== (b[index] ?? 0));
    return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function kindOf(type: string): string {
    return type.slice(type.lastIndexOf(":") + 1);
}

const NAMED = "name=";

function valueAt(value: unknown, path: readonly string[]): Value | undefined {
    const found = path.reduce<unknown>(
        (here, key) =>
            Array.isArray(here) && key.startsWith(NAMED)
                ? here.find((each) => plainAt(each, ["name"]) === key.slice(NAMED.length))
                : plainAt(here, [key]),
        value,
    );
    return typeof found === "string" || typeof found === "number" ? found : undefined;
}
