import * as fs from "node:fs";
import * as path from "node:path";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { contentHash } from "../kubernetes/contentHash";
import { PART_OF, workloadLabels } from "../kubernetes/labels";
import { CONTAINER_SECURITY } from "../kubernetes/podSecurity";
import { LINUX_NODES } from "../kubernetes/scheduling";
import type { RedisInstanceSettings, RedisNamespaceSettings } from "./instanceSettings";
import type { RedisConnection } from "./redisInstance";
import { POD_SECURITY } from "./redisPods";
import { PASSWORD_KEY, redisMembers, sentinelMembers } from "./redisSpecs";
import { tlsOfPrograms, tlsSource } from "./redisTls";
import { redisImages } from "./redisVersions";

const SCRIPT = "reload-certificates.sh";
const FOLDER = "/scripts";

/** Daily, when nothing else of ours is likely to run; a certificate of cert-manager has weeks left when it is renewed. */
const SCHEDULE = "41 4 * * *";
/** A Sentinel starts again in time for a certificate that is renewed two weeks or more before its end. */
const SENTINEL_SECONDS = 7 * 24 * 3600;
/** For the pod, and for the operator that tells it its master again. */
const WAIT_SECONDS = 300;
const DEADLINE = 3600;

export interface RedisReloadArgs {
    readonly namespaceName: string;
    /** The namespace of that name, made before. */
    readonly namespace: pulumi.Input<string>;
    readonly instances: RedisNamespaceSettings["instances"];
    /** Connection of each instance, by its name. */
    readonly connections: Readonly<Record<string, RedisConnection>>;
}

/** The instances whose certificate somebody else renews, without an `up`. */
export function renewedElsewhere(
    instances: RedisNamespaceSettings["instances"],
): [string, RedisInstanceSettings][] {
    return Object.entries(instances).filter(([, { tls }]) => tls && tlsSource(tls) !== "own");
}

/**
 * For each instance whose certificate somebody else renews, the CronJob `reload-<instance>`: Redis reads its files again,
 * and Sentinels start again before a certificate ends. Leaves nothing.
 */
export class RedisReload extends pulumi.ComponentResource {
    constructor(name: string, args: RedisReloadArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisReload", name, {}, opts);
        const { namespaceName, namespace, connections } = args;
        const child = { parent: this };
        const data = { [SCRIPT]: fs.readFileSync(path.join(__dirname, "scripts", SCRIPT), "utf8") };
        const scripts = new k8s.core.v1.ConfigMap(
            `${name}-scripts`,
            { metadata: { name: "redis-scripts", namespace, labels: PART_OF }, data },
            child,
        );
        for (const [instance, settings] of renewedElsewhere(args.instances)) {
            new k8s.batch.v1.CronJob(
                `${name}.${instance}`,
                {
                    metadata: { name: `reload-${instance}`, namespace, labels: PART_OF },
                    spec: {
                        schedule: SCHEDULE,
                        timeZone: "Etc/UTC",
                        concurrencyPolicy: "Forbid",
                        startingDeadlineSeconds: DEADLINE,
                        successfulJobsHistoryLimit: 1,
                        failedJobsHistoryLimit: 1,
                        jobTemplate: {
                            metadata: { labels: PART_OF },
                            spec: {
                                backoffLimit: 2,
                                activeDeadlineSeconds: DEADLINE,
                                template: reloadPod(instance, namespaceName, settings, {
                                    passwordSecret: connections[instance]?.secret ?? "",
                                    scripts: scripts.metadata.name,
                                    hash: contentHash(JSON.stringify(data)),
                                }),
                            },
                        },
                    },
                },
                child,
            );
        }
        this.registerOutputs({});
    }
}

/** The pod that lets an instance use its certificate of today. */
export function reloadPod(
    instance: string,
    namespaceName: string,
    settings: RedisInstanceSettings,
    refers: {
        readonly passwordSecret: pulumi.Input<string>;
        readonly scripts: pulumi.Input<string>;
        readonly hash: string;
    },
): k8s.types.input.core.v1.PodTemplateSpec {
    const tls = tlsOfPrograms(instance, settings.tls);
    const secretKeyRef = { name: refers.passwordSecret, key: PASSWORD_KEY };
    return {
        metadata: {
            labels: {
                ...workloadLabels("redis", "reload"),
                "app.kubernetes.io/instance": instance,
            },
            annotations: { "observability/scripts": refers.hash },
        },
        spec: {
            restartPolicy: "Never",
            nodeSelector: LINUX_NODES,
            automountServiceAccountToken: false,
            securityContext: POD_SECURITY,
            containers: [
                {
                    name: "reload",
                    image: redisImages(settings.version).redis,
                    command: ["sh", `${FOLDER}/${SCRIPT}`],
                    env: [
                        { name: "MEMBERS", value: redisMembers(instance, namespaceName, settings) },
                        {
                            name: "SENTINELS",
                            value: sentinelMembers(instance, namespaceName, settings),
                        },
                        { name: "SENTINEL_SECONDS", value: String(SENTINEL_SECONDS) },
                        { name: "WAIT_SECONDS", value: String(WAIT_SECONDS) },
                        { name: "REDISCLI_AUTH", valueFrom: { secretKeyRef } },
                        ...tls.env,
                    ],
                    resources: {
                        requests: { cpu: "20m", memory: "32Mi" },
                        limits: { memory: "64Mi" },
                    },
                    securityContext: CONTAINER_SECURITY,
                    volumeMounts: [
                        { name: "scripts", mountPath: FOLDER, readOnly: true },
                        ...tls.mounts,
                    ],
                },
            ],
            volumes: [
                { name: "scripts", configMap: { name: refers.scripts, defaultMode: 0o555 } },
                ...tls.volumes,
            ],
        },
    };
}
