import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Labels } from "../../common/labels";
import { IMAGES } from "../../versions";

interface ServerReferences {
    readonly url: pulumi.Input<string>;
    /** Volume with `ca.crt`. */
    readonly ca: Pick<k8s.types.input.core.v1.Volume, "configMap" | "secret">;
}

export interface SetupJobReferences {
    readonly podLabels: Labels;
    /** The scripts and the plan. */
    readonly configMap: pulumi.Input<string>;
    readonly elasticsearch: ServerReferences;
    readonly kibana: ServerReferences;
    /** Secret with `username` and `password`. */
    readonly userSecret: pulumi.Input<string>;
}

const FOLDER = "/setup";

/**
 * The script tries again for 25 minutes by itself; a pod that ends in failure is replaced three times, which is for
 * nodes that go. No `ttlSecondsAfterFinished`: an `up` after a refresh would make a Job anew that deleted itself. The
 * Job of an earlier payload is deleted when another one takes its place.
 */
export function setupJobSpec(references: SetupJobReferences): k8s.types.input.batch.v1.JobSpec {
    const { podLabels, configMap, elasticsearch, kibana, userSecret } = references;
    return {
        backoffLimit: 3,
        activeDeadlineSeconds: 35 * 60,
        template: {
            metadata: { labels: podLabels },
            spec: {
                restartPolicy: "Never",
                automountServiceAccountToken: false,
                securityContext: {
                    runAsNonRoot: true,
                    runAsUser: 1000,
                    seccompProfile: { type: "RuntimeDefault" },
                },
                containers: [
                    {
                        name: "setup",
                        image: IMAGES.node,
                        command: ["node", `${FOLDER}/main.js`, `${FOLDER}/plan.json`],
                        env: [
                            { name: "ELASTICSEARCH_URL", value: elasticsearch.url },
                            { name: "ELASTICSEARCH_CA", value: "/elasticsearch-ca/ca.crt" },
                            { name: "KIBANA_URL", value: kibana.url },
                            { name: "KIBANA_CA", value: "/kibana-ca/ca.crt" },
                            credential("SETUP_USERNAME", userSecret, "username"),
                            credential("SETUP_PASSWORD", userSecret, "password"),
                        ],
                        // The reason of a failure is in the pod's status, too.
                        terminationMessagePolicy: "FallbackToLogsOnError",
                        resources: {
                            requests: { cpu: "20m", memory: "64Mi" },
                            limits: { memory: "128Mi" },
                        },
                        securityContext: {
                            allowPrivilegeEscalation: false,
                            readOnlyRootFilesystem: true,
                            capabilities: { drop: ["ALL"] },
                        },
                        volumeMounts: [
                            { name: "setup", mountPath: FOLDER, readOnly: true },
                            {
                                name: "elasticsearch-ca",
                                mountPath: "/elasticsearch-ca",
                                readOnly: true,
                            },
                            { name: "kibana-ca", mountPath: "/kibana-ca", readOnly: true },
                        ],
                    },
                ],
                volumes: [
                    { name: "setup", configMap: { name: configMap } },
                    { name: "elasticsearch-ca", ...elasticsearch.ca },
                    { name: "kibana-ca", ...kibana.ca },
                ],
            },
        },
    };
}

function credential(
    name: string,
    secret: pulumi.Input<string>,
    key: string,
): k8s.types.input.core.v1.EnvVar {
    return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}
