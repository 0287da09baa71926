import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { collectorConfig } from "../../../components/tracing/collectorConfig";
import { cleanerTemplate, serviceGraphTemplate } from "../../../components/tracing/jaegerJobs";
import { podTemplate } from "../../../components/tracing/jaegerSpecs";
import { queryConfig } from "../../../components/tracing/queryConfig";
import { IMAGES } from "../../../components/versions";
import { find, leaves, listAt, textAt, valueAt } from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { stackRun, STACKS } from "../../../lab/program/runs";
import { outputValue } from "../../support/outputValue";

const STORAGE = {
    url: "https://elasticsearch.logging.svc:9200",
    username: "jaeger",
    nodes: 3,
    dailyVolume: "1Gi",
    retention: "7d",
};
const SETTINGS = {
    collector: { memory: "1Gi" },
    otlpTls: false,
    sampling: { defaultProbability: 1, services: {} },
};
const ATTRIBUTES = { cluster: "east", environment: "prod" };
const CONFIGS = {
    collector: (storage = STORAGE) => collectorConfig(storage, ATTRIBUTES, SETTINGS),
    query: (storage = STORAGE) => queryConfig(storage, "http://prometheus.monitoring.svc:9090"),
} as const;
const REFERENCES = {
    configMap: "jaeger-collector",
    username: "jaeger",
    passwordSecret: "jaeger-elasticsearch-user",
    caConfigMap: "elasticsearch-ca",
    caFingerprint: "0123456789abcdef",
};

function backend(config: object): unknown {
    return valueAt(
        config,
        "extensions",
        "jaeger_storage",
        "backends",
        "elasticsearch",
        "elasticsearch",
    );
}

for (const [role, config] of Object.entries(CONFIGS)) {
    describe(`Jaeger's ${role}`, () => {
        it("reaches Elasticsearch with TLS that it verifies", () => {
            assert.deepEqual(listAt(backend(config()), "server_urls"), [STORAGE.url]);
            assert.deepEqual(valueAt(backend(config()), "tls"), {
                ca_file: "/elasticsearch-ca/ca.crt",
            });
        });

        it("takes the password from its environment: the configuration is a ConfigMap", () => {
            assert.deepEqual(valueAt(backend(config()), "auth", "basic"), {
                username: "jaeger",
                password: "${env:ES_PASSWORD}",
            });
        });

        it("searches spans for as long as they are kept", () => {
            assert.equal(valueAt(backend(config()), "max_span_age"), "168h");
            const two = config({ ...STORAGE, retention: "2w" });
            assert.equal(valueAt(backend(two), "max_span_age"), "336h");
        });

        for (const [nodes, replicas] of [
            [1, 0],
            [3, 1],
        ] as const) {
            it(`keeps ${replicas} copies of an index on ${nodes} nodes`, () => {
                const indices = valueAt(backend(config({ ...STORAGE, nodes })), "indices");
                const copies = leaves(indices).filter(([path]) => path.includes("replicas"));
                assert.deepEqual(
                    copies.map(([, value]) => value),
                    [replicas, replicas, replicas],
                );
            });
        }

        it("can be scraped, with names that have their units and `_total`, and probed from other pods", () => {
            const reader = listAt(config(), "service", "telemetry", "metrics", "readers");
            const prometheus = {
                host: "",
                port: 8888,
                // The names that the metric catalogue has.
                without_type_suffix: false,
                without_units: false,
            };
            assert.deepEqual(reader, [{ pull: { exporter: { prometheus } } }]);
            const health = valueAt(config(), "extensions", "healthcheckv2", "http", "endpoint");
            assert.equal(health, ":13133");
        });
    });
}

describe("Jaeger's pipeline", () => {
    it("labels spans with cluster and environment, and leaves those that have them", () => {
        assert.deepEqual(valueAt(CONFIGS.collector(), "processors", "attributes", "actions"), [
            { key: "cluster", value: "east", action: "insert" },
            { key: "environment", value: "prod", action: "insert" },
        ]);
    });

    it("refuses spans before the container runs out of memory, and first of all", () => {
        assert.deepEqual(
            listAt(CONFIGS.collector(), "service", "pipelines", "traces", "processors"),
            ["memory_limiter", "attributes"],
        );
    });

    it("counts spans before it drops any of them", () => {
        const tail = {
            decisionWait: "10s",
            keepSlowerThanMs: 500,
            keepProbability: 0.1,
            expectedTracesPerSecond: 50,
        };
        const sampling = { ...SETTINGS.sampling, tail };
        const config = collectorConfig(STORAGE, ATTRIBUTES, { ...SETTINGS, sampling });
        const pipelines = valueAt(config, "service", "pipelines");
        assert.deepEqual(listAt(pipelines, "traces", "exporters"), ["spanmetrics", "forward"]);
        assert.deepEqual(listAt(pipelines, "traces/stored", "processors"), [
            "tail_sampling",
            "batch",
        ]);
        assert.equal(valueAt(config, "processors", "tail_sampling", "num_traces"), 1000);
    });

    it("holds no more spans than its memory allows while Elasticsearch is away", () => {
        const queue = valueAt(CONFIGS.collector(), "exporters", "jaeger_storage_exporter", "queue");
        assert.equal(valueAt(queue, "sizer"), "bytes");
        assert.equal(valueAt(queue, "queue_size"), Math.floor(0.2 * 2 ** 30));
    });

    for (const [volume, shards] of [
        ["1Gi", 1],
        ["30Gi", 1],
        ["31Gi", 2],
        ["200Gi", 7],
    ] as const) {
        it(`spreads ${volume} of spans a day over ${shards} shards`, () => {
            const config = CONFIGS.collector({ ...STORAGE, dailyVolume: volume });
            assert.equal(valueAt(backend(config), "indices", "spans", "shards"), shards);
        });
    }
});

