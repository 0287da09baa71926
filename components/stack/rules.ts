import { bytes, gibibytes, volumeSize } from "../settings/quantity";
import { alertingProblems } from "../alerting/receiverProblems";
import { jaegerProblems } from "../tracing/jaegerProblems";
import { backupProblems } from "../backup/problems";
import { logVolume, prometheusVolume } from "../logging/capacity";
import { fluentBitProblems } from "../logging/fluentBitProblems";
import { Problem, show } from "../settings/problems";
import { redisProblems } from "../redis/redisNames";
import { sloProblems } from "../alerting/slos/sloProblems";
import { storageProblems } from "../logging/storageProblems";
import type { Settings } from "./schema";

/** What no single key can tell: the rules between keys. Returns every problem. */
export function crossFieldProblems(settings: Settings): Problem[] {
    return [
        ...roleProblems(settings),
        ...redisProblems(settings),
        ...sloProblems(settings),
        ...backupProblems(settings),
        ...(settings.cluster.role === "owner"
            ? [
                  ...platformProblems(settings),
                  ...storageProblems(settings),
                  ...alertingProblems(settings),
                  ...jaegerProblems(settings),
                  ...fluentBitProblems(settings),
              ]
            : []),
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

function platformProblems(settings: Settings): Problem[] {
    const problems: Problem[] = [];
    const { prometheus, elasticsearch, retention } = settings;
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
