import { createHash } from "node:crypto";

import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { Labels, workloadLabels } from "../kubernetes/labels";
import { CONTAINER_SECURITY } from "../kubernetes/podSecurity";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { CA_FILE } from "../kubernetes/trust";
import { days } from "../settings/duration";
import { IMAGES } from "../versions";
import { bucketReferences, REPOSITORY_FOLDER, StoreReferences } from "./backupStore";

type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;
type Container = k8s.types.input.core.v1.Container;
type EnvVar = k8s.types.input.core.v1.EnvVar;
type Volume = k8s.types.input.core.v1.Volume;
type VolumeMount = k8s.types.input.core.v1.VolumeMount;

export const SCRIPTS = "/scripts";
export const WORK = "/scratch";
const TRUST = "/trust";
export const EXPORT: EnvVar = { name: "EXPORT", value: `${WORK}/export` };
const RESTORED: EnvVar = { name: "RESTORED", value: `${WORK}/restored` };

/** One program of a pod, in its own image. */
export interface Program {
    readonly name: string;
    readonly image: string;
    /** A file of components/backup/scripts. */
    readonly script: string;
    readonly env?: readonly EnvVar[];
    /** Limit; 128Mi when not given. */
    readonly memory?: string;
    readonly mounts?: readonly VolumeMount[];
    /** What it mounts beside what every pod has. */
    readonly volumes?: readonly Volume[];
}

interface PodArgs {
    readonly labels: Labels;
    readonly store: StoreReferences;
    /** In restic's notation. */
    readonly repository: string;
    readonly serviceAccount?: pulumi.Input<string>;
    readonly volumes?: readonly Volume[];
    /** Size of the scratch volume. */
    readonly scratch: string;
}

/** Labels of the pods of one source's backup, drill or restore. */
export function podLabels(role: "backup" | "drill" | "restore", source: string): Labels {
    return { ...workloadLabels("backup", role), "app.kubernetes.io/instance": source };
}

/** On the node of the namespace's other pods of backups, drills and restores; the first may be anywhere. */
const BESIDE_OTHERS: k8s.types.input.core.v1.Affinity = {
    podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
            {
                labelSelector: { matchLabels: { "app.kubernetes.io/name": "backup" } },
                topologyKey: "kubernetes.io/hostname",
            },
        ],
    },
};

/** A pod that exports, stores what was exported, and forgets what is older than `retention`, a duration of whole days. */
export function backupPod(
    args: PodArgs & { readonly exporters: readonly Program[]; readonly retention: string },
): PodTemplate {
    const store = restic("store", "store.sh", args, [
        EXPORT,
        // restic knows hours, days, months and years; a unit of ours may be none of them.
        { name: "KEEP_WITHIN", value: `${days(args.retention)}d` },
    ]);
    const volumes = args.exporters.flatMap((each) => each.volumes ?? []);
    return podTemplate(args, args.exporters.map(container), store, volumes);
}

/** A pod that fetches the newest backup into a scratch folder, then does something with it. */
export function fetchPod(
    args: PodArgs & { readonly program: Program; readonly maxAgeSeconds?: number },
): PodTemplate {
    const { maxAgeSeconds, program } = args;
    const fetch = restic("fetch", "fetch.sh", args, [
        RESTORED,
        ...(maxAgeSeconds === undefined
            ? []
            : [{ name: "MAX_AGE_SECONDS", value: String(maxAgeSeconds) }]),
    ]);
    const { env = [], ...rest } = program;
    const last = container({ ...rest, env: [RESTORED, ...env] });
    return podTemplate(args, [fetch], last, program.volumes);
}

function podTemplate(
    { labels, store, volumes = [], scratch, serviceAccount }: PodArgs,
    initContainers: Container[],
    last: Container,
    ofPrograms: readonly Volume[] = [],
): PodTemplate {
    return {
        metadata: { labels, annotations: { "observability/scripts": fingerprint(store) } },
        spec: {
            restartPolicy: "Never",
            serviceAccountName: serviceAccount ?? store.serviceAccount,
            nodeSelector: LINUX_NODES,
            automountServiceAccountToken: false,
            // The pod's programs are of different images; the scratch volume and the repository are of one user.
            securityContext: {
                runAsNonRoot: true,
                runAsUser: 1000,
                runAsGroup: 1000,
                fsGroup: 1000,
                seccompProfile: { type: "RuntimeDefault" },
            },
            // A volume is attached to one node at a time; on another one, a pod would wait for it until its deadline.
            ...(store.claim ? { affinity: BESIDE_OTHERS } : {}),
            initContainers,
            containers: [last],
            volumes: [
                { name: "work", emptyDir: { sizeLimit: scratch } },
                { name: "tmp", emptyDir: { sizeLimit: scratch } },
                // Readable and executable for the user, who does not own it.
                { name: "scripts", configMap: { name: store.scripts, defaultMode: 0o555 } },
                ...(store.claim
                    ? [{ name: "repository", persistentVolumeClaim: { claimName: store.claim } }]
                    : []),
                ...(store.trust
                    ? [{ name: "trust", configMap: { name: store.trust.configMap } }]
                    : []),
                ...volumes,
                ...ofPrograms,
            ],
        },
    };
}

function restic(name: string, script: string, args: PodArgs, env: readonly EnvVar[]): Container {
    const { store, repository } = args;
    return {
        ...container({
            name,
            image: IMAGES.restic,
            script,
            // Its index of the repository is in memory.
            memory: "512Mi",
            env: [
                { name: "RESTIC_REPOSITORY", value: repository },
                { name: "RESTIC_CACHE_DIR", value: "/tmp/restic" },
                // Go's own variable, beside the public authorities' folder: https://pkg.go.dev/crypto/x509#SystemCertPool.
                ...(store.trust ? [{ name: "SSL_CERT_FILE", value: `${TRUST}/${CA_FILE}` }] : []),
                ...bucketReferences(store),
                ...env,
            ],
            mounts: [
                ...(store.claim ? [{ name: "repository", mountPath: REPOSITORY_FOLDER }] : []),
                ...(store.trust ? [{ name: "trust", mountPath: TRUST, readOnly: true }] : []),
            ],
        }),
        envFrom: [{ secretRef: { name: store.secret } }],
    };
}

function container(program: Program): Container {
    const { name, image, script, env = [], memory = "128Mi", mounts = [] } = program;
    const interpreter = script.endsWith(".mjs") ? "node" : "sh";
    return {
        name,
        image,
        command: [interpreter, `${SCRIPTS}/${script}`],
        env: [...env],
        resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory } },
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [
            { name: "work", mountPath: WORK },
            { name: "tmp", mountPath: "/tmp" },
            { name: "scripts", mountPath: SCRIPTS, readOnly: true },
            ...mounts,
        ],
    };
}

function fingerprint({ scriptsText }: StoreReferences): string {
    return createHash("sha256").update(scriptsText).digest("hex").slice(0, 16);
}
