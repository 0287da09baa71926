import { textAt, valueAt } from "../../../lab/program/objects";
import { operatorServices } from "../../../lab/redisServices";
import type { PodSpec } from "../podSpecs";
import { NAMESPACE } from "../settings";

const CONFIG = "/config";
const DATA = "/data";

/** Full name of a pod behind the operator's headless Service. */
export function podHost(pod: string, app: string): string {
    return `${pod}.${app}-headless.${NAMESPACE}.svc.cluster.local`;
}

/**
 * What the Redis operator would make of one custom resource: its Services with their labels, and the pods of the
 * workload, each with Redis and the exporter. The configuration of each pod is in a Secret.
 */
export function redisObjects(pods: readonly PodSpec[]): object[] {
    const [first] = pods;
    if (first === undefined) {
        return [];
    }
    const { app, resource } = first;
    const services = operatorServices(resource.kind, resource.name, resource.labels);
    const labels = services.find(({ name }) => name === app)?.labels ?? {};
    const metadata = (name: string) => ({ name, namespace: NAMESPACE, labels });
    const { spec } = resource.manifest;
    return [
        {
            apiVersion: "v1",
            kind: "Secret",
            metadata: metadata(`${app}-config`),
            stringData: Object.fromEntries(
                pods.map(({ name, address, config }) => [
                    name,
                    [
                        `port ${address.port}`,
                        "bind * -::*",
                        "protected-mode no",
                        `dir ${DATA}`,
                        ...config,
                        "",
                    ].join("\n"),
                ]),
            ),
        },
        ...services.map((service) => ({
            apiVersion: "v1",
            kind: "Service",
            metadata: { ...metadata(service.name), labels: service.labels },
            spec: {
                selector: { app },
                // A replica looks for its master before either is ready.
                ...(service.name.endsWith("-headless")
                    ? { clusterIP: "None", publishNotReadyAddresses: true }
                    : {}),
                ports: [
                    ...(service.name.endsWith("-metrics")
                        ? []
                        : [port("redis", first.address.port)]),
                    port("redis-exporter", EXPORTER_PORT),
                ],
            },
        })),
        {
            apiVersion: "apps/v1",
            kind: "StatefulSet",
            metadata: metadata(app),
            spec: {
                serviceName: `${app}-headless`,
                replicas: pods.length,
                podManagementPolicy: "Parallel",
                selector: { matchLabels: { app } },
                template: {
                    metadata: { labels },
                    spec: {
                        terminationGracePeriodSeconds: 5,
                        securityContext: valueAt(spec, "podSecurityContext"),
                        containers: [redis(first), exporter(first)],
                        volumes: [
                            { name: "data", emptyDir: {} },
                            { name: "config", secret: { secretName: `${app}-config` } },
                        ],
                    },
                },
            },
        },
    ];
}

const EXPORTER_PORT = 9121;

function port(name: string, number: number): object {
    return { name, port: number, targetPort: number };
}

function redis({ app, program, resource }: PodSpec): object {
    const { spec } = resource.manifest;
    // Sentinel keeps its state in its configuration.
    const command = `cp ${CONFIG}/$HOSTNAME ${DATA}/redis.conf && exec ${program} ${DATA}/redis.conf`;
    return {
        name: app,
        image: textAt(spec, "kubernetesConfig", "image"),
        // It was made here, and could be had nowhere else.
        imagePullPolicy: "Never",
        command: ["sh", "-c", command],
        resources: valueAt(spec, "kubernetesConfig", "resources"),
        securityContext: valueAt(spec, "securityContext"),
        volumeMounts: [
            { name: "data", mountPath: DATA },
            { name: "config", mountPath: CONFIG },
        ],
    };
}

function exporter({ address, password, exporterEnv, resource }: PodSpec): object {
    const { spec } = resource.manifest;
    return {
        name: "redis-exporter",
        image: textAt(spec, "redisExporter", "image"),
        imagePullPolicy: "Never",
        env: [
            ...exporterEnv,
            { name: "REDIS_ADDR", value: `redis://localhost:${address.port}` },
            ...(password === ""
                ? []
                : [
                      {
                          name: "REDIS_PASSWORD",
                          valueFrom: {
                              secretKeyRef: valueAt(spec, "kubernetesConfig", "redisSecret"),
                          },
                      },
                  ]),
        ],
        ports: [{ name: "redis-exporter", containerPort: EXPORTER_PORT }],
        resources: valueAt(spec, "redisExporter", "resources"),
        securityContext: valueAt(spec, "redisExporter", "securityContext"),
    };
}
