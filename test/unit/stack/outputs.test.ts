import assert from "node:assert/strict";

import type { ServiceEndpoint } from "../../../components/kubernetes/wiring";
import { endpointOutput, kubectl } from "../../../components/stack/outputs";
import { find, leaves, ofKind, textAt, valueAt } from "../../../lab/program/objects";
import { everyModeRun, previewOf, stackRun } from "../../../lab/program/runs";
import { outputValue } from "../../support/outputValue";

const ENDPOINT: ServiceEndpoint = {
    workload: { namespace: "monitoring" },
    port: 3000,
    service: "grafana",
    servicePort: 80,
    scheme: "http",
};

describe("Endpoint of a stack's outputs", () => {
    it("says how pods reach it", async () => {
        const output = endpointOutput(ENDPOINT, 3000, "");
        assert.equal(await outputValue(output.url), "http://grafana.monitoring.svc:80");
        assert.equal(await outputValue(output.host), "grafana.monitoring.svc");
        assert.equal(output.port, 80);
    });

    it("says how to reach it from here through the stack's own context", async () => {
        const { portForward, externalUrl } = endpointOutput(ENDPOINT, 3000, "prod");
        assert.ok(portForward);
        assert.equal(
            await outputValue(portForward),
            "kubectl --context prod port-forward --namespace monitoring service/grafana 3000:80",
        );
        assert.equal(externalUrl, undefined);
        assert.equal(kubectl(""), "kubectl");
    });

    it("is the Ingress' URL from outside when it has one", () => {
        const url = "https://grafana.example.com";
        const output = endpointOutput(ENDPOINT, 3000, "prod", url);
        assert.equal(output.externalUrl, url);
        assert.equal(output.portForward, undefined);
    });
});

describe("Outputs of a stack", () => {
    it("are all endpoints, each with a way in", async () => {
        const { outputs } = await stackRun("staging");
        const endpoints = outputs.endpoints as Record<string, object>;
        assert.deepEqual(Object.keys(endpoints).sort(), [
            "alertmanager",
            "elasticsearch",
            "grafana",
            "jaeger",
            "kibana",
            "otlpGrpc",
            "otlpHttp",
            "prometheus",
            "sampling",
        ]);
        for (const [name, endpoint] of Object.entries(endpoints)) {
            const way = valueAt(endpoint, "portForward") ?? valueAt(endpoint, "externalUrl");
            assert.equal(typeof way, "string", name);
        }
    });

    it("name Secrets that exist, or that an operator makes", async () => {
        const run = await stackRun("staging");
        const named = leaves(run.outputs)
            .filter(([path]) => path.includes("credentialSecrets") || path.at(-1) === "secret")
            .map(([, value]) => String(value));
        const made = ofKind(run, "Secret").map(({ namespace, name }) => `${namespace}/${name}`);
        const byOperator = ["logging/elasticsearch-es-elastic-user"];
        assert.ok(named.length >= 4, named.join(", "));
        assert.deepEqual(
            named.filter((name) => ![...made, ...byOperator].includes(name)),
            [],
        );
    });

    it("say of each Redis where it is and with what to connect", async () => {
        const { outputs } = await everyModeRun();
        const redis = valueAt(outputs, "redis", "orders") as Record<string, object>;
        assert.deepEqual(Object.keys(redis).sort(), [
            "pair",
            "pair-b",
            "shards",
            "single",
            "watched",
        ]);
        assert.equal(textAt(redis.watched, "sentinelMaster"), "mymaster");
        assert.equal(textAt(redis.pair, "host"), "pair-master.orders.svc");
        assert.equal(textAt(redis.shards, "secret"), "orders/shards-auth");
    });
});

describe("Web endpoints", () => {
    const hosts = { grafana: "g.example.com", kibana: "k.example.com", jaeger: "" };
    const ingress = {
        enabled: true,
        className: "nginx",
        controllerNamespace: "ingress-nginx",
        tlsSecretName: "web-tls",
        hosts,
        annotations: { kibana: { "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS" } },
    };

    it("have an Ingress each, when they have a host, to the Service that the outputs name", async () => {
        const run = await previewOf("staging", { ingress });
        const names = ofKind(run, "Ingress").map(({ name }) => name);
        assert.deepEqual(names.sort(), ["grafana", "kibana"]);
        for (const name of ["grafana", "kibana"] as const) {
            const { manifest, namespace } = find(run, "Ingress", name);
            assert.equal(valueAt(manifest, "spec", "ingressClassName"), "nginx");
            assert.deepEqual(valueAt(manifest, "spec", "tls"), [
                { hosts: [hosts[name]], secretName: "web-tls" },
            ]);
            const service = leaves(valueAt(manifest, "spec", "rules")).filter(
                ([path]) => path.includes("service") && path.at(-1) === "name",
            );
            const output = valueAt(run.outputs, "endpoints", name);
            assert.deepEqual(
                service.map(([, value]) => `${String(value)}.${namespace}.svc`),
                [textAt(output, "host")],
            );
            assert.equal(textAt(output, "externalUrl"), `https://${hosts[name]}`);
        }
    });

    it("give annotations to the endpoint that they are for", async () => {
        const run = await previewOf("staging", { ingress });
        const protocol = (name: string) =>
            valueAt(
                find(run, "Ingress", name).manifest,
                "metadata",
                "annotations",
                "nginx.ingress.kubernetes.io/backend-protocol",
            );
        assert.equal(protocol("kibana"), "HTTPS");
        assert.equal(protocol("grafana"), undefined);
    });

    it("let in the ingress controller, at the port of the pod", async () => {
        const run = await previewOf("staging", { ingress });
        const { manifest } = find(run, "NetworkPolicy", "ingress-controller-to-grafana");
        assert.deepEqual(valueAt(manifest, "spec", "ingress"), [
            {
                from: [
                    {
                        namespaceSelector: {
                            matchLabels: { "kubernetes.io/metadata.name": "ingress-nginx" },
                        },
                    },
                ],
                ports: [{ port: 3000, protocol: "TCP" }],
            },
        ]);
    });

    it("have none while it is off, whatever the hosts", async () => {
        const run = await previewOf("staging", { ingress: { ...ingress, enabled: false } });
        assert.deepEqual(ofKind(run, "Ingress"), []);
    });
});
