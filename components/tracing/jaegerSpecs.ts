import { createHash } from "node:crypto";

import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { Labels, selectorLabels, workloadLabels } from "../kubernetes/labels";
import { CONTAINER_SECURITY } from "../kubernetes/podSecurity";
import { PATIENT } from "../kubernetes/probes";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { bytes, mebibytes } from "../settings/quantity";
import { IMAGES } from "../versions";
import { TLS_FOLDER } from "./collectorConfig";
import { CONFIG_FOLDER, PASSWORD_ENV, PORTS, USERNAME_ENV } from "./jaegerConfig";

type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;

export const NAME = "jaeger";
export const CONFIG_FILE = "config.yaml";
export type Role = "collector" | "query";

/** Objects of the tracing namespace that the pods use. */
export interface PodReferences {
    readonly configMap: pulumi.Input<string>;
    /** Undefined where `passwordSecret` has it, too. */
    readonly username: string | undefined;
    readonly passwordSecret: pulumi.Input<string>;
    readonly caConfigMap: pulumi.Input<string>;
    /** Changes with the certificate authority. */
    readonly caFingerprint: pulumi.Input<string>;
}

/** What of a role's pods the configuration decides. */
export interface PodSettings {
    /** The ConfigMap's files, by name. */
    readonly files: Readonly<Record<string, pulumi.Input<string>>>;
    /** Request and limit. */
    readonly memory: string;
    /** Secret with the certificate for OTLP over TLS; Jaeger reads a new one by itself. */
    readonly tlsSecret?: pulumi.Input<string>;
}

/** Go's garbage collector works harder from here on, before the memory limiter refuses spans. */
const GO_MEMORY_SHARE = 0.75;

const PORTS_OF: Readonly<Record<Role, Readonly<Record<string, number>>>> = {
    collector: {
        "otlp-grpc": PORTS.otlpGrpc,
        "otlp-http": PORTS.otlpHttp,
        "sampling-http": PORTS.samplingHttp,
        "sampling-grpc": PORTS.samplingGrpc,
        metrics: PORTS.metrics,
        "span-metrics": PORTS.spanMetrics,
    },
    query: { "http-query": PORTS.queryHttp, "grpc-query": PORTS.queryGrpc, metrics: PORTS.metrics },
};

export function podLabels(role: Role): Labels {
    return selectorLabels(NAME, role);
}

/** The pods of a role; a changed configuration changes the template, and so rolls them. */
export function podTemplate(
    role: Role,
    { files, memory, tlsSecret }: PodSettings,
    references: PodReferences,
): PodTemplate {
    const tls: Mounted[] = tlsSecret
        ? [
              {
                  mount: { name: "otlp-tls", mountPath: TLS_FOLDER, readOnly: true },
                  volume: { name: "otlp-tls", secret: { secretName: tlsSecret } },
              },
          ]
        : [];
    return {
        metadata: {
            labels: workloadLabels(NAME, role),
            annotations: {
                "observability/config": pulumi.output(files).apply(hash),
                "observability/ca": references.caFingerprint,
            },
        },
        spec: {
            securityContext: POD_SECURITY,
            nodeSelector: LINUX_NODES,
            automountServiceAccountToken: false,
            topologySpreadConstraints: [
                {
                    maxSkew: 1,
                    topologyKey: "kubernetes.io/hostname",
                    whenUnsatisfiable: "ScheduleAnyway",
                    labelSelector: { matchLabels: podLabels(role) },
                },
            ],
            containers: [
                {
                    name: NAME,
                    image: IMAGES.jaeger,
                    args: [`--config=${CONFIG_FOLDER}/${CONFIG_FILE}`],
                    env: [
                        // Its configuration has the name, where that is known.
                        ...(references.username === undefined ? [usernameEnv(references)] : []),
                        passwordEnv(references),
                        {
                            name: "GOMEMLIMIT",
                            value: `${mebibytes(bytes(memory) * GO_MEMORY_SHARE)}B`,
                        },
                    ],
                    ports: [
                        ...Object.entries(PORTS_OF[role]).map(([name, containerPort]) => ({
                            name,
                            containerPort,
                        })),
                        { name: "health", containerPort: PORTS.health },
                    ],
                    readinessProbe: { httpGet: { path: "/status", port: "health" } },
                    // Its health tells of the start too, which waits for Elasticsearch; readiness asks for it. Its metrics are
                    // there with the process. By HTTP, as earlier versions asked: a preview of what another version of
                    // the provider created keeps the old handler, and the API server takes no two.
                    livenessProbe: {
                        httpGet: { path: "/metrics", port: "metrics" },
                        initialDelaySeconds: 60,
                        ...PATIENT,
                    },
                    resources: { requests: { cpu: "100m", memory }, limits: { memory } },
                    securityContext: CONTAINER_SECURITY,
                    volumeMounts: [
                        { name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
                        CA_MOUNT,
                        ...tls.map(({ mount }) => mount),
                    ],
                },
            ],
            volumes: [
                { name: "config", configMap: { name: references.configMap } },
                caVolume(references),
                ...tls.map(({ volume }) => volume),
            ],
        },
    };
}

interface Mounted {
    readonly mount: k8s.types.input.core.v1.VolumeMount;
    readonly volume: k8s.types.input.core.v1.Volume;
}

/** Ports of a role's Service, by the names of the container's ports. */
export function servicePorts(role: Role): k8s.types.input.core.v1.ServicePort[] {
    return Object.entries(PORTS_OF[role]).map(([name, port]) => ({ name, port, targetPort: name }));
}

export const POD_SECURITY = {
    runAsNonRoot: true,
    runAsUser: 10001,
    seccompProfile: { type: "RuntimeDefault" },
};

export const CA_MOUNT = {
    name: "elasticsearch-ca",
    mountPath: "/elasticsearch-ca",
    readOnly: true,
};

export function caVolume(
    references: Pick<PodReferences, "caConfigMap">,
): k8s.types.input.core.v1.Volume {
    return { name: "elasticsearch-ca", configMap: { name: references.caConfigMap } };
}

type Account = Pick<PodReferences, "username" | "passwordSecret">;

export function usernameEnv({
    username,
    passwordSecret: secret,
}: Account): k8s.types.input.core.v1.EnvVar {
    return {
        name: USERNAME_ENV,
        ...(username === undefined
            ? { valueFrom: { secretKeyRef: { name: secret, key: "username" } } }
            : { value: username }),
    };
}

export function passwordEnv({ passwordSecret: secret }: Account): k8s.types.input.core.v1.EnvVar {
    return {
        name: PASSWORD_ENV,
        valueFrom: { secretKeyRef: { name: secret, key: "password" } },
    };
}

function hash(files: Readonly<Record<string, string>>): string {
    return createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);
}
