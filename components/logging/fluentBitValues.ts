import * as fs from "node:fs";
import * as path from "node:path";

import type { HelmValues } from "../kubernetes/helmRelease";
import { CONTAINER_SECURITY } from "../kubernetes/podSecurity";
import { PATIENT } from "../kubernetes/probes";
import { LINUX_NODES, REAL_NODES } from "../kubernetes/scheduling";
import { PATHS } from "./pipeline/logFiles";
import { USER_ENV } from "./pipeline/output";
import { SCRIPT_FILE } from "./pipeline/script";
import { HTTP_PORT } from "./pipeline/service";

/** Objects of the namespace that the pods use. */
export interface FluentBitReferences {
    readonly userSecret: string;
    readonly caConfigMap: string;
    /** Changes with the CA: the pods start again. */
    readonly caFingerprint: string;
}

/** What Fluent Bit runs. */
export interface FluentBitProgram {
    /** The pipeline as YAML. */
    readonly file: string;
    readonly script: string;
}

const FILE = "fluent-bit.yaml";
const MISSED = fs.readFileSync(path.join(__dirname, "pipeline/missed.sh"), "utf8");

/** Values of the release on every node: https://github.com/fluent/helm-charts/blob/main/charts/fluent-bit/values.yaml. */
export function nodeValues(
    program: FluentBitProgram,
    references: FluentBitReferences & {
        readonly priorityClass: string;
        /** With a shell, for what runs before Fluent Bit. */
        readonly shellImage: string;
    },
): HelmValues {
    return {
        ...commonValues(program, references, {
            hostPath: { path: PATHS.state, type: "DirectoryOrCreate" },
        }),
        // Every node, control plane and tainted ones included: Redis may run on any.
        tolerations: [{ operator: "Exists" }],
        affinity: REAL_NODES,
        priorityClassName: references.priorityClass,
        initContainers: [missedFiles(references.shellImage)],
        daemonSetVolumes: [{ name: "varlog", hostPath: { path: "/var/log" } }],
        daemonSetVolumeMounts: [{ name: "varlog", mountPath: "/var/log", readOnly: true }],
    };
}

/** Finds what was rotated while Fluent Bit was away: the kubelet's links lead to current files alone. */
function missedFiles(image: string): object {
    return {
        name: "missed-files",
        image,
        command: ["sh", "-c", MISSED],
        env: [
            { name: "LOGS", value: PATHS.logs },
            { name: "STATE", value: PATHS.state },
        ],
        resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } },
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [
            { name: "varlog", mountPath: "/var/log", readOnly: true },
            { name: "state", mountPath: PATHS.state },
        ],
    };
}

/** Values of the release that reads the cluster's events: one pod, since each would read all of them. */
export function eventsValues(
    program: FluentBitProgram,
    references: FluentBitReferences,
    claimName: string,
): HelmValues {
    return {
        ...commonValues(program, references, { persistentVolumeClaim: { claimName } }),
        kind: "Deployment",
        replicaCount: 1,
        // Two at a time would write every event twice, and cannot share the volume.
        updateStrategy: { type: "Recreate" },
        rbac: { create: true, eventsAccess: true },
    };
}

function commonValues(
    program: FluentBitProgram,
    references: FluentBitReferences,
    state: object,
): HelmValues {
    const fromSecret = (key: string) => ({
        valueFrom: { secretKeyRef: { name: references.userSecret, key } },
    });
    return {
        config: {
            // The classic format's parts, which nobody reads.
            ...{ service: "", inputs: "", filters: "", outputs: "", customParsers: "" },
            extraFiles: { [FILE]: program.file },
        },
        luaScripts: { [SCRIPT_FILE]: program.script },
        args: ["--workdir=/fluent-bit/etc", `--config=/fluent-bit/etc/conf/${FILE}`],
        nodeSelector: LINUX_NODES,
        metricsPort: HTTP_PORT,
        livenessProbe: PATIENT,
        env: [
            { name: USER_ENV.username, ...fromSecret("username") },
            { name: USER_ENV.password, ...fromSecret("password") },
        ],
        podAnnotations: { "observability/ca": references.caFingerprint },
        extraVolumes: [
            { name: "state", ...state },
            { name: "elasticsearch-ca", configMap: { name: references.caConfigMap } },
        ],
        extraVolumeMounts: [
            { name: "state", mountPath: PATHS.state },
            { name: "elasticsearch-ca", mountPath: "/elasticsearch-ca", readOnly: true },
        ],
        resources: { requests: { cpu: "50m", memory: "96Mi" }, limits: { memory: "256Mi" } },
        securityContext: CONTAINER_SECURITY,
        testFramework: { enabled: false },
    };
}
