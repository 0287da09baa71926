import { createHash } from "node:crypto";

import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { days } from "../common/duration";
import { Labels, selectorLabels, workloadLabels } from "../common/labels";
import { IMAGES } from "../versions";
import { CA_FILE, PASSWORD_ENV, PORTS } from "./jaegerConfig";

type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;

export const NAME = "jaeger";
export type Role = "collector" | "query";

/** Objects of the tracing namespace that the pods use. */
export interface PodReferences {
    readonly configMap: pulumi.Input<string>;
    readonly passwordSecret: pulumi.Input<string>;
    readonly caConfigMap: pulumi.Input<string>;
    /** Changes with the certificate authority. */
    readonly caFingerprint: pulumi.Input<string>;
}

const PORTS_OF: Readonly<Record<Role, Readonly<Record<string, number>>>> = {
    collector: { "otlp-grpc": PORTS.otlpGrpc, "otlp-http": PORTS.otlpHttp, metrics: PORTS.metrics },
    query: { "http-query": PORTS.queryHttp, "grpc-query": PORTS.queryGrpc, metrics: PORTS.metrics },
};

export function podLabels(role: Role | "index-cleaner"): Labels {
    return selectorLabels(NAME, role);
}

/** The pods of a role; a changed configuration changes the template, and so rolls them. */
export function podTemplate(
    role: Role,
    /** The configuration as text. */
    config: pulumi.Input<string>,
    references: PodReferences,
    memory: string,
): PodTemplate {
    return {
        metadata: {
            labels: workloadLabels(NAME, role),
            annotations: {
                "observability/config": pulumi.output(config).apply(hash),
                "observability/ca": references.caFingerprint,
            },
        },
        spec: {
            securityContext: POD_SECURITY,
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
                    args: ["--config=/etc/jaeger/config.yaml"],
                    env: [passwordEnv(references.passwordSecret)],
                    ports: [
                        ...Object.entries(PORTS_OF[role]).map(([name, containerPort]) => ({
                            name,
                            containerPort,
                        })),
                        { name: "health", containerPort: PORTS.health },
                    ],
                    readinessProbe: { httpGet: { path: "/status", port: "health" } },
                    livenessProbe: {
                        httpGet: { path: "/status", port: "health" },
                        initialDelaySeconds: 15,
                    },
                    resources: { requests: { cpu: "100m", memory }, limits: { memory } },
                    securityContext: CONTAINER_SECURITY,
                    volumeMounts: [
                        { name: "config", mountPath: "/etc/jaeger", readOnly: true },
                        CA_MOUNT,
                    ],
                },
            ],
            volumes: [
                { name: "config", configMap: { name: references.configMap } },
                caVolume(references),
            ],
        },
    };
}

/** Ports of a role's Service, by the names of the container's ports. */
export function servicePorts(role: Role): k8s.types.input.core.v1.ServicePort[] {
    return Object.entries(PORTS_OF[role]).map(([name, port]) => ({ name, port, targetPort: name }));
}

/** The daily job that deletes indices older than the retention. */
export function cleanerTemplate(
    url: pulumi.Input<string>,
    username: string,
    retention: string,
    references: Omit<PodReferences, "configMap">,
): PodTemplate {
    return {
        metadata: { labels: workloadLabels(NAME, "index-cleaner") },
        spec: {
            restartPolicy: "Never",
            securityContext: POD_SECURITY,
            automountServiceAccountToken: false,
            containers: [
                {
                    name: "index-cleaner",
                    image: IMAGES.jaegerIndexCleaner,
                    args: [String(days(retention)), url],
                    env: [
                        { name: "ES_USERNAME", value: username },
                        passwordEnv(references.passwordSecret),
                        { name: "ES_TLS_ENABLED", value: "true" },
                        { name: "ES_TLS_CA", value: CA_FILE },
                    ],
                    resources: {
                        requests: { cpu: "10m", memory: "32Mi" },
                        limits: { memory: "64Mi" },
                    },
                    securityContext: CONTAINER_SECURITY,
                    volumeMounts: [CA_MOUNT],
                },
            ],
            volumes: [caVolume(references)],
        },
    };
}

const POD_SECURITY = {
    runAsNonRoot: true,
    runAsUser: 10001,
    seccompProfile: { type: "RuntimeDefault" },
};

const CONTAINER_SECURITY = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
};

const CA_MOUNT = { name: "elasticsearch-ca", mountPath: "/elasticsearch-ca", readOnly: true };

function caVolume(references: Pick<PodReferences, "caConfigMap">): k8s.types.input.core.v1.Volume {
    return { name: "elasticsearch-ca", configMap: { name: references.caConfigMap } };
}

function passwordEnv(secret: pulumi.Input<string>): k8s.types.input.core.v1.EnvVar {
    return {
        name: PASSWORD_ENV,
        valueFrom: { secretKeyRef: { name: secret, key: "password" } },
    };
}

function hash(text: string): string {
    return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
