import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import type { DeclaredInstance } from "../alerting/rules/redis/declared";
import { thresholdsOf } from "../alerting/rules/redis";
import { instanceAlerts } from "../alerting/rules/settings";
import { selectorLabels, workloadLabels } from "../kubernetes/labels";
import { Scraper, serviceMonitor, serviceMonitorSpec } from "../kubernetes/monitors";
import { CONTAINER_SECURITY } from "../kubernetes/podSecurity";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { CA_FILE, trust } from "../kubernetes/trust";
import { seconds } from "../settings/duration";
import { Problem, show } from "../settings/problems";
import { ca, duration, hostPort, objectName, scrapeInterval } from "../settings/scalars";
import { exporterProblems, exporterSettings, exporterVariables } from "./redisExporter";
import { EXPORTER_PORT, exporter, OPERATOR_LABEL, POD_SECURITY } from "./redisPods";
import { USER_KEY, USER_PASSWORD_KEY } from "./redisUsers";

/** A Redis that the operator did not make, such as a provider's: it is watched, and nothing of it is changed. */
export const redisExternal = z.strictObject({
    address: hostPort.describe("Where it listens, as pods of the namespace reach it"),
    secret: objectName
        .meta({ otherwise: "no password" })
        .describe(
            "A Secret of the namespace that is there, with `password`, and `username` of another user than `default`",
        )
        .optional(),
    tls: z
        .strictObject({
            clientCertificate: objectName
                .describe(
                    "A Secret of the namespace with `tls.crt` and `tls.key`, where it asks for a certificate",
                )
                .optional(),
        })
        .describe("It speaks TLS, and its certificate has the name of `address`")
        .optional(),
    ca: ca.describe("With `tls`: authority of its certificate").optional(),
    exporter: exporterSettings
        .describe("What its exporter tells beside what every exporter tells")
        .optional(),
    scrapeInterval: scrapeInterval.describe("Of the exporter").default("30s"),
    scrapeTimeout: duration.describe("At most the interval").default("10s"),
    alerts: instanceAlerts
        .meta({ kind: "map", whole: true, otherwise: "the stack's" })
        .describe("Thresholds of its [alerts](#alerts), by the alert's name")
        .optional(),
});

export type RedisExternalSettings = z.output<typeof redisExternal>;
type Externals = Readonly<Record<string, RedisExternalSettings>>;

const NAME = "redis-exporter";
const COMPONENT = "exporter";
const PORT_NAME = "redis-exporter";
const TRUST = "/trust";
const CLIENT = "/client";

export interface RedisExternalArgs {
    /** What it is called in alerts and dashboards, where an instance has its own name. */
    readonly external: string;
    readonly namespace: pulumi.Input<string>;
    readonly settings: RedisExternalSettings;
    readonly environment: string;
    /** Patterns of the exporter's metrics that are not stored. */
    readonly dropMetrics: readonly string[];
    /** Wait in `pulumi up` until the exporter is ready. */
    readonly waitForReady: boolean;
    readonly scraper: Scraper;
}

/**
 * An exporter for a Redis outside of the operator, whose series have the labels of a single Redis: the same alerts,
 * objectives and dashboards read them. Leaves nothing.
 */
export class RedisExternal extends pulumi.ComponentResource {
    constructor(name: string, args: RedisExternalArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisExternal", name, {}, opts);
        const { external, namespace, settings, waitForReady } = args;
        const child = { parent: this };
        const objectName = exporterName(external);
        const labels = { ...workloadLabels(NAME, COMPONENT), ...identity(external) };
        const selector = { ...selectorLabels(NAME, COMPONENT), ...identity(external) };
        const skip = { "pulumi.com/skipAwait": "true" };
        const authority =
            settings.ca === undefined
                ? undefined
                : trust(
                      `${name}-trust`,
                      { configMap: `${objectName}-ca`, namespace, pem: settings.ca },
                      child,
                  );
        new k8s.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: {
                    name: objectName,
                    namespace,
                    labels,
                    ...(waitForReady ? {} : { annotations: skip }),
                },
                spec: {
                    selector: { matchLabels: selector },
                    // Two at once would be two Redis to who counts them.
                    strategy: { type: "Recreate" },
                    template: {
                        metadata: {
                            labels,
                            ...(authority
                                ? { annotations: { "observability/authority": authority.hash } }
                                : {}),
                        },
                        spec: exporterPod(settings, authority?.configMap),
                    },
                },
            },
            child,
        );
        new k8s.core.v1.Service(
            `${name}-service`,
            {
                // The wait for its pod is the Deployment's.
                metadata: { name: objectName, namespace, labels, annotations: skip },
                spec: {
                    selector,
                    ports: [{ name: PORT_NAME, port: EXPORTER_PORT, targetPort: EXPORTER_PORT }],
                },
            },
            child,
        );
        serviceMonitor(
            name,
            objectName,
            namespace,
            args.scraper,
            serviceMonitorSpec(
                { matchLabels: selector },
                {
                    portName: PORT_NAME,
                    interval: settings.scrapeInterval,
                    timeout: settings.scrapeTimeout,
                    dropMetrics: args.dropMetrics,
                    environment: args.environment,
                },
                { targetLabels: ["app", OPERATOR_LABEL] },
            ),
            child,
        );
        this.registerOutputs({});
    }
}

