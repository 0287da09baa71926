import assert from "node:assert/strict";

import { parse } from "yaml";

import {
    find,
    findRelease,
    kubernetesObjects,
    label,
    leaves,
    listAt,
    ofKind,
    releases,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";
import type { Settings } from "../../../lab/program/stackFile";
import { privateAuthority } from "../../support/authority";
import { changed, refuses } from "../../support/refusalTable";

const URL = "https://elastic.example.com:9243";
const OBJECTIVES = {
    "log-delivery": { objective: 99, window: "14d" },
    "trace-delivery": { objective: 99, window: "14d" },
};

/** A stack with everything of its own but Elasticsearch, and so Kibana. */
function settings(ca: string, more: Settings = {}): Settings {
    return {
        elasticsearch: undefined,
        kibana: undefined,
        slos: OBJECTIVES,
        components: { elasticsearch: "existing", kibana: "off" },
        existing: {
            elasticsearch: {
                url: URL,
                ca,
                secret: "elastic-account",
                setupSecret: "elastic-setup",
                nodes: 5,
                dailyTraceVolume: "70Gi",
            },
        },
        ...more,
    };
}

/** The first container of a pod's template, with its variables by name. */
function variables(template: unknown): Record<string, unknown> {
    const [container] = listAt(template, "spec", "containers");
    return Object.fromEntries(
        listAt(container, "env").map((each) => [
            textAt(each, "name"),
            valueAt(each, "value") ?? valueAt(each, "valueFrom", "secretKeyRef"),
        ]),
    );
}

const account = (key: string, name = "elastic-account") => ({ name, key });

describe("An Elasticsearch that is there already", () => {
    let run: ProgramRun;
    let ca: string;
    before(async () => {
        ({ ca } = await privateAuthority("company"));
        run = await previewOf("prod", settings(ca, { jaeger: JAEGER }));
    });

    it("is neither made nor scraped, and has no operator, exporter, Kibana or drill", () => {
        const kinds = ["Elasticsearch", "Kibana"];
        assert.deepEqual(ofKind(run, ...kinds).map(label), []);
        const names = releases(run).map(({ name }) => name);
        assert.deepEqual(
            names.filter((name) => /elastic/.test(name)),
            [],
        );
        const traces = kubernetesObjects(run).filter(
            ({ name, namespace }) =>
                namespace === "elastic-system" ||
                /^elasticsearch-(user|roles|ca-key|exporter|snapshots)|drill-elasticsearch/.test(
                    name,
                ),
        );
        assert.deepEqual(traces.map(label), []);
    });

    it("is trusted by its authority, in each namespace that asks it", () => {
        const bundles = ofKind(run, "ConfigMap").filter(({ name }) => name === "elasticsearch-ca");
        assert.deepEqual(bundles.map(label).sort(), [
            "ConfigMap logging/elasticsearch-ca",
            "ConfigMap tracing/elasticsearch-ca",
        ]);
        for (const { manifest } of bundles) {
            assert.equal(textAt(manifest, "data", "ca.crt"), ca);
        }
    });

    it("gets logs by the account of the Secret, over TLS that is verified", () => {
        const { values } = findRelease(run, "fluent-bit");
        const environment = variables({ spec: { containers: [values] } });
        assert.deepEqual(environment, {
            ES_USERNAME: account("username"),
            ES_PASSWORD: account("password"),
        });
        const file = parse(textAt(values, "config", "extraFiles", "fluent-bit.yaml")) as unknown;
        const outputs = listAt(file, "pipeline", "outputs").filter(
            (each) => valueAt(each, "name") === "opensearch",
        );
        assert.ok(outputs.length > 0);
        for (const output of outputs) {
            assert.equal(valueAt(output, "host"), "elastic.example.com");
            assert.equal(valueAt(output, "port"), 9243);
            assert.equal(valueAt(output, "tls.verify"), true);
        }
    });

    it("gets spans by the account of the Secret, with the copies and shards that its size asks for", () => {
        for (const role of ["collector", "query"]) {
            const { manifest } = find(run, "Deployment", `jaeger-${role}`);
            const environment = variables(valueAt(manifest, "spec", "template"));
            assert.deepEqual(environment.ES_USERNAME, account("username"));
            assert.deepEqual(environment.ES_PASSWORD, account("password"));
            const config = parse(
                textAt(find(run, "ConfigMap", `jaeger-${role}`).manifest, "data", "config.yaml"),
            ) as unknown;
            const [, store] = Object.entries(
                valueAt(config, "extensions", "jaeger_storage", "backends") as object,
            )[0] as [string, { elasticsearch: object }];
            assert.deepEqual(valueAt(store.elasticsearch, "server_urls"), [URL]);
            assert.deepEqual(valueAt(store.elasticsearch, "auth", "basic"), {
                username: "${env:ES_USERNAME}",
                password: "${env:ES_PASSWORD}",
            });
            // 70 GiB a day are three shards of at most 30.
            assert.deepEqual(valueAt(store.elasticsearch, "indices", "spans"), {
                shards: 3,
                replicas: 1,
            });
        }
    });

    it("loses old spans, and gives the service graph, by the same account", () => {
        for (const job of ["index-cleaner", "service-graph"]) {
            const { manifest } = find(run, "CronJob", `jaeger-${job}`);
            const environment = variables(
                valueAt(manifest, "spec", "jobTemplate", "spec", "template"),
            );
            assert.deepEqual(environment.ES_USERNAME, account("username"), job);
            assert.deepEqual(environment.ES_PASSWORD, account("password"), job);
        }
    });

    it("is told streams and their lifecycle by the setup's own account, and nothing of its health and snapshots", () => {
        const [job] = ofKind(run, "Job");
        assert.deepEqual(variables(valueAt(job?.manifest, "spec", "template")), {
            ELASTICSEARCH_URL: URL,
            ELASTICSEARCH_CA: "/elasticsearch-ca/ca.crt",
            USERNAME: account("username", "elastic-setup"),
            PASSWORD: account("password", "elastic-setup"),
        });
        const plan = JSON.parse(
            textAt(find(run, "ConfigMap", job?.name ?? "").manifest, "data", "plan.json"),
        ) as { steps: { name: string }[] };
        const steps = plan.steps.map(({ name }) => name);
        assert.deepEqual(
            steps.filter((name) => /snapshot|healthy|Kibana/i.test(name)),
            [],
        );
        assert.ok(steps.includes("Lifecycle policy observability-logs"));
        assert.ok(steps.includes("Data stream redis-logs-instance"));
        assert.equal(steps.at(-1), "The streams are green");
    });

    it("is shown by Grafana, which reads the account in its own container", () => {
        const { values } = findRelease(run, "kube-prometheus-stack");
        assert.deepEqual(valueAt(values, "grafana", "envValueFrom"), {
            LOGS_USERNAME: { secretKeyRef: account("username") },
            LOGS_PASSWORD: { secretKeyRef: account("password") },
        });
        const { manifest } = find(run, "Secret", "grafana-data-sources");
        const file = textAt(manifest, "stringData", "secret", "observability.yaml");
        const { datasources } = parse(file) as {
            datasources: { uid: string; basicAuthUser?: string; secureJsonData?: object }[];
        };
        const logs = datasources.find(({ uid }) => uid === "logs");
        assert.equal(logs?.basicAuthUser, "$__env{LOGS_USERNAME}");
        assert.deepEqual(logs?.secureJsonData, {
            basicAuthPassword: "$__env{LOGS_PASSWORD}",
            tlsCACert: ca,
        });
        // What is Grafana's own is no variable of the file.
        assert.match(file, /\$\$\{__value\.raw\}/);
    });

    it("has no policy, since its ways in are its owner's, and nothing of it is rendered", () => {
        const policies = ofKind(run, "NetworkPolicy").filter(({ name }) =>
            /to-elasticsearch/.test(name),
        );
        assert.deepEqual(policies.map(label), []);
        const alerts = ofKind(run, "PrometheusRule").flatMap(({ manifest }) =>
            leaves(manifest.spec)
                .filter(([at]) => at.at(-1) === "alert")
                .map(([, value]) => String(value)),
        );
        assert.deepEqual(
            alerts.filter((alert) => alert.startsWith("Elasticsearch")),
            [],
        );
        assert.ok(alerts.includes("FluentBitRecordsLost"));
        const texts = ofKind(run, "PrometheusRule", "ConfigMap").map(({ manifest }) =>
            JSON.stringify(manifest.spec ?? manifest.data),
        );
        assert.deepEqual(
            texts.filter((text) => /\belasticsearch_(?!exporter)|job=\\+"elasticsearch/.test(text)),
            [],
        );
        const endpoints = run.outputs.endpoints as object;
        assert.equal("elasticsearch" in endpoints || "kibana" in endpoints, false);
    });
});

const JAEGER = {
    collector: { minReplicas: 1, maxReplicas: 1, memory: "512Mi" },
    query: { replicas: 1 },
    serviceGraph: { memory: "1Gi" },
};

describe("Parts of a stack beside an Elasticsearch that is there", () => {
    it("are Jaeger alone, where nobody collects logs", async () => {
        const { ca } = await privateAuthority("company");
        const run = await previewOf(
            "staging",
            settings(ca, {
                slos: {},
                components: { elasticsearch: "existing", logging: "off", kibana: "off" },
                fluentBit: undefined,
                jaeger: { ...JAEGER, otlpTls: true },
            }),
        );
        const places = new Set(kubernetesObjects(run).map(({ namespace }) => namespace));
        assert.equal(places.has("logging"), false);
        assert.ok(find(run, "Deployment", "jaeger-collector"));
        // Of an authority of its own: the other one's key is its owner's.
        assert.ok(find(run, "Secret", "jaeger-otlp-tls"));
        assert.equal(typeof run.outputs.caCertificate, "string");
        assert.notEqual(run.outputs.caCertificate, ca);
        const { values } = findRelease(run, "kube-prometheus-stack");
        assert.equal(valueAt(values, "grafana", "envValueFrom"), undefined);
    });

    it("give a Grafana that is there too no account: it has its own", async () => {
        const { ca } = await privateAuthority("company");
        const all = settings(ca);
        const run = await previewOf("staging", {
            ...all,
            components: { ...(all.components as object), grafana: "existing" },
            existing: {
                ...(all.existing as object),
                grafana: { namespace: "dashboards", podLabels: { app: "grafana" } },
            },
        });
        const { manifest } = find(run, "Secret", "grafana-data-sources");
        const file = textAt(manifest, "stringData", "secret", "observability.yaml");
        assert.match(file, /uid: jaeger/);
        assert.doesNotMatch(file, /uid: logs/);
    });
});

describe("An Elasticsearch that is there already, told wrongly", () => {
    // Any certificate of an authority.
    let ca = "";
    before(async () => ({ ca } = await privateAuthority("company")));

    const place = (more: Settings = {}) => ({
        url: URL,
        secret: "elastic-account",
        get ca() {
            return ca;
        },
        ...more,
    });
    const quiet = { elasticsearch: undefined, slos: {} };
    const off = { components: { elasticsearch: "existing", kibana: "off" } };
    refuses({
        "one without its address": {
            change: { ...quiet, ...off },
            says: "existing.elasticsearch: got nothing; url, ca and secret of the one that is there, or components.elasticsearch: on",
        },
        "an address that nothing uses": {
            change: { existing: { elasticsearch: place() } },
            says: "existing.elasticsearch: got an address that nothing uses; nothing, or components.elasticsearch: existing",
        },
        "a password that would be read on the way": {
            change: {
                ...quiet,
                ...off,
                existing: { elasticsearch: place({ url: "http://elastic.example.com:9200" }) },
            },
            says: `existing.elasticsearch.url: got "http://elastic.example.com:9200"; allowed: an https URL, since a password goes to it`,
        },
        "a Service in a namespace that this stack makes": {
            change: {
                ...quiet,
                ...off,
                existing: { elasticsearch: place({ url: "https://elastic.logging.svc:9200" }) },
            },
            says: `existing.elasticsearch.url: got "logging", which this stack makes; the namespace in which it is already, made by somebody else`,
        },
        "a Kibana of ours": {
            change: {
                ...quiet,
                components: { elasticsearch: "existing" },
                existing: { elasticsearch: place() },
            },
            says: `components.kibana: got "on"; "off", or components.elasticsearch: on: whoever has that Elasticsearch has a Kibana for it`,
        },
        "snapshots of ours": {
            change: {
                ...quiet,
                ...off,
                ...changed("prod", "elasticsearch", {
                    snapshots: {
                        type: "sharedFileSystem",
                        storageClass: "shared",
                        storageSize: "10Gi",
                    },
                }),
                existing: { elasticsearch: place() },
            },
            says: "elasticsearch.snapshots: got type: sharedFileSystem; nothing, or components.elasticsearch: on: whoever has that Elasticsearch takes its snapshots",
        },
        "an objective that nobody measures": {
            change: {
                ...quiet,
                ...off,
                existing: { elasticsearch: place() },
                slos: { "elasticsearch-availability": { objective: 99, window: "14d" } },
            },
            says: "slos.elasticsearch-availability: got an objective of a part that is somebody else's; nothing, or components.elasticsearch: on",
        },
    });
});
