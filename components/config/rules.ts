import { RESERVED_NAMESPACES } from "../cluster/namespaceNames";
import { seconds } from "../common/duration";
import { bytes, gibibytes, volumeSize } from "../common/quantity";
import { logVolume, prometheusVolume } from "./capacity";
import { Problem, show, suggestion } from "./problems";
import { RedisInstanceSettings, Settings } from "./schema";

/** What no single key can tell: the rules between keys. Returns every problem. */
export function crossFieldProblems(settings: Settings): Problem[] {
    return [
        ...roleProblems(settings),
        ...redisProblems(settings),
        ...(settings.cluster.role === "owner" ? platformProblems(settings) : []),
    ];
}

function roleProblems({ cluster, redisOperator, redis }: Settings): Problem[] {
    const problems: Problem[] = [];
    if (cluster.role === "tenant" && cluster.ownerStack === "") {
        problems.push({
            path: "cluster.ownerStack",
            got: "nothing",
            allowed: `a tenant names the stack that owns its cluster: ORGANIZATION/PROJECT/STACK, on a self-managed backend "organization/observability/prod"`,
        });
    }
    if (cluster.role === "owner" && cluster.ownerStack !== "") {
        problems.push({
            path: "cluster.ownerStack",
            got: show(cluster.ownerStack),
            allowed: `an owner has no owner: remove it, or set cluster.role to "tenant"`,
        });
    }
    const ownNamespaces = Object.keys(redis);
    for (const namespace of Object.keys(cluster.tenantNamespaces).filter((n) =>
        ownNamespaces.includes(n),
    )) {
        problems.push({
            path: `cluster.tenantNamespaces.${namespace}`,
            got: "a namespace of this stack",
            allowed: "the namespaces of tenant stacks only: this one is declared in redis here",
        });
    }
    const watched = redisOperator.watchNamespaces;
    const needed = [...ownNamespaces, ...Object.keys(cluster.tenantNamespaces)];
    for (const namespace of needed.filter((n) => watched.length > 0 && !watched.includes(n))) {
        problems.push({
            path: "redisOperator.watchNamespaces",
            got: show(watched),
            allowed: `add "${namespace}", whose Redis instances would never be reconciled, or leave it empty to watch all`,
        });
    }
    return problems;
}

function redisProblems(settings: Settings): Problem[] {
    const problems: Problem[] = [];
    for (const [namespace, { instances }] of Object.entries(settings.redis)) {
        if (RESERVED_NAMESPACES.includes(namespace)) {
            problems.push({
                path: `redis.${namespace}`,
                got: show(namespace),
                allowed: `a namespace that is neither one of ours nor of Kubernetes (${RESERVED_NAMESPACES.join(", ")})`,
            });
        }
        const owners = new Map<string, string>();
        for (const [name, instance] of Object.entries(instances)) {
            const path = `redis.${namespace}.instances.${name}`;
            problems.push(...instanceProblems(path, instance));
            const claims = redisObjects(name, instance.mode);
            const taken = claims.find((claim) => owners.has(claim));
            if (taken !== undefined) {
                problems.push({
                    path,
                    got: show(name),
                    allowed: `another name: instance "${owners.get(taken)}" of namespace "${namespace}" already makes a ${taken}`,
                });
            }
            claims.forEach((claim) => owners.set(claim, name));
        }
    }
    return problems;
}

function instanceProblems(path: string, instance: RedisInstanceSettings): Problem[] {
    const problems: Problem[] = [];
    const { scrapeInterval, scrapeTimeout } = instance;
    if (seconds(scrapeTimeout) > seconds(scrapeInterval)) {
        problems.push({
            path: `${path}.scrapeTimeout`,
            got: show(scrapeTimeout),
            allowed: `at most scrapeInterval (${scrapeInterval}): Prometheus refuses a longer timeout`,
        });
    }
    if (instance.mode === "sentinel") {
        const { sentinels, quorum } = instance;
        if (sentinels % 2 === 0) {
            problems.push({
                path: `${path}.sentinels`,
                got: show(sentinels),
                allowed: `an odd number, such as ${sentinels + 1}: an even one tolerates no more failures than one fewer`,
            });
        }
        if (quorum > sentinels || quorum <= Math.floor(sentinels / 2)) {
            problems.push({
                path: `${path}.quorum`,
                got: show(quorum),
                allowed: `a majority of ${sentinels} Sentinels: ${Math.floor(sentinels / 2) + 1} to ${sentinels}`,
            });
        }
    }
    return problems;
}

