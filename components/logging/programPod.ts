import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Labels } from "../kubernetes/labels";
import { CONTAINER_SECURITY } from "../kubernetes/podSecurity";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { IMAGES } from "../versions";
import type { ProgramName } from "./programFiles";

type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;
type Volume = k8s.types.input.core.v1.Volume;

export interface ServerReferences {
    readonly url: pulumi.Input<string>;
    /** Volume with `ca.crt`. */
    readonly ca: Pick<Volume, "configMap" | "secret">;
}

export interface ProgramPodArgs {
    readonly podLabels: Labels;
    readonly program: ProgramName;
    /** The program's files and `plan.json`. */
    readonly configMap: pulumi.Input<string>;
    readonly servers: Readonly<Partial<Record<"elasticsearch" | "kibana", ServerReferences>>>;
    /** Secret with `username` and `password`. */
    readonly userSecret: pulumi.Input<string>;
}

/** A restricted pod that runs a program of `programs/` once, without access to Kubernetes. */
export function programPod(args: ProgramPodArgs): PodTemplate {
    const { podLabels, program, configMap, servers, userSecret } = args;
    const folder = `/${program}`;
    const trusted = Object.entries(servers).map(([name, { url, ca }]) => ({
        volume: { name: `${name}-ca`, ...ca },
        mount: { name: `${name}-ca`, mountPath: `/${name}-ca`, readOnly: true },
        env: [
            { name: `${name.toUpperCase()}_URL`, value: url },
            { name: `${name.toUpperCase()}_CA`, value: `/${name}-ca/ca.crt` },
        ],
    }));
    return {
        metadata: { labels: podLabels },
        spec: {
            restartPolicy: "Never",
            nodeSelector: LINUX_NODES,
            automountServiceAccountToken: false,
            securityContext: {
                runAsNonRoot: true,
                runAsUser: 1000,
                seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
                {
                    name: program,
                    image: IMAGES.node,
                    command: ["node", `${folder}/${program}.js`, `${folder}/plan.json`],
                    env: [
                        ...trusted.flatMap(({ env }) => env),
                        credential("USERNAME", userSecret, "username"),
                        credential("PASSWORD", userSecret, "password"),
                    ],
                    // The reason of a failure is in the pod's status, too.
                    terminationMessagePolicy: "FallbackToLogsOnError",
                    resources: {
                        requests: { cpu: "20m", memory: "64Mi" },
                        limits: { memory: "128Mi" },
                    },
                    securityContext: CONTAINER_SECURITY,
                    volumeMounts: [
                        { name: program, mountPath: folder, readOnly: true },
                        ...trusted.map(({ mount }) => mount),
                    ],
                },
            ],
            volumes: [
                { name: program, configMap: { name: configMap } },
                ...trusted.map(({ volume }) => volume),
            ],
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
