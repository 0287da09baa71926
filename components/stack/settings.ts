import { z } from "zod";

import { seconds } from "../settings/duration";
import type { Part, SettingsOf } from "../settings/part";
import type { Pending } from "../settings/pending";
import { Problem, show } from "../settings/problems";
import { bytes } from "../settings/quantity";
import { broken } from "../settings/read";
import {
    amount,
    chartSourceText,
    cidr,
    duration,
    freeText,
    name,
    objectName,
    objectNameOrEmpty,
    resourceName,
    stackReferenceOrEmpty,
    whole,
} from "../settings/scalars";
import { isOfKubernetes, isReserved, namespaceNames, notReserved } from "./namespaceNames";

/** kubectl takes any name of a context. */
const contextOrEmpty = z.union([
    z.literal(""),
    freeText("names of contexts are what the kubeconfig's owner says"),
]);

/** Whose volumes can have a StorageClass of their own. */
const VOLUME_OWNERS = [
    "prometheus",
    "alertmanager",
    "grafana",
    "elasticsearch",
    "fluentBit",
    "redis",
    "backup",
] as const;
type VolumeOwner = (typeof VOLUME_OWNERS)[number];

interface StorageClasses {
    readonly storageClass: string;
    readonly storageClasses: Readonly<Partial<Record<VolumeOwner, string>>>;
}

/** StorageClass of a part's volumes; empty for the cluster's default. */
export function storageClassOf(
    { storageClass, storageClasses }: StorageClasses,
    part: VolumeOwner,
): string {
    return storageClasses[part] ?? storageClass;
}

/** Of kubelets, kube-proxy and control planes: https://kubernetes.io/docs/reference/networking/ports-and-protocols/. */
const TAKEN_PORTS = [2379, 2380, 6443, 10248, 10249, 10250, 10255, 10256, 10257, 10259];

/** What Kubernetes is made for: https://kubernetes.io/docs/setup/best-practices/cluster-large/. */
const MOST_PODS = 150_000;

/** Deleted by the day. */
const days = duration.meta({ kind: "duration, whole days" });

const keys = {
    environment: name.describe("Label of every series, log line, span and alert"),
    namespaces: namespaceNames,
    kubeContext: contextOrEmpty
        .meta({ toSet: true })
        .describe("Context of the kubeconfig. The current context is never used")
        .default(""),
    cluster: z
        .strictObject({
            name: name.describe("Label `cluster`; identifies the cluster to the provider"),
            role: z
                .enum(["owner", "tenant"])
                .describe(
                    "An owner installs the platform, a tenant uses the owner's: [tenants](components/tenants.md)",
                ),
            ownerStack: stackReferenceOrEmpty
                .describe("For a tenant: stack of the owner, `organization/observability/prod`")
                .default(""),
            tenantNamespaces: z
                .record(name, name)
                .describe(
                    "Environment by namespace, of the namespaces that tenants of this owner declare: their logs are read too",
                )
                .default({}),
            controlPlane: z
                .enum(["managed", "selfHosted"])
                .describe(
                    "`managed`: no targets and alerts for etcd, scheduler, controller manager and proxy, which the platform hides",
                ),
            platform: z
                .enum(["generic", "eks", "gke", "aks", "openshift"])
                .describe("Whose cluster it is: [what it decides](adapting.md#platforms)")
                .default("generic"),
            dns: z
                .enum(["coredns", "kubeDns", "none"])
                .meta({
                    otherwise:
                        "`none` on gke and openshift, whose DNS is the platform's own; `coredns` elsewhere",
                })
                .describe("What answers DNS and is scraped in kube-system")
                .optional(),
            kubeProxy: z
                .boolean()
                .meta({ otherwise: "whether `controlPlane` is `selfHosted`" })
                .describe(
                    "Whether kube-proxy runs and is scraped; `false` where Cilium or another replaces it",
                )
                .optional(),
            verifyKubelets: z
                .boolean()
                .describe(
                    "Whether Prometheus checks the certificates of kubelets against the cluster's authority: [clusters](clusters.md#certificates-of-kubelets)",
                )
                .default(false),
            nodeExporterPort: whole(1024, 65535)
                .refine((port) => !TAKEN_PORTS.includes(port), {
                    error: `allowed: another port than ${TAKEN_PORTS.join(", ")}, which Kubernetes has on nodes`,
                })
                .describe(
                    "Port of node-exporter on every node, where 9100 is taken, such as by the platform's own",
                )
                .default(9100),
            maxPods: whole(1, MOST_PODS)
                .describe(
                    "Pods that its nodes take together, 110 each unless their kubelets say otherwise: more pods of Redis are refused",
                )
                .default(MOST_PODS),
            minimumVolumeSize: amount
                .meta({ otherwise: "any size" })
                .describe(
                    "Least that the StorageClass makes a volume of: claims of this program's own choice are raised to it, sizes of the configuration below it refused",
                )
                .optional(),
            apiServerRanges: z
                .array(cidr)
                .describe(
                    "Addresses from which the API server calls the operators' webhooks; without any, their port is open to everyone, since no selector names the API server",
                )
                .default([]),
            waitForReady: z
                .boolean()
                .describe(
                    "`up` waits until Redis has a master, Elasticsearch is Ready and Kibana is green",
                )
                .default(true),
        })
        .describe("Name, role (owner or tenant), control plane and tenants of the cluster"),
    dataProtection: z
        .strictObject({
            protect: z
                .boolean()
                .describe(
                    "Redis, Elasticsearch, the monitoring release and namespaces with volumes refuse to be deleted",
                ),
            keepVolumes: z
                .boolean()
                .describe("Namespaces with volumes, and so the volumes, outlive the stack"),
            adoptExisting: z
                .boolean()
                .describe(
                    "Take over objects that are there already, such as namespaces that an earlier stack left",
                )
                .default(false),
            allowReplace: z
                .array(resourceName)
                .describe(
                    "Names of resources that hold data and may be deleted or replaced: [changes](changes.md)",
                )
                .default([]),
        })
        .describe(
            "Whether what holds data is protected from deletion, and whether volumes outlive the stack",
        ),
    charts: z
        .strictObject({
            source: chartSourceText.describe(
                "`repository`: each chart's own. An `https://` or `oci://` URL: a mirror of all. Otherwise a folder of archives as `helm pull` names them, relative to `Pulumi.yaml`",
            ),
        })
        .describe(
            "Where charts come from (repository, a mirror's https or oci URL, or a folder of archives)",
        ),
    storageClass: objectNameOrEmpty.describe(
        "StorageClass of the volumes; empty for the cluster's default",
    ),
    storageClasses: z
        .partialRecord(z.enum(VOLUME_OWNERS), objectName)
        .describe("StorageClass of the volumes of one part, in place of `storageClass`")
        .default({}),
    retention: z
        .strictObject({
            metrics: duration.describe("Prometheus; checked against its volume"),
            logs: days.describe(
                "Logs in Elasticsearch; checked against its volumes: [retention](retention.md)",
            ),
            traces: days.describe("Jaeger's indices"),
            backups: days.describe("Snapshots of Elasticsearch, and backups"),
        })
        .describe("How long each signal and the backups are kept"),
};

