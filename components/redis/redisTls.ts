import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import type { CertificateAuthority } from "../kubernetes/certificateAuthority";
import { PART_OF } from "../kubernetes/labels";
import { CA_FILE } from "../kubernetes/trust";
import type { Problem } from "../settings/problems";
import { ca, objectName } from "../settings/scalars";
import type { RedisInstanceSettings, RedisMode, RedisNamespaceSettings } from "./instanceSettings";
import { redisWorkloads } from "./redisNames";

/** TLS of an instance: without `secret` and `certManager`, its certificate is of our own authority. */
export const redisTls = z.strictObject({
    secret: objectName
        .describe(
            "A Secret of the namespace with `tls.crt`, `tls.key` and `ca.crt`, which somebody else makes and renews",
        )
        .optional(),
    certManager: z
        .strictObject({
            issuer: objectName.describe("Name of the issuer"),
            kind: z
                .enum(["ClusterIssuer", "Issuer"])
                .describe("Its kind; an `Issuer` is of the namespace")
                .default("ClusterIssuer"),
        })
        .describe("cert-manager, which is there already, makes and renews the certificate")
        .optional(),
    ca: ca
        .describe("Authority of that certificate, for clients: in outputs and users' Secrets")
        .optional(),
});

type TlsSettings = NonNullable<RedisInstanceSettings["tls"]>;

/** Where the pods have the Secret, by the operator. */
const TLS_FOLDER = "/tls";
const FILES = { ca: CA_FILE, cert: "tls.crt", key: "tls.key" } as const;

/** Whose certificate an instance has. */
export function tlsSource({ secret, certManager }: TlsSettings): "own" | "secret" | "certManager" {
    return secret ? "secret" : certManager ? "certManager" : "own";
}

/** The Secret with an instance's certificate. */
export function tlsSecretName(instance: string, { secret }: TlsSettings): string {
    return secret ?? `${instance}-tls`;
}

/**
 * Names in an instance's certificate: those of its Services, of its pods, and of the pod itself. Pods have no names for
 * their addresses, which Sentinel and a cluster tell: clients compare the certificate with the Service's name.
 */
export function tlsNames(instance: string, namespace: string, mode: RedisMode): string[] {
    const workloads = redisWorkloads(instance, mode);
    const ofMaster = mode === "standalone" ? [] : [`${instance}-master`];
    const ofReplicas = mode === "replication" || mode === "sentinel" ? [`${instance}-replica`] : [];
    const names = (host: string): string[] => [host, `${host}.svc`, `${host}.svc.cluster.local`];
    return [
        ...[...workloads, ...ofMaster, ...ofReplicas].flatMap((service) => [
            service,
            ...names(`${service}.${namespace}`),
        ]),
        ...workloads.flatMap((workload) => names(`*.${workload}-headless.${namespace}`)),
        "localhost",
    ];
}

/** What a custom resource of the operator says for TLS; nothing without it. */
export function tlsSpec(instance: string, tls: TlsSettings | undefined): object {
    return tls ? { TLS: { ...FILES, secret: { secretName: tlsSecretName(instance, tls) } } } : {};
}

/**
 * Variables of the pods: the operator since 0.24 names the authority's file `REDIS_TLS_CA_CERT`, and images made for
 * earlier ones read `REDIS_TLS_CA_KEY`; without a file, Redis does not start. A certificate of ours is read at the start.
 */
export function tlsVariables(
    tls: TlsSettings | undefined,
    version: pulumi.Input<string> | undefined,
): { name: string; value: pulumi.Input<string> }[] {
    return tls
        ? [
              { name: "REDIS_TLS_CA_KEY", value: `${TLS_FOLDER}/${FILES.ca}` },
              ...(version === undefined ? [] : [{ name: "TLS_VERSION", value: version }]),
          ]
        : [];
}

/**
 * Lines of Redis' configuration that TLS needs beside what the image writes. It announces a pod's short name as its
 * host, which nobody else can resolve, and with TLS tells clients of a cluster that name.
 */
export function tlsLines({ tls, mode }: Pick<RedisInstanceSettings, "tls" | "mode">): string[] {
    return tls && mode === "cluster" ? ["cluster-preferred-endpoint-type ip"] : [];
}

/** Sentinel's: the image's own lines let it ask masters and other Sentinels in plain. */
export const SENTINEL_TLS_LINES: readonly string[] = ["tls-replication yes"];

