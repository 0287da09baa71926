import assert from "node:assert/strict";

import { authorities } from "../../../components/metrics/grafanaAccess";
import { kubePrometheusStackValues } from "../../../components/metrics/kubePrometheusStackValues";
import { grafanaKey } from "../../../components/metrics/settings";
import { valueAt } from "../../../lab/program/objects";
import { privateAuthority } from "../../support/authority";
import { exampleStackValues } from "../../support/exampleConfig";

const REFERENCES = {
    grafanaAdmin: "grafana-admin",
    alertmanagerConfig: "alertmanager-config",
    alertmanagerReceivers: "alertmanager-receivers",
    nodeExporterNamespace: "node-exporter",
};
const SHARED = { clientId: "grafana", clientSecret: { name: "grafana-sign-in", key: "secret" } };
const ROLES = { admin: ["sre", "root"], editor: ["dev"] };

/** Grafana's values, as the chart gets them. */
function grafana(settings: object): unknown {
    const parsed = grafanaKey.parse({ storageSize: "2Gi", ...settings });
    const values = kubePrometheusStackValues(exampleStackValues({ grafana: parsed }), REFERENCES);
    return valueAt(values, "grafana");
}

const section = (settings: object, name: string) => valueAt(grafana(settings), "grafana.ini", name);

describe("Signing in to Grafana", () => {
    it("is by password alone when nothing is said", () => {
        assert.equal(section({}, "auth"), undefined);
        assert.equal(valueAt(grafana({}), "envValueFrom"), undefined);
    });

    it("asks an OpenID provider, with roles by its groups and the secret in a variable", () => {
        const signIn = {
            ...SHARED,
            provider: "generic",
            authUrl: "https://id.example.com/authorize",
            tokenUrl: "https://id.example.com/token",
            userUrl: "https://id.example.com/userinfo",
            groupsClaim: "realm_access.roles",
            roles: ROLES,
            passwordLogin: false,
        };
        assert.deepEqual(section({ signIn }, "auth"), { disable_login_form: true });
        assert.deepEqual(section({ signIn }, "auth.generic_oauth"), {
            enabled: true,
            client_id: "grafana",
            allow_sign_up: true,
            use_pkce: true,
            name: "SSO",
            scopes: "openid profile email groups",
            auth_url: "https://id.example.com/authorize",
            token_url: "https://id.example.com/token",
            api_url: "https://id.example.com/userinfo",
            role_attribute_path:
                "contains(realm_access.roles[*], 'sre') && 'Admin' || contains(realm_access.roles[*], 'root') && 'Admin' || contains(realm_access.roles[*], 'dev') && 'Editor' || 'Viewer'",
        });
        assert.deepEqual(valueAt(grafana({ signIn }), "envValueFrom"), {
            GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET: {
                secretKeyRef: { name: "grafana-sign-in", key: "secret" },
            },
        });
    });

    it("asks Microsoft, Google and GitHub by their own sections", () => {
        const entra = section(
            { signIn: { ...SHARED, provider: "entra", tenant: "example.com", roles: ROLES } },
            "auth.azuread",
        );
        assert.equal(
            valueAt(entra, "token_url"),
            "https://login.microsoftonline.com/example.com/oauth2/v2.0/token",
        );
        assert.equal(
            valueAt(entra, "org_mapping"),
            "sre:1:Admin root:1:Admin dev:1:Editor *:1:Viewer",
        );
        const google = section(
            { signIn: { ...SHARED, provider: "google", domains: ["example.com", "example.org"] } },
            "auth.google",
        );
        assert.equal(valueAt(google, "allowed_domains"), "example.com example.org");
        assert.equal(valueAt(google, "role_attribute_path"), undefined);
        const github = {
            ...SHARED,
            provider: "github",
            organizations: ["example"],
            roles: { admin: ["@example/sre"] },
        };
        assert.equal(
            valueAt(section({ signIn: github }, "auth.github"), "role_attribute_path"),
            "contains(groups[*], '@example/sre') && 'Admin' || 'Viewer'",
        );
        assert.deepEqual(
            Object.keys(valueAt(grafana({ signIn: github }), "envValueFrom") as object),
            ["GF_AUTH_GITHUB_CLIENT_SECRET"],
        );
    });

    it("refuses what would let everybody in, and groups that would end the expression", () => {
        const refused = (signIn: object) =>
            grafanaKey
                .safeParse({ storageSize: "2Gi", signIn: { ...SHARED, ...signIn } })
                .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
        assert.deepEqual(refused({ provider: "google", domains: [] }), [
            "signIn.domains: allowed: at least one domain: everybody with an account of Google could sign in",
        ]);
        assert.deepEqual(refused({ provider: "github", organizations: [] }), [
            "signIn.organizations: allowed: at least one organization: everybody with an account of GitHub could sign in",
        ]);
        assert.match(
            refused({
                provider: "github",
                organizations: ["example"],
                roles: { admin: ["x') || 'Admin"] },
            })?.join() ?? "",
            /^signIn\.roles\.admin\.0: .*without quotes/,
        );
    });
});

describe("Grafana with companies' own authorities", () => {
    it("trusts those of the provider and of the mail server beside the public ones", async () => {
        const { ca: authority } = await privateAuthority("company");
        const settings = {
            signIn: {
                ...SHARED,
                provider: "generic",
                authUrl: "https://id.example.com/authorize",
                tokenUrl: "https://id.example.com/token",
                userUrl: "https://id.example.com/userinfo",
                ca: authority,
            },
            smtp: { address: "smtp.example.com:587", from: "a@example.com", ca: authority },
        };
        assert.deepEqual(valueAt(grafana(settings), "env"), {
            SSL_CERT_DIR: "/etc/ssl/certs:/etc/grafana-authorities",
        });
        assert.deepEqual(valueAt(grafana(settings), "extraConfigmapMounts"), [
            {
                name: "grafana-authorities",
                configMap: "grafana-authorities",
                mountPath: "/etc/grafana-authorities",
                readOnly: true,
            },
        ]);
        const { signIn, smtp } = grafanaKey.parse({ storageSize: "2Gi", ...settings });
        assert.deepEqual(authorities(signIn, smtp), {
            "sign-in.crt": authority,
            "smtp.crt": authority,
        });
    });
});

describe("Mail of Grafana", () => {
    it("goes through the server, encrypted, with its password in a variable", () => {
        const smtp = {
            address: "smtp.example.com:587",
            from: "grafana@example.com",
            user: "grafana",
            password: { name: "mail", key: "password" },
        };
        assert.deepEqual(section({ smtp }, "smtp"), {
            enabled: true,
            host: "smtp.example.com:587",
            from_address: "grafana@example.com",
            user: "grafana",
            startTLS_policy: "MandatoryStartTLS",
        });
        assert.deepEqual(valueAt(grafana({ smtp }), "envValueFrom"), {
            GF_SMTP_PASSWORD: { secretKeyRef: { name: "mail", key: "password" } },
        });
    });
});