type Keys = SettingsOf<typeof keys>;
export type ClusterSettings = Keys["cluster"];
export type DataProtection = Keys["dataProtection"];

/** What the rules of the stack read of its parts: who has which namespace. */
interface Declared {
    readonly redis: Readonly<Record<string, unknown>>;
    readonly redisOperator: { readonly watchNamespaces: readonly string[] };
    readonly backupPasswords: Readonly<Record<string, unknown>>;
    readonly applications: Readonly<Record<string, unknown>>;
    readonly scrape: {
        readonly annotated: { readonly namespaces?: readonly string[] | undefined };
    };
}

/** What belongs to no part: the cluster and the stack's place in it, and how long things are kept. */
export const stackPart: Part<typeof keys, Keys & Declared> = {
    keys,
    problems: (settings) => [
        ...broken(settings, [
            roleProblems,
            nameProblems,
            namespaceProblems,
            scrapedProblems,
            passwordProblems,
            volumeProblems,
        ]),
    ],
    platformProblems: ({ retention }) => wholeDays(retention),
    pending: ({ kubeContext }) => (kubeContext === "" ? [CONTEXT] : []),
};

/** Platforms with a DNS of their own in place of CoreDNS in kube-system. */
const OWN_DNS: readonly string[] = ["gke", "openshift"];

/** What of the cluster's own parts is scraped. */
export function scrapedParts({
    platform,
    dns,
    kubeProxy,
    controlPlane,
    verifyKubelets,
}: ClusterSettings): {
    readonly controlPlane: boolean;
    readonly dns: NonNullable<ClusterSettings["dns"]>;
    readonly kubeProxy: boolean;
    readonly verifyKubelets: boolean;
} {
    return {
        controlPlane: controlPlane === "selfHosted",
        dns: dns ?? (OWN_DNS.includes(platform) ? "none" : "coredns"),
        kubeProxy: kubeProxy ?? controlPlane === "selfHosted",
        verifyKubelets,
    };
}

function roleProblems({ cluster }: Keys): Problem[] {
    if (cluster.role === "tenant" && cluster.ownerStack === "") {
        return [
            {
                path: "cluster.ownerStack",
                got: "nothing",
                allowed: `a tenant names the stack that owns its cluster: ORGANIZATION/PROJECT/STACK, on a self-managed backend "organization/observability/prod"`,
            },
        ];
    }
    if (cluster.platform !== "generic" && cluster.controlPlane === "selfHosted") {
        return [
            {
                path: "cluster.controlPlane",
                got: show(cluster.controlPlane),
                allowed: `"managed" with cluster.platform ${cluster.platform}, which hides the control plane`,
            },
        ];
    }
    return cluster.role === "owner" && cluster.ownerStack !== ""
        ? [
              {
                  path: "cluster.ownerStack",
                  got: show(cluster.ownerStack),
                  allowed: `an owner has no owner: remove it, or set cluster.role to "tenant"`,
              },
          ]
        : [];
}

