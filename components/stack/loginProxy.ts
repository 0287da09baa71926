import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { httpService, SKIP_AWAIT } from "../kubernetes/httpService";
import { PART_OF, selectorLabels, workloadLabels } from "../kubernetes/labels";
import { CONTAINER_SECURITY } from "../kubernetes/podSecurity";
import { PATIENT } from "../kubernetes/probes";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { CA_FILE, Trust, trust } from "../kubernetes/trust";
import { allowIngress, clusterUrl, ServiceEndpoint } from "../kubernetes/wiring";
import { IMAGES } from "../versions";
import type { LoginSettings } from "./ingressSettings";

const COMPONENT = "login";
const PORT = 4180;
const COOKIE_KEY = "cookie-secret";
const TRUST = "/etc/login/trust";

export interface LoginProxyArgs {
    /** The page that has no login, by the name that the configuration gives its host. */
    readonly page: string;
    /** Where the page answers. */
    readonly endpoint: ServiceEndpoint;
    /** Where people open it, without a path. */
    readonly url: string;
    readonly settings: LoginSettings;
    /** Wait in `pulumi up` until it is ready. */
    readonly waitForReady: boolean;
}

/**
 * An oauth2-proxy before one page: whoever is not signed in at the provider gets no further. Needs the client's Secret in
 * the page's namespace; leaves nothing.
 */
export class LoginProxy extends pulumi.ComponentResource {
    /** What is exposed in place of the page. */
    public readonly endpoint: ServiceEndpoint;

    constructor(name: string, args: LoginProxyArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:LoginProxy", name, {}, opts);
        const { endpoint, settings, waitForReady } = args;
        const { namespace } = endpoint.workload;
        const child = { parent: this };
        const podLabels = selectorLabels(name, COMPONENT);
        const metadata = { name, namespace, labels: workloadLabels(name, COMPONENT) };
        // 32 bytes, of which AES-256 makes its key.
        const cookie = new random.RandomPassword(
            `${name}-cookie`,
            { length: 32, special: false },
            child,
        );
        const secret = new k8s.core.v1.Secret(
            `${name}-secret`,
            {
                metadata: { name, namespace, labels: PART_OF },
                stringData: { [COOKIE_KEY]: cookie.result },
            },
            child,
        );
        const authority = settings.ca
            ? trust(`${name}-ca`, { configMap: `${name}-ca`, namespace, pem: settings.ca }, child)
            : undefined;
        new k8s.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: { ...metadata, ...(waitForReady ? {} : SKIP_AWAIT) },
                spec: {
                    replicas: 2,
                    selector: { matchLabels: podLabels },
                    template: loginPod(name, args, secret.metadata.name, authority),
                },
            },
            child,
        );
        this.endpoint = httpService(`${name}-service`, { metadata, podLabels, port: PORT }, child);
        new k8s.policy.v1.PodDisruptionBudget(
            `${name}-pdb`,
            { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: podLabels } } },
            child,
        );
        allowIngress(
            `${name}-to-${args.page}`,
            { from: [this.endpoint.workload], to: [endpoint] },
            child,
        );
        this.registerOutputs({});
    }
}

/** What oauth2-proxy reads: https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview. */
export function loginVariables({
    page,
    url,
    settings,
}: Pick<LoginProxyArgs, "page" | "url" | "settings">): Record<string, string> {
    const { issuerUrl, clientId, groups, groupsClaim, ca } = settings;
    return {
        OAUTH2_PROXY_HTTP_ADDRESS: `:${PORT}`,
        OAUTH2_PROXY_PROVIDER: "oidc",
        OAUTH2_PROXY_OIDC_ISSUER_URL: issuerUrl,
        OAUTH2_PROXY_OIDC_GROUPS_CLAIM: groupsClaim,
        OAUTH2_PROXY_CLIENT_ID: clientId,
        OAUTH2_PROXY_REDIRECT_URL: `${url}/oauth2/callback`,
        // Whom the provider lets use this client, or who is in one of the groups.
        OAUTH2_PROXY_EMAIL_DOMAINS: "*",
        ...(groups.length > 0 ? { OAUTH2_PROXY_ALLOWED_GROUPS: groups.join(",") } : {}),
        OAUTH2_PROXY_CODE_CHALLENGE_METHOD: "S256",
        OAUTH2_PROXY_COOKIE_NAME: `_observability_${page}`,
        OAUTH2_PROXY_COOKIE_SECURE: String(url.startsWith("https:")),
        OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true",
        ...(ca
            ? {
                  OAUTH2_PROXY_PROVIDER_CA_FILES: `${TRUST}/${CA_FILE}`,
                  OAUTH2_PROXY_USE_SYSTEM_TRUST_STORE: "true",
              }
            : {}),
    };
}

function loginPod(
    name: string,
    args: LoginProxyArgs,
    cookieSecret: pulumi.Input<string>,
    authority: Trust | undefined,
): k8s.types.input.core.v1.PodTemplateSpec {
    const variables = Object.entries(loginVariables(args)).map(([variable, value]) => ({
        name: variable,
        value,
    }));
    const secretOf = (
        variable: string,
        reference: { name: pulumi.Input<string>; key: string },
    ) => ({
        name: variable,
        valueFrom: { secretKeyRef: reference },
    });
    const probe = (path: string) => ({ httpGet: { path, port: "http" } });
    return {
        metadata: {
            labels: workloadLabels(name, COMPONENT),
            // It reads them once.
            ...(authority ? { annotations: { "observability/ca": authority.hash } } : {}),
        },
        spec: {
            nodeSelector: LINUX_NODES,
            automountServiceAccountToken: false,
            securityContext: {
                runAsNonRoot: true,
                runAsUser: 65532,
                runAsGroup: 65532,
                seccompProfile: { type: "RuntimeDefault" },
            },
            topologySpreadConstraints: [
                {
                    maxSkew: 1,
                    topologyKey: "kubernetes.io/hostname",
                    whenUnsatisfiable: "ScheduleAnyway",
                    labelSelector: { matchLabels: selectorLabels(name, COMPONENT) },
                },
            ],
            containers: [
                {
                    name: COMPONENT,
                    image: IMAGES.oauth2Proxy,
                    env: [
                        ...variables,
                        { name: "OAUTH2_PROXY_UPSTREAMS", value: clusterUrl(args.endpoint) },
                        secretOf("OAUTH2_PROXY_CLIENT_SECRET", args.settings.clientSecret),
                        secretOf("OAUTH2_PROXY_COOKIE_SECRET", {
                            name: cookieSecret,
                            key: COOKIE_KEY,
                        }),
                    ],
                    ports: [{ name: "http", containerPort: PORT }],
                    readinessProbe: probe("/ready"),
                    livenessProbe: { ...probe("/ping"), ...PATIENT },
                    resources: {
                        requests: { cpu: "10m", memory: "32Mi" },
                        limits: { memory: "128Mi" },
                    },
                    securityContext: CONTAINER_SECURITY,
                    ...(authority
                        ? { volumeMounts: [{ name: "trust", mountPath: TRUST, readOnly: true }] }
                        : {}),
                },
            ],
            ...(authority
                ? { volumes: [{ name: "trust", configMap: { name: authority.configMap } }] }
                : {}),
        },
    };
}
