import assert from "node:assert/strict";

import { find, listAt, ofKind, valueAt } from "../../../lab/program/objects";
import { previewOf } from "../../../lab/program/runs";
import type { Settings } from "../../../lab/program/stackFile";
import { refuses } from "../../support/refusalTable";

const GATEWAY = { name: "shared", namespace: "gateways", listener: "https" };
const ingress = (more: Settings = {}) => ({
    ingress: {
        enabled: true,
        gateway: GATEWAY,
        controllerNamespace: "gateways",
        hosts: { grafana: "grafana.example.com", prometheus: "prometheus.example.com" },
        loginBefore: ["prometheus"],
        annotations: { grafana: { "external-dns.alpha.kubernetes.io/ttl": "60" } },
        ...more,
    },
});

describe("Pages behind a Gateway", () => {
    it("are routes of it to the Services, with the edge for its pods, and no Ingress", async () => {
        const run = await previewOf("prod", ingress());
        assert.deepEqual(ofKind(run, "Ingress"), []);
        const { manifest, namespace, apiVersion } = {
            ...find(run, "HTTPRoute", "grafana"),
            apiVersion: find(run, "HTTPRoute", "grafana").manifest.apiVersion,
        };
        assert.equal(apiVersion, "gateway.networking.k8s.io/v1");
        assert.equal(namespace, "monitoring");
        assert.deepEqual(manifest.spec, {
            parentRefs: [{ name: "shared", namespace: "gateways", sectionName: "https" }],
            hostnames: ["grafana.example.com"],
            rules: [
                {
                    matches: [{ path: { type: "PathPrefix", value: "/" } }],
                    backendRefs: [{ name: "kube-prometheus-stack-grafana", port: 80 }],
                },
            ],
        });
        const annotations = valueAt(manifest, "metadata", "annotations");
        assert.equal(valueAt(annotations, "external-dns.alpha.kubernetes.io/ttl"), "60");
        assert.ok(find(run, "HTTPRoute", "prometheus"));
        const policy = find(run, "NetworkPolicy", "ingress-controller-to-grafana").manifest;
        assert.deepEqual(
            listAt(policy, "spec", "ingress").flatMap((rule) => listAt(rule, "from")),
            [
                {
                    namespaceSelector: {
                        matchLabels: { "kubernetes.io/metadata.name": "gateways" },
                    },
                },
            ],
        );
        const endpoints = run.outputs.endpoints as { grafana: { externalUrl: string } };
        assert.equal(endpoints.grafana.externalUrl, "https://grafana.example.com");
    });

    refuses({
        "a class and a certificate beside it": {
            change: ingress({ className: "nginx", tlsSecretName: "pages" }),
            says: [
                `ingress.className: got "nginx"; nothing beside ingress.gateway: no class chooses it`,
                `ingress.tlsSecretName: got "pages"; nothing beside ingress.gateway: its listener has the certificate`,
            ],
        },
        "a page without a login, as behind an Ingress": {
            change: ingress({ loginBefore: [] }),
            says: `ingress.hosts.prometheus: got "prometheus.example.com" for a page that asks nobody for a login; no host, ingress.login, or prometheus in ingress.loginBefore once something before it asks for one, such as oauth2-proxy by an annotation of the controller (docs/adapting.md)`,
        },
        "a listener that is none": {
            change: ingress({ gateway: { ...GATEWAY, listener: "HTTPS 443" } }),
            says: `ingress.gateway.listener: got "HTTPS 443"; allowed: the name of a listener: 1 to 253 of a-z, 0-9, '-' and '.'`,
        },
    });
});