/** The labels by which rules and dashboards know a single Redis of the operator. */
function identity(external: string): { readonly [label: string]: string } {
    return { app: external, [OPERATOR_LABEL]: "standalone" };
}

function exporterName(external: string): string {
    return `${external}-exporter`;
}

function exporterPod(
    settings: RedisExternalSettings,
    authority: pulumi.Input<string> | undefined,
): k8s.types.input.core.v1.PodSpec {
    const client = settings.tls?.clientCertificate;
    const { image, imagePullPolicy, resources } = exporter() as k8s.types.input.core.v1.Container;
    const answers = { httpGet: { path: "/health", port: EXPORTER_PORT } };
    return {
        nodeSelector: LINUX_NODES,
        automountServiceAccountToken: false,
        securityContext: POD_SECURITY,
        containers: [
            {
                name: NAME,
                image,
                ...(imagePullPolicy ? { imagePullPolicy } : {}),
                ...(resources ? { resources } : {}),
                ports: [{ name: PORT_NAME, containerPort: EXPORTER_PORT }],
                env: externalVariables(settings),
                readinessProbe: answers,
                securityContext: CONTAINER_SECURITY,
                volumeMounts: [
                    ...(authority ? [{ name: "trust", mountPath: TRUST, readOnly: true }] : []),
                    ...(client ? [{ name: "client", mountPath: CLIENT, readOnly: true }] : []),
                ],
            },
        ],
        volumes: [
            ...(authority ? [{ name: "trust", configMap: { name: authority } }] : []),
            ...(client ? [{ name: "client", secret: { secretName: client } }] : []),
        ],
    };
}

/** The exporter's variables: https://github.com/oliver006/redis_exporter#command-line-flags. Certificates are checked. */
export function externalVariables(
    settings: RedisExternalSettings,
): k8s.types.input.core.v1.EnvVar[] {
    const { address, secret, tls, ca: authority } = settings;
    const from = (key: string, optional?: true) => ({
        secretKeyRef: { name: secret ?? "", key, ...(optional ? { optional } : {}) },
    });
    return [
        { name: "REDIS_ADDR", value: `${tls ? "rediss" : "redis"}://${address}` },
        { name: "REDIS_EXPORTER_WEB_LISTEN_ADDRESS", value: `:${EXPORTER_PORT}` },
        { name: "REDIS_EXPORTER_INCL_SYSTEM_METRICS", value: "true" },
        ...(secret
            ? [
                  { name: "REDIS_USER", valueFrom: from(USER_KEY, true) },
                  { name: "REDIS_PASSWORD", valueFrom: from(USER_PASSWORD_KEY) },
              ]
            : []),
        ...(authority === undefined
            ? []
            : [{ name: "REDIS_EXPORTER_TLS_CA_CERT_FILE", value: `${TRUST}/${CA_FILE}` }]),
        ...(tls?.clientCertificate
            ? [
                  { name: "REDIS_EXPORTER_TLS_CLIENT_CERT_FILE", value: `${CLIENT}/tls.crt` },
                  { name: "REDIS_EXPORTER_TLS_CLIENT_KEY_FILE", value: `${CLIENT}/tls.key` },
              ]
            : []),
        ...exporterVariables(settings.exporter),
    ];
}

/** What the alerts of a namespace must know of them. */
export function declaredExternals(externals: Externals = {}): DeclaredInstance[] {
    return Object.entries(externals).map(([external, { alerts }]) => ({
        instance: external,
        workloads: [{ app: external, pods: 1, setupType: "standalone" }],
        thresholds: thresholdsOf(alerts ?? {}),
    }));
}

/** What this stack makes for them, by kind and name, beside what the operator makes of instances. */
export function externalObjects(external: string): string[] {
    // Of one name, rules would take both for the same.
    return [`StatefulSet "${external}"`, `Service "${exporterName(external)}"`];
}

/** What is wrong in one; `path` is its own. */
export function externalProblems(path: string, settings: RedisExternalSettings): Problem[] {
    const { scrapeInterval: interval, scrapeTimeout: timeout, exporter: told } = settings;
    return [
        ...(seconds(timeout) > seconds(interval)
            ? [
                  {
                      path: `${path}.scrapeTimeout`,
                      got: show(timeout),
                      allowed: `at most scrapeInterval (${interval}): Prometheus refuses a longer timeout`,
                  },
              ]
            : []),
        ...(settings.ca !== undefined && !settings.tls
            ? [
                  {
                      path: `${path}.ca`,
                      got: "an authority without TLS",
                      allowed: "nothing without tls, or tls: {}",
                  },
              ]
            : []),
        ...exporterProblems(path, { mode: "standalone", exporter: told, config: undefined }),
    ];
}
