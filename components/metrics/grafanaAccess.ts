import type { HelmValues } from "../kubernetes/helmRelease";
import type { SignInSettings, SmtpSettings } from "./grafanaSettings";
import type { SecretReference } from "./secretReference";

/** ConfigMap with authorities that Grafana trusts beside the public ones, and where it reads them. */
export const AUTHORITIES = "grafana-authorities";
const AUTHORITIES_FOLDER = "/etc/grafana-authorities";

/** Variables of Grafana's container with the account of an Elasticsearch that is there already. */
export const LOGS_ENV = { username: "LOGS_USERNAME", password: "LOGS_PASSWORD" } as const;

/** Section of grafana.ini for each provider, which the names of its variables are made of. */
const SECTIONS = {
    generic: "generic_oauth",
    entra: "azuread",
    google: "google",
    github: "github",
} as const;

/**
 * Sections of grafana.ini for signing in and for mail. Secrets are variables of the container, never in the ConfigMap:
 * https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#override-configuration-with-environment-variables.
 */
export function accessIni(
    signIn: SignInSettings | undefined,
    smtp: SmtpSettings | undefined,
): HelmValues {
    return {
        ...(signIn
            ? {
                  auth: { disable_login_form: !signIn.passwordLogin },
                  [`auth.${SECTIONS[signIn.provider]}`]: {
                      enabled: true,
                      client_id: signIn.clientId,
                      // The provider says who is let in, above; an account of Grafana's follows from it.
                      allow_sign_up: true,
                      use_pkce: true,
                      ...provider(signIn),
                  },
              }
            : {}),
        ...(smtp
            ? {
                  smtp: {
                      enabled: true,
                      host: smtp.address,
                      from_address: smtp.from,
                      ...(smtp.user ? { user: smtp.user } : {}),
                      startTLS_policy: "MandatoryStartTLS",
                  },
              }
            : {}),
    };
}

/** What its pod needs for that, as values of the chart. */
export function accessPod(
    signIn: SignInSettings | undefined,
    smtp: SmtpSettings | undefined,
    /** Secret with the account of an Elasticsearch that is there already. */
    logsSecret?: string,
): HelmValues {
    const variables = {
        ...(signIn
            ? {
                  [`GF_AUTH_${SECTIONS[signIn.provider].toUpperCase()}_CLIENT_SECRET`]: fromSecret(
                      signIn.clientSecret,
                  ),
              }
            : {}),
        ...(smtp?.password ? { GF_SMTP_PASSWORD: fromSecret(smtp.password) } : {}),
        ...(logsSecret
            ? {
                  [LOGS_ENV.username]: fromSecret({ name: logsSecret, key: "username" }),
                  [LOGS_ENV.password]: fromSecret({ name: logsSecret, key: "password" }),
              }
            : {}),
    };
    return {
        ...(Object.keys(variables).length > 0 ? { envValueFrom: variables } : {}),
        ...(Object.keys(authorities(signIn, smtp)).length === 0
            ? {}
            : {
                  // Go's own, of every connection: https://pkg.go.dev/crypto/x509#SystemCertPool.
                  env: { SSL_CERT_DIR: `/etc/ssl/certs:${AUTHORITIES_FOLDER}` },
                  extraConfigmapMounts: [
                      {
                          name: AUTHORITIES,
                          configMap: AUTHORITIES,
                          mountPath: AUTHORITIES_FOLDER,
                          readOnly: true,
                      },
                  ],
              }),
    };
}

/** Companies' own authorities, by file name. */
export function authorities(
    signIn: SignInSettings | undefined,
    smtp: SmtpSettings | undefined,
): Record<string, string> {
    return {
        ...(signIn?.provider === "generic" && signIn.ca ? { "sign-in.crt": signIn.ca } : {}),
        ...(smtp?.ca ? { "smtp.crt": smtp.ca } : {}),
    };
}

function fromSecret({ name, key }: SecretReference): HelmValues {
    return { secretKeyRef: { name, key } };
}

function provider(signIn: SignInSettings): HelmValues {
    switch (signIn.provider) {
        case "generic":
            return {
                name: signIn.name,
                scopes: "openid profile email groups",
                auth_url: signIn.authUrl,
                token_url: signIn.tokenUrl,
                api_url: signIn.userUrl,
                ...roles(signIn),
            };
        case "entra": {
            const base = `https://login.microsoftonline.com/${signIn.tenant}/oauth2/v2.0`;
            return {
                name: "Microsoft",
                scopes: "openid email profile",
                auth_url: `${base}/authorize`,
                token_url: `${base}/token`,
                // It has no expression for roles; the last takes everybody else.
                org_mapping: [
                    ...signIn.roles.admin.map((group) => `${group}:1:Admin`),
                    ...signIn.roles.editor.map((group) => `${group}:1:Editor`),
                    "*:1:Viewer",
                ].join(" "),
            };
        }
        case "google":
            return {
                scopes: "openid email profile https://www.googleapis.com/auth/cloud-identity.groups.readonly",
                allowed_domains: signIn.domains.join(" "),
                ...roles(signIn),
            };
        case "github":
            return {
                scopes: "user:email,read:org",
                allowed_organizations: signIn.organizations.join(" "),
                ...roles(signIn),
            };
    }
}

/** JMESPath that gives a role to whoever is in a group; everybody else reads, which is Grafana's default. */
function roles(signIn: SignInSettings): HelmValues {
    const claim = signIn.provider === "generic" ? signIn.groupsClaim : "groups";
    const { admin, editor } = signIn.roles;
    const has = (groups: readonly string[], role: string) =>
        groups.map((group) => `contains(${claim}[*], '${group}') && '${role}'`);
    return admin.length + editor.length === 0
        ? {}
        : {
              role_attribute_path: [
                  ...has(admin, "Admin"),
                  ...has(editor, "Editor"),
                  "'Viewer'",
              ].join(" || "),
          };
}
