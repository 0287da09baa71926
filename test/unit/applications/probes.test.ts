import assert from "node:assert/strict";

import { parse } from "yaml";

import {
    find,
    findRelease,
    kubernetesObjects,
    label,
    ofKind,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf, stackRun } from "../../../lab/program/runs";
import { privateAuthority } from "../../support/authority";
import { refuses } from "../../support/refusalTable";

const INGRESS = {
    enabled: true,
    className: "nginx",
    controllerNamespace: "ingress-nginx",
    tlsSecretName: "web",
    loginBefore: ["prometheus"],
    hosts: { grafana: "grafana.example.org", prometheus: "prometheus.example.org" },
};

describe("Probes", () => {
    let run: ProgramRun;
    let authority: string;
    before(async () => {
        authority = (await privateAuthority("company")).ca;
        run = await previewOf("staging", {
            probes: {
                shop: { url: "https://shop.example.com/healthz" },
                db: { tcp: "db.example.com:5432", interval: "5s" },
                intranet: { url: "https://intranet.example.com", ca: authority },
                ldap: { tcp: "ldap.example.com:636", ca: authority },
            },
            ingress: { ...INGRESS, probed: true },
        });
    });
    const spec = (name: string): unknown => valueAt(find(run, "Probe", name).manifest, "spec");

    it("ask each named endpoint by the exporter", () => {
        assert.deepEqual(spec("shop"), {
            prober: { url: "blackbox-exporter.monitoring.svc:9115" },
            jobName: "probes",
            module: "http",
            interval: "60s",
            scrapeTimeout: "10s",
            targets: {
                staticConfig: {
                    static: ["https://shop.example.com/healthz"],
                    labels: { probe: "shop", environment: "staging" },
                },
            },
        });
        assert.equal(valueAt(spec("db"), "module"), "tcp");
        assert.equal(valueAt(spec("db"), "scrapeTimeout"), "5s");
        assert.deepEqual(valueAt(spec("db"), "targets", "staticConfig", "static"), [
            "db.example.com:5432",
        ]);
    });

    it("ask our own pages that have a host, when that is wanted", () => {
        const probes = ofKind(run, "Probe").map(({ name }) => name);
        assert.deepEqual(probes.sort(), [
            "db",
            "grafana",
            "intranet",
            "ldap",
            "prometheus",
            "server.elasticsearch",
            "shop",
        ]);
        assert.deepEqual(valueAt(spec("grafana"), "targets", "staticConfig", "static"), [
            "https://grafana.example.org",
        ]);
    });

    it("check certificates, those of private authorities by the authority", () => {
        const data = valueAt(find(run, "ConfigMap", "blackbox-exporter").manifest, "data");
        assert.deepEqual(parse(String(valueAt(data, "blackbox.yml"))), {
            modules: {
                http: { prober: "http", timeout: "5s" },
                tcp: { prober: "tcp", timeout: "5s" },
                certificate: {
                    prober: "tcp",
                    timeout: "5s",
                    tcp: { tls: true, tls_config: { insecure_skip_verify: true } },
                },
                "http-intranet": {
                    prober: "http",
                    timeout: "5s",
                    http: { tls_config: { ca_file: "/etc/blackbox/intranet.crt" } },
                },
                "tcp-ldap": {
                    prober: "tcp",
                    timeout: "5s",
                    tcp: { tls: true, tls_config: { ca_file: "/etc/blackbox/ldap.crt" } },
                },
            },
        });
        assert.equal(valueAt(data, "intranet.crt"), authority);
        assert.equal(valueAt(spec("intranet"), "module"), "http-intranet");
        assert.equal(valueAt(spec("ldap"), "module"), "tcp-ldap");
    });

    it("let Prometheus alone ask the exporter", () => {
        const { manifest } = find(run, "NetworkPolicy", "prometheus-to-probes");
        const exporter = {
            "app.kubernetes.io/name": "blackbox-exporter",
            "app.kubernetes.io/component": "probes",
        };
        assert.deepEqual(valueAt(manifest, "spec", "podSelector"), { matchLabels: exporter });
        assert.deepEqual(valueAt(manifest, "spec", "ingress", "0", "ports"), [
            { port: 9115, protocol: "TCP" },
        ]);
        const pods = find(run, "Deployment", "blackbox-exporter").manifest;
        const labels = valueAt(pods, "spec", "template", "metadata", "labels") as object;
        assert.deepEqual({ ...labels, ...exporter }, labels);
    });

    it("are none, without an exporter, where nothing is to be asked", async () => {
        const none = { certificates: { probed: false } };
        const plain = await previewOf("staging", none);
        const page = await previewOf("staging", { ...none, ingress: INGRESS });
        for (const each of [plain, page]) {
            const found = kubernetesObjects(each).filter(
                ({ name, kind }) => kind === "Probe" || /blackbox|probes/.test(name),
            );
            assert.deepEqual(found.map(label), []);
        }
    });
});

