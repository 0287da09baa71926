import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { httpService, SKIP_AWAIT } from "../../kubernetes/httpService";
import { PART_OF, selectorLabels, workloadLabels } from "../../kubernetes/labels";
import { CONTAINER_SECURITY } from "../../kubernetes/podSecurity";
import { PATIENT } from "../../kubernetes/probes";
import { LINUX_NODES } from "../../kubernetes/scheduling";
import { CA_FILE, Trust, trust } from "../../kubernetes/trust";
import { address, ServiceEndpoint } from "../../kubernetes/wiring";
import { IMAGES } from "../../versions";

const NAME = "notification-relay";
const COMPONENT = "alerting";
const PORT = 8080;
const SCRIPT = fs.readFileSync(path.join(__dirname, "relay.mjs"), "utf8");

export interface NotificationRelayArgs {
    readonly namespace: pulumi.Input<string>;
    readonly replicas: number;
    /** Wait in `pulumi up` until it is ready. */
    readonly waitForReady: boolean;
    /** Secrets of the receivers that it posts to, by the name of the file; or the name of a Secret that has them. */
    readonly secrets: string | Readonly<Record<string, pulumi.Input<string>>>;
    /** Private authorities of their services, as PEM; trusted beside the public ones. Empty without any. */
    readonly ca: string;
}

/**
 * Posts Alertmanager's messages to robots of group chats, which want a signature or answer in a way that Alertmanager
 * does not read: docs/adr/0013-notification-relay.md. Nothing connects to it until an edge is opened.
 */
export class NotificationRelay extends pulumi.ComponentResource {
    readonly endpoint: ServiceEndpoint;
    /** URL below which each receiver has its path. */
    readonly url: pulumi.Output<string>;

    constructor(name: string, args: NotificationRelayArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:NotificationRelay", name, {}, opts);
        const { namespace, replicas, waitForReady } = args;
        const child = { parent: this };
        const podLabels = selectorLabels(NAME, COMPONENT);
        const selector = { matchLabels: podLabels };
        const metadata = { name: NAME, namespace, labels: workloadLabels(NAME, COMPONENT) };
        const script = new k8s.core.v1.ConfigMap(
            `${name}-script`,
            { metadata, data: { "relay.mjs": SCRIPT } },
            child,
        );
        const secrets =
            typeof args.secrets === "string"
                ? args.secrets
                : new k8s.core.v1.Secret(
                      `${name}-receivers`,
                      {
                          metadata: { name: `${NAME}-receivers`, namespace, labels: PART_OF },
                          stringData: { ...args.secrets },
                      },
                      child,
                  ).metadata.name;
        const references: References = {
            script: script.metadata.name,
            secrets,
            ...(args.ca
                ? {
                      trust: trust(
                          `${name}-ca`,
                          { configMap: `${NAME}-ca`, namespace, pem: args.ca },
                          child,
                      ),
                  }
                : {}),
        };
        new k8s.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: { ...metadata, ...(waitForReady ? {} : SKIP_AWAIT) },
                spec: {
                    replicas,
                    selector,
                    template: relayPod(references),
                },
            },
            child,
        );
        this.endpoint = httpService(`${name}-service`, { metadata, podLabels, port: PORT }, child);
        new k8s.policy.v1.PodDisruptionBudget(
            `${name}-pdb`,
            { metadata, spec: { maxUnavailable: 1, selector } },
            child,
        );
        this.url = pulumi.interpolate`http://${address(this.endpoint)}`;
        this.registerOutputs({ url: this.url });
    }
}

interface References {
    readonly script: pulumi.Input<string>;
    readonly secrets: pulumi.Input<string>;
    readonly trust?: Trust;
}

const TRUST = "/etc/relay/trust";

/** Its pod; a changed script changes the template, and so rolls it. Changed secrets are read at the next message. */
export function relayPod(references: References): k8s.types.input.core.v1.PodTemplateSpec {
    const { trust: authorities } = references;
    const probe = { httpGet: { path: "/healthz", port: "http" } };
    return {
        metadata: {
            labels: workloadLabels(NAME, COMPONENT),
            annotations: {
                "observability/script": createHash("sha256")
                    .update(SCRIPT)
                    .digest("hex")
                    .slice(0, 16),
                // Node.js reads them once.
                ...(authorities ? { "observability/ca": authorities.hash } : {}),
            },
        },
        spec: {
            nodeSelector: LINUX_NODES,
            automountServiceAccountToken: false,
            securityContext: {
                runAsNonRoot: true,
                runAsUser: 10001,
                runAsGroup: 10001,
                fsGroup: 10001,
                seccompProfile: { type: "RuntimeDefault" },
            },
            topologySpreadConstraints: [
                {
                    maxSkew: 1,
                    topologyKey: "kubernetes.io/hostname",
                    whenUnsatisfiable: "ScheduleAnyway",
                    labelSelector: { matchLabels: selectorLabels(NAME, COMPONENT) },
                },
            ],
            containers: [
                {
                    name: NAME,
                    image: IMAGES.node,
                    command: ["node", "/etc/relay/script/relay.mjs"],
                    env: [
                        { name: "RELAY_PORT", value: String(PORT) },
                        { name: "RELAY_SECRETS", value: "/etc/relay/secrets" },
                        ...(authorities
                            ? [{ name: "NODE_EXTRA_CA_CERTS", value: `${TRUST}/${CA_FILE}` }]
                            : []),
                    ],
                    ports: [{ name: "http", containerPort: PORT }],
                    readinessProbe: probe,
                    livenessProbe: { ...probe, ...PATIENT },
                    resources: {
                        requests: { cpu: "10m", memory: "64Mi" },
                        limits: { memory: "128Mi" },
                    },
                    securityContext: CONTAINER_SECURITY,
                    volumeMounts: [
                        { name: "script", mountPath: "/etc/relay/script", readOnly: true },
                        { name: "secrets", mountPath: "/etc/relay/secrets", readOnly: true },
                        ...(authorities
                            ? [{ name: "trust", mountPath: TRUST, readOnly: true }]
                            : []),
                    ],
                },
            ],
            volumes: [
                { name: "script", configMap: { name: references.script } },
                { name: "secrets", secret: { secretName: references.secrets, defaultMode: 0o440 } },
                ...(authorities
                    ? [{ name: "trust", configMap: { name: authorities.configMap } }]
                    : []),
            ],
        },
    };
}
