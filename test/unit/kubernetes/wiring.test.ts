import assert from "node:assert/strict";

import {
    address,
    clusterUrl,
    ingressSpec,
    ServiceEndpoint,
} from "../../../components/kubernetes/wiring";
import { outputValue } from "../../support/outputValue";

const REDIS = { namespace: "orders", podLabels: { app: "cache" } };
const PROMETHEUS = { namespace: "monitoring", podLabels: { name: "prometheus" } };
const NAMESPACE = "kubernetes.io/metadata.name";

describe("NetworkPolicy edge", () => {
    it("admits the caller's pods of the caller's namespace to one port, and nothing else", () => {
        assert.deepEqual(
            ingressSpec({ from: [PROMETHEUS], to: [{ workload: REDIS, port: 9121 }] }),
            {
                podSelector: { matchLabels: { app: "cache" } },
                policyTypes: ["Ingress"],
                ingress: [
                    {
                        // Both selectors in one peer: two peers would admit every pod of either.
                        from: [
                            {
                                namespaceSelector: { matchLabels: { [NAMESPACE]: "monitoring" } },
                                podSelector: { matchLabels: { name: "prometheus" } },
                            },
                        ],
                        ports: [{ port: 9121, protocol: "TCP" }],
                    },
                ],
            },
        );
    });

    it("admits every pod of a namespace when the caller has no labels", () => {
        const spec = ingressSpec({
            from: [{ namespace: "shop" }],
            to: [{ workload: { namespace: "orders" }, port: 6379 }],
        });
        assert.deepEqual(spec.podSelector, {});
        assert.deepEqual(spec.ingress, [
            {
                from: [{ namespaceSelector: { matchLabels: { [NAMESPACE]: "shop" } } }],
                ports: [{ port: 6379, protocol: "TCP" }],
            },
        ]);
    });

    it("has a peer for each caller and a port for each listener", () => {
        const spec = ingressSpec({
            from: [PROMETHEUS, { namespace: "shop" }],
            to: [
                { workload: REDIS, port: 6379 },
                { workload: REDIS, port: 26379 },
            ],
        });
        assert.deepEqual(spec.ingress, [
            {
                from: [
                    {
                        namespaceSelector: { matchLabels: { [NAMESPACE]: "monitoring" } },
                        podSelector: { matchLabels: { name: "prometheus" } },
                    },
                    { namespaceSelector: { matchLabels: { [NAMESPACE]: "shop" } } },
                ],
                ports: [
                    { port: 6379, protocol: "TCP" },
                    { port: 26379, protocol: "TCP" },
                ],
            },
        ]);
    });

    it("has no peers when callers come from anywhere: an empty list would admit nobody", () => {
        const spec = ingressSpec({
            from: ["anywhere", PROMETHEUS],
            to: [{ workload: REDIS, port: 9443 }],
        });
        assert.deepEqual(spec.ingress, [{ ports: [{ port: 9443, protocol: "TCP" }] }]);
    });

    it("opens a port for each protocol", () => {
        const spec = ingressSpec({
            from: [PROMETHEUS],
            to: [{ workload: REDIS, port: 9094 }],
            protocols: ["TCP", "UDP"],
        });
        assert.deepEqual(
            (spec.ingress as { ports: unknown }[]).map(({ ports }) => ports),
            [
                [
                    { port: 9094, protocol: "TCP" },
                    { port: 9094, protocol: "UDP" },
                ],
            ],
        );
    });
});

describe("Address", () => {
    const endpoint: ServiceEndpoint = {
        workload: REDIS,
        port: 3000,
        service: "grafana",
        servicePort: 80,
        scheme: "http",
    };

    it("is the Service's, with the Service's port and not the container's", async () => {
        assert.equal(await outputValue(address(endpoint)), "grafana.orders.svc:80");
    });

    it("has its scheme in a URL", async () => {
        const tls: ServiceEndpoint = { ...endpoint, scheme: "https" };
        assert.equal(await outputValue(clusterUrl(tls)), "https://grafana.orders.svc:80");
    });
});