/** What the operator makes of an instance, by kind and name; two instances must not share any. */
function redisObjects(name: string, mode: RedisInstanceSettings["mode"]): string[] {
    const workloads = redisWorkloads(name, mode);
    const ofMaster = mode === "standalone" ? [] : [`${name}-master`];
    const ofReplicas = mode === "replication" || mode === "sentinel" ? [`${name}-replica`] : [];
    const services = [
        ...workloads.flatMap((workload) =>
            ["", "-headless", "-additional", "-metrics"].map((suffix) => `${workload}${suffix}`),
        ),
        ...ofMaster,
        ...ofReplicas,
    ];
    return [
        ...workloads.map((workload) => `StatefulSet "${workload}"`),
        ...services.map((service) => `Service "${service}"`),
    ];
}

/** The StatefulSets that the operator makes of an instance, which are the values of the label `app`. */
export function redisWorkloads(name: string, mode: RedisInstanceSettings["mode"]): string[] {
    switch (mode) {
        case "sentinel":
            return [name, `${name}-sentinel`];
        case "cluster":
            return [`${name}-leader`, `${name}-follower`];
        default:
            return [name];
    }
}

function platformProblems(settings: Settings): Problem[] {
    const problems: Problem[] = [];
    const { prometheus, elasticsearch, retention, jaeger, alerting, receiverSecrets } = settings;
    const metrics = prometheusVolume(prometheus, retention);
    if (metrics.needed > metrics.usable) {
        problems.push({
            path: "retention.metrics",
            got: show(retention.metrics),
            allowed: `${prometheus.expectedSeries} series for ${retention.metrics} need ${gibibytes(metrics.needed)} and prometheus.storageSize ${prometheus.storageSize} leaves ${gibibytes(metrics.usable)}: shorten it, or set storageSize to ${volumeSize(metrics.volumeFor)} or more`,
        });
    }
    const logs = logVolume(elasticsearch, retention);
    if (logs.needed > logs.usable) {
        problems.push({
            path: "retention.logs",
            got: show(retention.logs),
            allowed: `logs for ${retention.logs} and traces for ${retention.traces} need ${gibibytes(logs.needed)} and ${elasticsearch.nodes} x elasticsearch.storageSize ${elasticsearch.storageSize} leave ${gibibytes(logs.usable)}: shorten it, or set storageSize to ${volumeSize(logs.volumeFor)} or more`,
        });
    }
    if (elasticsearch.nodes === 2) {
        problems.push({
            path: "elasticsearch.nodes",
            got: "2",
            allowed: "1, or 3 and more: two master nodes have no majority when one is lost",
        });
    }
    if (bytes(elasticsearch.memory) < 2 ** 30) {
        problems.push({
            path: "elasticsearch.memory",
            got: show(elasticsearch.memory),
            allowed: "1Gi or more: half of it is heap, and Elasticsearch does not start with less",
        });
    }
    if (jaeger.collector.minReplicas > jaeger.collector.maxReplicas) {
        problems.push({
            path: "jaeger.collector.minReplicas",
            got: show(jaeger.collector.minReplicas),
            allowed: `at most maxReplicas (${jaeger.collector.maxReplicas})`,
        });
    }
    const receivers = Object.keys(alerting.receivers);
    for (const name of Object.keys(receiverSecrets).filter((n) => !receivers.includes(n))) {
        problems.push({
            path: `receiverSecrets.${name}`,
            got: "a secret of no receiver",
            allowed: `${suggestion(name, receivers)}allowed: ${receivers.join(", ") || "none, since alerting.receivers is empty"}`,
        });
    }
    if (settings.ingress.enabled) {
        for (const key of ["className", "controllerNamespace"] as const) {
            if (settings.ingress[key] === "") {
                problems.push({
                    path: `ingress.${key}`,
                    got: "nothing",
                    allowed:
                        key === "className"
                            ? "the name of an IngressClass of the cluster, such as nginx"
                            : "the namespace in which the ingress controller runs, such as ingress-nginx",
                });
            }
        }
    }
    return problems;
}