describe("Certificates of our own servers", () => {
    const probes = (run: ProgramRun) => ofKind(run, "Probe").map(({ name }) => name);

    it("are watched: Elasticsearch's, for its end and nothing else", async () => {
        const run = await stackRun("staging");
        assert.deepEqual(probes(run), ["server.elasticsearch"]);
        const spec = valueAt(find(run, "Probe", "server.elasticsearch").manifest, "spec");
        assert.deepEqual(valueAt(spec, "targets", "staticConfig"), {
            static: ["elasticsearch.logging.svc:9200"],
            labels: { probe: "server.elasticsearch", environment: "staging" },
        });
        assert.equal(valueAt(spec, "module"), "certificate");
        assert.deepEqual(valueAt(spec, "metricRelabelings"), [
            {
                action: "keep",
                sourceLabels: ["__name__"],
                regex: "probe_ssl_earliest_cert_expiry",
            },
        ]);
        const { manifest: edge } = find(run, "NetworkPolicy", "probes-to-elasticsearch");
        assert.deepEqual(valueAt(edge, "metadata", "namespace"), "logging");
        assert.deepEqual(valueAt(edge, "spec", "ingress", "0", "ports"), [
            { port: 9200, protocol: "TCP" },
        ]);
    });

    it("are watched where the collector takes spans over TLS, through a door of their own", async () => {
        const run = await previewOf("staging", {
            jaeger: {
                collector: { minReplicas: 1, maxReplicas: 1, memory: "512Mi" },
                query: { replicas: 1 },
                otlpTls: true,
                clientNamespaces: ["shop"],
            },
        });
        assert.deepEqual(probes(run), ["server.elasticsearch", "server.otlp"]);
        const { manifest } = find(run, "Probe", "server.otlp");
        assert.deepEqual(valueAt(manifest, "spec", "targets", "staticConfig", "static"), [
            "jaeger-collector.tracing.svc:4318",
        ]);
        const { manifest: edge } = find(run, "NetworkPolicy", "probes-to-otlp");
        assert.deepEqual(valueAt(edge, "spec", "ingress", "0", "from", "0", "namespaceSelector"), {
            matchLabels: { "kubernetes.io/metadata.name": "monitoring" },
        });
    });

    it("are renewed by ECK before anybody is told", async () => {
        const { values } = findRelease(await stackRun("staging"), "elastic-operator");
        const hours = /^(\d+)h$/.exec(
            String(valueAt(values, "config", "certificatesRotateBefore")),
        );
        // `left` of CertificateExpiring is 14 days, and a day more is room for the operator.
        assert.ok(Number(hours?.[1]) >= 15 * 24, String(hours));
    });

    it("are of servers that are there: none without logging", async () => {
        const run = await previewOf("staging", {
            components: { logging: "off", kibana: "off", tracing: "off" },
            slos: {},
        });
        assert.deepEqual(probes(run), []);
    });
});

const SHOP = { url: "https://shop.example.com" };

describe("Probes that cannot be", () => {
    refuses({
        "a probe of nothing": {
            change: { probes: { shop: { interval: "60s" } } },
            says: "probes.shop: got neither url nor tcp; one of them: another probe has another name",
        },
        "a probe of two things": {
            change: { probes: { shop: { ...SHOP, tcp: "shop.example.com:443" } } },
            says: "probes.shop: got both url and tcp; one of them: another probe has another name",
        },
        "a probe with the name of a page of ours": {
            change: { ingress: { ...INGRESS, probed: true }, probes: { grafana: SHOP } },
            says: `probes.grafana: got "grafana"; another name: ingress.probed has a probe of this name`,
        },
        "pages that are not outside": {
            change: { ingress: { enabled: false, probed: true } },
            says: "ingress.probed: got true; false, or ingress.enabled: true: there is no page outside",
        },
        "a probe of a tenant": {
            change: {
                cluster: {
                    ...{ name: "prod", role: "tenant", controlPlane: "managed" },
                    ownerStack: "organization/observability/prod",
                },
                probes: { shop: SHOP },
            },
            says: "probes.shop: got a probe of a tenant; nothing in a tenant, whose owner has the exporter: set it in the owner's stack",
        },
        "a probe beside somebody's Prometheus": {
            change: {
                components: {
                    ...{ prometheus: "existing", redisOperator: "existing", alertmanager: "off" },
                    ...{ grafana: "off", kubeStateMetrics: "off", nodeExporter: "off" },
                    ...{ logging: "off", kibana: "off", tracing: "off" },
                },
                existing: {
                    prometheus: { namespace: "prom", podLabels: { app: "prom" }, service: "prom" },
                    redisOperator: { namespace: "redis-operator" },
                },
                alerting: { runbookBaseUrl: "", receivers: {} },
                slos: {},
                redis: {},
                ingress: { enabled: false },
                probes: { shop: SHOP },
            },
            says: "probes.shop: got a probe beside somebody's Prometheus; nothing, or components.prometheus: on: the exporter stands beside it",
        },
    });
});