/** Sizes of volumes that the cluster's StorageClass does not make. */
function volumeProblems(settings: Keys & Declared): Problem[] {
    const { minimumVolumeSize: minimum, role } = settings.cluster;
    if (minimum === undefined) {
        return [];
    }
    return volumeSizes(settings)
        .filter(([path]) => role === "owner" || /^(redis|backup)\./.test(path))
        .filter(([, size]) => bytes(size) < bytes(minimum))
        .map(([path, size]) => ({
            path,
            got: show(size),
            allowed: `${minimum} or more, as cluster.minimumVolumeSize says`,
        }));
}

/** Every size of a volume in a configuration, whoever's it is, by its path: all of them are called `storageSize`. */
export function volumeSizes(value: unknown, at: readonly string[] = []): [string, string][] {
    return typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, each]): [string, string][] =>
              key === "storageSize" && typeof each === "string"
                  ? [[[...at, key].join("."), each]]
                  : volumeSizes(each, [...at, key]),
          )
        : [];
}

/** Each of ours has one level of Pod Security, and is made once. */
function nameProblems({ namespaces }: Keys): Problem[] {
    const all = Object.entries(namespaces);
    return all.flatMap(([key, each], i) => {
        const path = `namespaces.${key}`;
        const before = all.slice(0, i).find(([, other]) => other === each);
        return isOfKubernetes(each)
            ? [{ path, got: show(each), allowed: "a namespace that is not of Kubernetes" }]
            : before
              ? [
                    {
                        path,
                        got: show(each),
                        allowed: `another name than namespaces.${before[0]}: each has a Pod Security level and policies of its own`,
                    },
                ]
              : [];
    });
}

function namespaceProblems({
    cluster,
    namespaces,
    redis,
    redisOperator,
}: Keys & Declared): Problem[] {
    const own = Object.keys(redis);
    const tenants = Object.keys(cluster.tenantNamespaces);
    const watched = redisOperator.watchNamespaces;
    return [
        ...tenants
            .filter((namespace) => own.includes(namespace))
            .map((namespace) => ({
                path: `cluster.tenantNamespaces.${namespace}`,
                got: "a namespace of this stack",
                allowed: "the namespaces of tenant stacks only: this one is declared in redis here",
            })),
        ...[...own, ...tenants]
            .filter((namespace) => watched.length > 0 && !watched.includes(namespace))
            .map((namespace) => ({
                path: "redisOperator.watchNamespaces",
                got: show(watched),
                allowed: `add "${namespace}", whose Redis instances would never be reconciled, or leave it empty to watch all`,
            })),
        ...[
            ...own.map((namespace) => [`redis.${namespace}`, namespace] as const),
            ...tenants.map(
                (namespace) => [`cluster.tenantNamespaces.${namespace}`, namespace] as const,
            ),
            ...watched.map((namespace) => ["redisOperator.watchNamespaces", namespace] as const),
        ]
            .filter(([, namespace]) => isReserved(namespace, namespaces))
            .map(([path, namespace]) => ({
                path,
                got: show(namespace),
                allowed: notReserved(namespaces),
            })),
    ];
}

/** Where everything has a monitor already. */
function scrapedProblems({ applications, scrape, namespaces }: Keys & Declared): Problem[] {
    return [
        ...Object.keys(applications).map((each) => [`applications.${each}`, each] as const),
        ...(scrape.annotated.namespaces ?? []).map(
            (each) => ["scrape.annotated.namespaces", each] as const,
        ),
    ]
        .filter(([, namespace]) => isReserved(namespace, namespaces) && namespace !== "default")
        .map(([path, namespace]) => ({
            path,
            got: show(namespace),
            allowed:
                "a namespace of applications: in those of the platform and of Kubernetes, everything that is scraped has a monitor",
        }));
}

function passwordProblems({
    backupPasswords,
    cluster,
    redis,
    namespaces,
}: Keys & Declared): Problem[] {
    const allowed = [
        ...(cluster.role === "owner" ? [namespaces.monitoring] : []),
        ...Object.keys(redis),
    ];
    return Object.keys(backupPasswords)
        .filter((namespace) => !allowed.includes(namespace))
        .map((namespace) => ({
            path: `backupPasswords.${namespace}`,
            got: "the key of a namespace that has no backups",
            allowed: `the namespaces ${allowed.join(", ")}`,
        }));
}

const DAY = 86400;

/** Indices, traces and snapshots are made and deleted by the day. */
function wholeDays(retention: Keys["retention"]): Problem[] {
    return (["logs", "traces", "backups"] as const)
        .filter((signal) => seconds(retention[signal]) % DAY !== 0)
        .map((signal) => ({
            path: `retention.${signal}`,
            got: show(retention[signal]),
            allowed: "whole days, such as 7d, 2w or 48h: it is deleted by the day",
        }));
}

const CONTEXT: Pending = {
    path: "kubeContext",
    why: "the kubeconfig context of this stack's cluster",
    placeholder: "CONTEXT",
};