describe("Jaeger's pods", () => {
    const FILES = { "config.yaml": "a: 1" };
    const templates = {
        collector: podTemplate("collector", { files: FILES, memory: "1Gi" }, REFERENCES),
        query: podTemplate("query", { files: FILES, memory: "256Mi" }, REFERENCES),
        cleaner: cleanerTemplate(STORAGE.url, "7d", REFERENCES),
        graph: serviceGraphTemplate(STORAGE.url, "1Gi", REFERENCES),
    };

    for (const [role, template] of Object.entries(templates)) {
        it(`of the ${role} run as the restricted namespace demands`, () => {
            const [container] = listAt(template, "spec", "containers");
            assert.equal(valueAt(template, "spec", "securityContext", "runAsNonRoot"), true);
            assert.equal(valueAt(container, "securityContext", "allowPrivilegeEscalation"), false);
            assert.deepEqual(valueAt(container, "securityContext", "capabilities"), {
                drop: ["ALL"],
            });
            assert.equal(valueAt(template, "spec", "automountServiceAccountToken"), false);
        });

        it(`of the ${role} get the password from the Secret and the CA as a file`, () => {
            const [container] = listAt(template, "spec", "containers");
            const password = listAt(container, "env").filter(
                (each) => valueAt(each, "name") === "ES_PASSWORD",
            );
            assert.deepEqual(password, [
                {
                    name: "ES_PASSWORD",
                    valueFrom: {
                        secretKeyRef: { name: "jaeger-elasticsearch-user", key: "password" },
                    },
                },
            ]);
            const mounts = listAt(container, "volumeMounts").map((each) =>
                textAt(each, "mountPath"),
            );
            assert.ok(mounts.includes("/elasticsearch-ca"), mounts.join(", "));
        });
    }

    for (const role of ["collector", "query"] as const) {
        it(`of the ${role} are alive by what needs no Elasticsearch, and ready by their health`, () => {
            const [container] = listAt(templates[role], "spec", "containers");
            const asked = (probe: string) => valueAt(container, probe, "httpGet");
            assert.deepEqual(asked("livenessProbe"), { path: "/metrics", port: "metrics" });
            assert.deepEqual(asked("readinessProbe"), { path: "/status", port: "health" });
        });
    }

    it("are replaced when the configuration changes, and only then", async () => {
        const hash = (config: string) => {
            const files = { "config.yaml": config };
            const { metadata } = podTemplate("collector", { files, memory: "1Gi" }, REFERENCES);
            const annotations = valueAt(metadata, "annotations") as Record<
                string,
                pulumi.Output<string>
            >;
            const value = annotations["observability/config"];
            assert.ok(value);
            return outputValue(value);
        };
        assert.equal(await hash("a: 1"), await hash("a: 1"));
        assert.notEqual(await hash("a: 1"), await hash("a: 2"));
    });

    it("of the cleaner delete indices that are older than the retention, with Jaeger's image", () => {
        const [container] = listAt(templates.cleaner, "spec", "containers");
        assert.deepEqual(valueAt(container, "args"), ["7", STORAGE.url]);
        assert.equal(valueAt(container, "image"), IMAGES.jaegerIndexCleaner);
    });
});

for (const stack of STACKS) {
    describe(`Jaeger in ${stack}`, () => {
        let run: ProgramRun;
        before(async () => {
            run = await stackRun(stack);
        });

        it("lets the autoscaler set the collector's replicas, within the configured limits", () => {
            const { manifest } = find(run, "HorizontalPodAutoscaler", "jaeger-collector");
            assert.deepEqual(valueAt(manifest, "spec", "scaleTargetRef"), {
                apiVersion: "apps/v1",
                kind: "Deployment",
                name: "jaeger-collector",
            });
            const deployment = find(run, "Deployment", "jaeger-collector").manifest;
            assert.equal(valueAt(deployment, "spec", "replicas"), undefined);
            assert.equal(typeof valueAt(manifest, "spec", "minReplicas"), "number");
        });

        it("gives each pod the ports, the volumes and the labels that the rest refers to", () => {
            for (const role of ["collector", "query"]) {
                const deployment = find(run, "Deployment", `jaeger-${role}`).manifest;
                const pod = valueAt(deployment, "spec", "template");
                const [container] = listAt(pod, "spec", "containers");
                const ports = listAt(container, "ports").map((port) => textAt(port, "name"));
                const service = find(run, "Service", `jaeger-${role}`).manifest;
                for (const port of listAt(service, "spec", "ports")) {
                    assert.ok(
                        ports.includes(textAt(port, "targetPort")),
                        `${role}: ${ports.join()}`,
                    );
                }
                const volumes = listAt(pod, "spec", "volumes").map((each) => textAt(each, "name"));
                const mounts = listAt(container, "volumeMounts").map((m) => textAt(m, "name"));
                assert.deepEqual(mounts.sort(), volumes.sort());
                const labels = valueAt(pod, "metadata", "labels") as Record<string, string>;
                for (const selector of [
                    valueAt(deployment, "spec", "selector", "matchLabels"),
                    valueAt(service, "spec", "selector"),
                ]) {
                    for (const [key, value] of Object.entries(selector as object)) {
                        assert.equal(labels[key], value, `${role}: ${key}`);
                    }
                }
            }
        });
    });
}
