import assert from "node:assert/strict";

import { externalUrl } from "../../../components/stack/ingress";

const INGRESS = {
    enabled: true,
    className: "nginx",
    sourceRanges: [],
    controllerNamespace: "ingress-nginx",
    tlsSecretName: "web-tls",
    annotations: {},
    hosts: { grafana: "g.example.com", prometheus: "" },
};

describe("URL of an endpoint from outside of the cluster", () => {
    it("is https where the Ingress has a certificate, and http where it has none", () => {
        assert.equal(externalUrl(INGRESS, "grafana"), "https://g.example.com");
        const plain = { ...INGRESS, tlsSecretName: "" };
        assert.equal(externalUrl(plain, "grafana"), "http://g.example.com");
    });

    it("is not there without a host, or without Ingresses", () => {
        assert.equal(externalUrl(INGRESS, "prometheus"), undefined);
        assert.equal(externalUrl(INGRESS, "kibana"), undefined);
        assert.equal(externalUrl({ ...INGRESS, enabled: false }, "grafana"), undefined);
    });
});
