import type { KubeClient, LiveObject } from "../../lab/cluster/kubeClient";
import { valueAt } from "../../lab/program/objects";
import { OperatorService, operatorServices, operatorWorkloads } from "../../lab/redisServices";

const GROUP = "redis.redis.opstreelabs.in/v1beta2";
const KINDS = ["Redis", "RedisReplication", "RedisSentinel", "RedisCluster"] as const;
const FINALIZER = "redisFinalizer";

/**
 * In the place of the Redis operator, which is no Go module that could be had: gives every Redis of the cluster the
 * Services, StatefulSets and finalizer that the operator gives it, with the pods' settings from the resource. Also for
 * those that the API server could not take for want of their CRDs.
 */
export async function reconcileRedis(
    client: KubeClient,
    unapplied: readonly LiveObject[],
): Promise<void> {
    const live = await allRedis(client);
    for (const redis of live) {
        const { finalizers = [] } = redis.metadata;
        if (!finalizers.includes(FINALIZER)) {
            await client.patch(redis, { metadata: { finalizers: [...finalizers, FINALIZER] } });
        }
    }
    for (const object of [...live, ...unapplied].flatMap(redisObjects)) {
        await client.apply(object, "redis-operator-stand-in");
    }
}

/** Releases the finalizer of every Redis that is being deleted; what it owned goes by its owner references. */
export async function releaseRedis(client: KubeClient): Promise<void> {
    for (const redis of await allRedis(client)) {
        if (redis.metadata.deletionTimestamp) {
            await client.patch(redis, { metadata: { finalizers: [] } });
        }
    }
}

/** Every Redis of every kind; none where the CRDs are not. */
export async function allRedis(client: KubeClient): Promise<LiveObject[]> {
    const crds = await client.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    const known = KINDS.filter((kind) =>
        crds.some(({ spec }) => valueAt(spec, "names", "kind") === kind),
    );
    return (await Promise.all(known.map((kind) => client.list(GROUP, kind)))).flat();
}

function redisObjects(redis: LiveObject): object[] {
    const { kind, metadata } = redis;
    const labels = metadata.labels ?? {};
    const services = operatorServices(kind, metadata.name, labels);
    const workloads = operatorWorkloads(kind, metadata.name).map((app) => {
        const own = services.find((service) => service.name === app) as OperatorService;
        return statefulSet(redis, own);
    });
    return [...workloads, ...services.map((service) => serviceOf(redis, service, services))];
}

function owned(redis: LiveObject, name: string, labels: object): object {
    const { apiVersion, kind, metadata } = redis;
    const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
    return {
        name,
        namespace: metadata.namespace,
        labels,
        // One that is not in the cluster owns nothing.
        ...(metadata.uid ? { ownerReferences: [owner] } : {}),
    };
}

function serviceOf(
    redis: LiveObject,
    { name, labels, app }: OperatorService,
    all: readonly OperatorService[],
): object {
    const exporter = { name: "redis-exporter", port: 9121, targetPort: 9121 };
    const sentinel = redis.kind === "RedisSentinel";
    const own = sentinel
        ? { name: "sentinel-client", port: 26379, targetPort: 26379 }
        : { name: "redis-client", port: 6379, targetPort: 6379 };
    const metrics = name.endsWith("-metrics");
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: owned(redis, name, labels),
        spec: {
            selector: { ...all.find((each) => each.name === app)?.labels },
            ports: metrics ? [exporter] : [own, exporter],
            ...(name.endsWith("-headless") ? { clusterIP: "None" } : {}),
        },
    };
}

function statefulSet(redis: LiveObject, { app, labels }: OperatorService): object {
    const { spec, metadata } = redis;
    const role = labels.role ?? "";
    const member = valueAt(spec, role === "leader" ? "redisLeader" : "redisFollower");
    const { redis_setup_type, ...rest } = labels;
    const stable = { app, redis_setup_type, role: rest.role };
    const exporter = valueAt(spec, "redisExporter") as Readonly<Record<string, unknown>>;
    const kubernetes = valueAt(spec, "kubernetesConfig") as Readonly<Record<string, unknown>>;
    const password = kubernetes.redisSecret
        ? [{ name: "REDIS_PASSWORD", valueFrom: { secretKeyRef: kubernetes.redisSecret } }]
        : [];
    const claim = valueAt(spec, "storage", "volumeClaimTemplate", "spec");
    return {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: owned(redis, app, labels),
        spec: {
            serviceName: `${app}-headless`,
            replicas: valueAt(member, "replicas") ?? valueAt(spec, "clusterSize") ?? 1,
            selector: { matchLabels: stable },
            template: {
                metadata: { labels },
                spec: {
                    securityContext: valueAt(spec, "podSecurityContext"),
                    containers: [
                        {
                            name: app,
                            image: kubernetes.image,
                            resources: kubernetes.resources,
                            env: password,
                            securityContext:
                                valueAt(member, "securityContext") ??
                                valueAt(spec, "securityContext"),
                        },
                        {
                            name: "redis-exporter",
                            image: exporter.image,
                            resources: exporter.resources,
                            env: [...password, ...((exporter.env as object[] | undefined) ?? [])],
                            ports: [{ name: "redis-exporter", containerPort: exporter.port }],
                            securityContext: exporter.securityContext,
                        },
                    ],
                },
            },
            ...(claim
                ? { volumeClaimTemplates: [{ metadata: { name: metadata.name }, spec: claim }] }
                : {}),
        },
    };
}
