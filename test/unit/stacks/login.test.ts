import assert from "node:assert/strict";

import { find, listAt, ofKind, textAt, valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";
import type { Settings } from "../../../lab/program/stackFile";
import { refuses } from "../../support/refusalTable";

const LOGIN = {
    issuerUrl: "https://id.example.com/realms/example",
    clientId: "pages",
    clientSecret: { name: "page-login", key: "client-secret" },
    groups: ["sre", "developers"],
};
const ingress = (more: Settings = {}) => ({
    ingress: {
        enabled: true,
        className: "nginx",
        controllerNamespace: "ingress-nginx",
        tlsSecretName: "pages",
        hosts: {
            grafana: "grafana.example.com",
            prometheus: "prometheus.example.com",
            alertmanager: "alertmanager.example.com",
            jaeger: "jaeger.example.com",
        },
        // Something else asks before this one.
        loginBefore: ["alertmanager"],
        login: LOGIN,
        ...more,
    },
});

/** Where an Ingress leads: Service and port. */
function behind(run: ProgramRun, name: string): unknown {
    const { manifest } = find(run, "Ingress", name);
    const [rule] = listAt(manifest, "spec", "rules");
    const [path] = listAt(rule, "http", "paths");
    return valueAt(path, "backend", "service");
}

describe("A login of the stack's own", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("prod", ingress());
    });

    it("is what the hosts of pages without one lead to, and of no other page", () => {
        assert.deepEqual(behind(run, "prometheus"), {
            name: "login-prometheus",
            port: { number: 4180 },
        });
        assert.deepEqual(behind(run, "jaeger"), { name: "login-jaeger", port: { number: 4180 } });
        for (const page of ["grafana", "alertmanager"]) {
            const service = textAt(behind(run, page), "name");
            assert.doesNotMatch(service, /^login/, page);
        }
        const made = ofKind(run, "Deployment").filter(({ name }) => /^login-/.test(name));
        assert.deepEqual(made.map(({ namespace, name }) => `${namespace}/${name}`).sort(), [
            "monitoring/login-prometheus",
            "tracing/login-jaeger",
        ]);
    });

    it("alone is let in by the controller, and alone asks the page for it", () => {
        const selected = (name: string) =>
            valueAt(
                find(run, "NetworkPolicy", name).manifest,
                "spec",
                "podSelector",
                "matchLabels",
            );
        const login = {
            "app.kubernetes.io/name": "login-prometheus",
            "app.kubernetes.io/component": "login",
        };
        assert.deepEqual(selected("ingress-controller-to-prometheus"), login);
        const [rule] = listAt(
            find(run, "NetworkPolicy", "login-prometheus-to-prometheus").manifest,
            "spec",
            "ingress",
        );
        const [from] = listAt(rule, "from");
        assert.deepEqual(valueAt(from, "podSelector", "matchLabels"), login);
    });

    it("asks the provider, and keeps its secrets in Secrets", () => {
        const { manifest } = find(run, "Deployment", "login-prometheus");
        const [container] = listAt(manifest, "spec", "template", "spec", "containers");
        const variables = Object.fromEntries(
            listAt(container, "env").map((each) => [
                textAt(each, "name").replace("OAUTH2_PROXY_", ""),
                valueAt(each, "value") ?? valueAt(each, "valueFrom", "secretKeyRef"),
            ]),
        );
        assert.deepEqual(variables, {
            HTTP_ADDRESS: ":4180",
            PROVIDER: "oidc",
            OIDC_ISSUER_URL: "https://id.example.com/realms/example",
            OIDC_GROUPS_CLAIM: "groups",
            CLIENT_ID: "pages",
            REDIRECT_URL: "https://prometheus.example.com/oauth2/callback",
            EMAIL_DOMAINS: "*",
            ALLOWED_GROUPS: "sre,developers",
            CODE_CHALLENGE_METHOD: "S256",
            COOKIE_NAME: "_observability_prometheus",
            COOKIE_SECURE: "true",
            SKIP_PROVIDER_BUTTON: "true",
            UPSTREAMS: "http://kube-prometheus-stack-prometheus.monitoring.svc:9090",
            CLIENT_SECRET: { name: "page-login", key: "client-secret" },
            COOKIE_SECRET: { name: "login-prometheus", key: "cookie-secret" },
        });
    });
});

describe("A login of the stack's own, told wrongly", () => {
    refuses({
        "before no page": {
            change: ingress({ hosts: { grafana: "grafana.example.com" }, loginBefore: [] }),
            says: "ingress.login: got a login before no page; nothing, or a host of prometheus, alertmanager or jaeger that is not in ingress.loginBefore",
        },
        "without the client's Secret": {
            change: ingress({ login: { issuerUrl: LOGIN.issuerUrl, clientId: "pages" } }),
            says: "ingress.login.clientSecret: got nothing; allowed: a map with name, key",
        },
        "a provider that is no URL": {
            change: ingress({ login: { ...LOGIN, issuerUrl: "id.example.com" } }),
            says: `ingress.login.issuerUrl: got "id.example.com"; allowed: an http or https URL such as https://example.com/path: a host, no spaces, no user or password, nothing after ? or #`,
        },
    });
});