/** What a program of a job needs to speak TLS with an instance, in the variables of components/backup/scripts. */
export function tlsOfPrograms(
    instance: string,
    tls: TlsSettings | undefined,
): {
    readonly env: k8s.types.input.core.v1.EnvVar[];
    readonly mounts: k8s.types.input.core.v1.VolumeMount[];
    readonly volumes: k8s.types.input.core.v1.Volume[];
} {
    return tls
        ? {
              env: [{ name: "TLS_FOLDER", value: TLS_FOLDER }],
              mounts: [{ name: "tls", mountPath: TLS_FOLDER, readOnly: true }],
              volumes: [{ name: "tls", secret: { secretName: tlsSecretName(instance, tls) } }],
          }
        : { env: [], mounts: [], volumes: [] };
}

/** The certificate of an instance. */
export interface RedisCertificate {
    /** The Secret of the namespace that has it. */
    readonly secret: string;
    /** PEM of its authority, where it is known: clients need it. */
    readonly ca?: pulumi.Input<string>;
    /** Differs when the certificate does, of those that are ours. */
    readonly version?: pulumi.Output<string>;
    /** What makes the Secret, where this stack does. */
    readonly made: readonly pulumi.Resource[];
}

export interface RedisCertificateArgs {
    readonly instance: string;
    readonly namespaceName: string;
    /** The namespace of that name, made before. */
    readonly namespace: pulumi.Input<string>;
    readonly mode: RedisMode;
    readonly tls: TlsSettings;
    /** Names by which clients outside of the cluster call it. */
    readonly hosts: readonly string[];
    /** Of the namespace; of those instances alone that have no other one. */
    readonly authority: CertificateAuthority | undefined;
    /** Wait in `pulumi up` until cert-manager has made it. */
    readonly waitForReady: boolean;
}

/** Makes, or names, the certificate of an instance. */
export function redisCertificate(
    name: string,
    args: RedisCertificateArgs,
    opts: pulumi.CustomResourceOptions,
): RedisCertificate {
    const { instance, namespaceName, namespace, mode, tls, authority } = args;
    const secretName = tlsSecretName(instance, tls);
    const dnsNames = [...tlsNames(instance, namespaceName, mode), ...args.hosts];
    const known = tls.ca === undefined ? {} : { ca: tls.ca };
    if (tls.secret !== undefined) {
        return { secret: secretName, ...known, made: [] };
    }
    if (tls.certManager) {
        const certificate = new k8s.apiextensions.CustomResource(
            `${name}-certificate`,
            {
                apiVersion: "cert-manager.io/v1",
                kind: "Certificate",
                metadata: {
                    name: secretName,
                    namespace,
                    labels: PART_OF,
                    ...(args.waitForReady
                        ? { annotations: { "pulumi.com/waitFor": "condition=Ready" } }
                        : {}),
                },
                spec: {
                    secretName,
                    dnsNames,
                    issuerRef: {
                        group: "cert-manager.io",
                        kind: tls.certManager.kind,
                        name: tls.certManager.issuer,
                    },
                    // Members are clients of one another.
                    usages: ["digital signature", "server auth", "client auth"],
                    privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
                },
            },
            opts,
        );
        return { secret: secretName, ...known, made: [certificate] };
    }
    if (!authority) {
        throw new Error(`${namespaceName} has no authority for the certificate of ${instance}`);
    }
    const { fingerprint, resource } = authority.issue(
        name,
        { namespace, secretName, commonName: instance, dnsNames, peer: true },
        opts,
    );
    return {
        secret: secretName,
        ca: authority.certificate,
        version: fingerprint,
        made: [resource],
    };
}

/** Whether an instance of the namespace has a certificate of our own authority. */
export function needsAuthority({ instances }: Pick<RedisNamespaceSettings, "instances">): boolean {
    return Object.values(instances).some(({ tls }) => tls && tlsSource(tls) === "own");
}

/** What is wrong in an instance's TLS; `path` is the instance's. */
export function tlsProblems(path: string, { tls }: RedisInstanceSettings): Problem[] {
    if (!tls) {
        return [];
    }
    return [
        ...(tls.secret !== undefined && tls.certManager
            ? [
                  {
                      path: `${path}.tls`,
                      got: "both secret and certManager",
                      allowed: "one of them, or neither for a certificate of our own authority",
                  },
              ]
            : []),
        ...(tls.ca !== undefined && tlsSource(tls) === "own"
            ? [
                  {
                      path: `${path}.tls.ca`,
                      got: "an authority for a certificate of our own",
                      allowed: "nothing without secret or certManager: our own authority is known",
                  },
              ]
            : []),
    ];
}
