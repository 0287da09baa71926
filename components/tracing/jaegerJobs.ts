import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { workloadLabels } from "../kubernetes/labels";
import { CONTAINER_SECURITY } from "../kubernetes/podSecurity";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { days } from "../settings/duration";
import { bytes, mebibytes } from "../settings/quantity";
import { IMAGES } from "../versions";
import { CA_FILE } from "./jaegerConfig";
import {
    CA_MOUNT,
    caVolume,
    NAME,
    passwordEnv,
    POD_SECURITY,
    PodReferences,
    usernameEnv,
} from "./jaegerSpecs";

export type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;
export type JobReferences = Omit<PodReferences, "configMap">;

/** One of the daily jobs, at a time in UTC. */
export function cronJob(
    part: string,
    namespace: pulumi.Input<string>,
    schedule: string,
    template: PodTemplate,
): k8s.types.input.batch.v1.CronJob {
    const labels = workloadLabels(NAME, part);
    return {
        metadata: { name: `${NAME}-${part}`, namespace, labels },
        spec: {
            schedule,
            timeZone: "Etc/UTC",
            concurrencyPolicy: "Forbid",
            startingDeadlineSeconds: 3600,
            jobTemplate: {
                metadata: { labels },
                spec: { backoffLimit: 2, activeDeadlineSeconds: 1800, template },
            },
        },
    };
}

/** The daily job that deletes indices older than the retention. */
export function cleanerTemplate(
    url: pulumi.Input<string>,
    retention: string,
    references: JobReferences,
): PodTemplate {
    return {
        metadata: { labels: workloadLabels(NAME, "index-cleaner") },
        spec: {
            restartPolicy: "Never",
            securityContext: POD_SECURITY,
            nodeSelector: LINUX_NODES,
            automountServiceAccountToken: false,
            containers: [
                {
                    name: "index-cleaner",
                    image: IMAGES.jaegerIndexCleaner,
                    args: [String(days(retention)), url],
                    env: [
                        usernameEnv(references),
                        passwordEnv(references),
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

/** Java reads no PEM file as a trust store: the one that the first container of the job makes. */
const TRUST_STORE = "/truststore/ca.p12";
/** A trust store holds nothing secret, and Java insists on a password. */
const TRUST_STORE_PASSWORD = "changeit";
/** The share of the container's memory for Java's heap; threads, code and buffers get the rest. */
const HEAP_SHARE = 0.7;

/** The daily job that computes from the day's spans which service calls which. */
export function serviceGraphTemplate(
    url: pulumi.Input<string>,
    memory: string,
    references: JobReferences,
): PodTemplate {
    const image = IMAGES.jaegerSparkDependencies;
    const scratch = [
        { name: "truststore", mountPath: "/truststore" },
        { name: "tmp", mountPath: "/tmp" },
    ];
    return {
        metadata: { labels: workloadLabels(NAME, "service-graph") },
        spec: {
            restartPolicy: "Never",
            securityContext: { ...POD_SECURITY, runAsUser: SPARK_USER },
            nodeSelector: LINUX_NODES,
            automountServiceAccountToken: false,
            initContainers: [
                {
                    name: "truststore",
                    image,
                    command: ["keytool"],
                    args: [
                        ..."-importcert -noprompt -storetype PKCS12 -alias elasticsearch".split(
                            " ",
                        ),
                        ...["-file", CA_FILE, "-keystore", TRUST_STORE],
                        ...["-storepass", TRUST_STORE_PASSWORD],
                    ],
                    resources: {
                        requests: { cpu: "10m", memory: "64Mi" },
                        limits: { memory: "128Mi" },
                    },
                    securityContext: CONTAINER_SECURITY,
                    volumeMounts: [CA_MOUNT, ...scratch],
                },
            ],
            containers: [
                {
                    name: "service-graph",
                    image,
                    env: [
                        { name: "ES_NODES", value: url },
                        // The Service is what the network lets in; the nodes' own addresses are not in its certificate.
                        { name: "ES_NODES_WAN_ONLY", value: "true" },
                        usernameEnv(references),
                        passwordEnv(references),
                        {
                            name: "JAVA_OPTS",
                            value: [
                                `-Xmx${mebibytes(bytes(memory) * HEAP_SHARE).slice(0, -2)}m`,
                                `-Djavax.net.ssl.trustStore=${TRUST_STORE}`,
                                `-Djavax.net.ssl.trustStorePassword=${TRUST_STORE_PASSWORD}`,
                            ].join(" "),
                        },
                    ],
                    resources: { requests: { cpu: "100m", memory }, limits: { memory } },
                    // Its entry point adds its user to /etc/passwd, and Spark unpacks into its working directory.
                    securityContext: { ...CONTAINER_SECURITY, readOnlyRootFilesystem: false },
                    volumeMounts: [CA_MOUNT, ...scratch],
                },
            ],
            volumes: [
                caVolume(references),
                { name: "truststore", emptyDir: {} },
                { name: "tmp", emptyDir: {} },
            ],
        },
    };
}

/** The user of the image. */
const SPARK_USER = 185;
