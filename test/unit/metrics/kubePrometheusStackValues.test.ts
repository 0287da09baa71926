import assert from "node:assert/strict";

import {
    kubePrometheusStackValues,
    remoteWriteAuthorities,
    retentionSize,
    StackValuesArgs,
} from "../../../components/metrics/kubePrometheusStackValues";
import { bytes } from "../../../components/settings/quantity";
import { leaves, listAt, textAt, valueAt } from "../../../lab/program/objects";
import { exampleStackValues } from "../../support/exampleConfig";

const REFERENCES = {
    grafanaAdmin: "grafana-admin",
    alertmanagerConfig: "alertmanager-config",
    alertmanagerReceivers: "alertmanager-receivers",
    nodeExporterNamespace: "node-exporter",
};

type Change = Partial<StackValuesArgs>;
const base = exampleStackValues();
const valuesOf = (change: Change = {}) =>
    kubePrometheusStackValues(exampleStackValues(change), REFERENCES);
const prometheusSpec = (change: Change = {}) =>
    valueAt(valuesOf(change), "prometheus", "prometheusSpec");
const alertmanagerSpec = (change: Change = {}) =>
    valueAt(valuesOf(change), "alertmanager", "alertmanagerSpec");
const grafana = (change: Change = {}) => valueAt(valuesOf(change), "grafana");

describe("Prometheus' values", () => {
    it("send samples to a service with a company's own authority by the file of its name", () => {
        const ca = "-----BEGIN CERTIFICATE-----";
        const remoteWrite = {
            central: { url: "https://m.example.com", ca },
            open: { url: "https://o.example.com" },
        };
        const change = { prometheus: { ...base.prometheus, remoteWrite } };
        assert.deepEqual(valueAt(prometheusSpec(change), "remoteWrite"), [
            {
                name: "central",
                url: "https://m.example.com",
                tlsConfig: {
                    ca: { configMap: { name: "prometheus-remote-write-ca", key: "central.crt" } },
                },
            },
            { name: "open", url: "https://o.example.com" },
        ]);
        assert.deepEqual(remoteWriteAuthorities(remoteWrite), { "central.crt": ca });
    });

    it("load monitors, probes, rules and scrape configurations without the chart's label", () => {
        for (const kind of ["serviceMonitor", "podMonitor", "probe", "rule", "scrapeConfig"]) {
            const key = `${kind}SelectorNilUsesHelmValues`;
            assert.equal(valueAt(prometheusSpec(), key), false, key);
        }
    });

    it("leave the selectors out: a null one selects nothing", () => {
        const selectors = Object.keys(prometheusSpec() as object).filter(
            (key) => key.endsWith("Selector") && key !== "nodeSelector",
        );
        assert.deepEqual(selectors, []);
    });

    for (const storageSize of ["1Gi", "20Gi", "50Gi", "1Ti"]) {
        it(`drop the oldest blocks before a volume of ${storageSize} is full`, () => {
            const prometheus = { ...base.prometheus, storageSize };
            const size = retentionSize(prometheus, "30d");
            // The unit as the operator's CRD takes it; Prometheus reads MiB as 2^20 bytes.
            const mebibytes = /^(\d+)MiB$/.exec(size)?.[1];
            assert.ok(mebibytes, size);
            const share = (Number(mebibytes) * 2 ** 20) / bytes(storageSize);
            assert.ok(share > 0.8 && share <= 0.85, `${size} is ${share} of ${storageSize}`);
            assert.equal(valueAt(prometheusSpec({ prometheus }), "retentionSize"), size);
            // 900 s, and one for each 500 series.
            assert.equal(
                valueAt(prometheusSpec({ prometheus }), "maximumStartupDurationSeconds"),
                900 + Math.ceil(prometheus.expectedSeries / 500),
            );
        });
    }

    it("label everything that leaves it with the cluster and the environment", () => {
        assert.deepEqual(valueAt(prometheusSpec(), "externalLabels"), {
            cluster: "east",
            environment: "test",
        });
        assert.equal(valueAt(prometheusSpec(), "retention"), "30d");
    });

    it("keep replicas on different nodes and one of them up, and demand neither of a single one", () => {
        for (const [replicas, antiAffinity, budget] of [
            [1, "soft", false],
            [2, "hard", true],
        ] as const) {
            const change = { prometheus: { ...base.prometheus, replicas } };
            assert.equal(valueAt(prometheusSpec(change), "replicas"), replicas);
            assert.equal(valueAt(prometheusSpec(change), "podAntiAffinity"), antiAffinity);
            const enabled = valueAt(
                valuesOf(change),
                "prometheus",
                "podDisruptionBudget",
                "enabled",
            );
            assert.equal(enabled, budget);
        }
    });
});

describe("Alertmanager's values", () => {
    it("take its configuration and the receivers' secrets from Secrets by name", () => {
        assert.equal(valueAt(alertmanagerSpec(), "useExistingSecret"), true);
        assert.equal(valueAt(alertmanagerSpec(), "configSecret"), "alertmanager-config");
        assert.deepEqual(valueAt(alertmanagerSpec(), "secrets"), ["alertmanager-receivers"]);
        assert.equal(valueAt(valuesOf(), "alertmanager", "config"), undefined);
    });

    it("add no namespace to routes, which would hide the alerts of all others", () => {
        assert.deepEqual(valueAt(alertmanagerSpec(), "alertmanagerConfigMatcherStrategy"), {
            type: "None",
        });
    });
});

describe("Grafana's values", () => {
    it("replace the pod before its volume is taken again", () => {
        assert.deepEqual(valueAt(grafana(), "deploymentStrategy"), { type: "Recreate" });
        assert.equal(valueAt(grafana(), "persistence", "enabled"), true);
    });

    it("take the administrator from an existing Secret", () => {
        assert.deepEqual(valueAt(grafana(), "admin"), { existingSecret: "grafana-admin" });
        assert.equal(valueAt(grafana(), "adminPassword"), undefined);
    });

    it("start nothing that runs as root, which the namespace refuses", () => {
        assert.equal(valueAt(grafana(), "initChownData", "enabled"), false);
        assert.equal(valueAt(grafana(), "testFramework", "enabled"), false);
    });

    it("keep the volume when the release goes, exactly when the stack keeps volumes", () => {
        const annotations = (keepVolumes: boolean) =>
            valueAt(grafana({ keepVolumes }), "persistence", "annotations");
        assert.deepEqual(annotations(true), { "helm.sh/resource-policy": "keep" });
        assert.equal(annotations(false), undefined);
    });

    it("load dashboards of every namespace into their folders", () => {
        const dashboards = valueAt(grafana(), "sidecar", "dashboards");
        assert.equal(valueAt(dashboards, "searchNamespace"), "ALL");
        assert.equal(valueAt(dashboards, "folderAnnotation"), "grafana_folder");
        assert.equal(valueAt(dashboards, "provider", "foldersFromFilesStructure"), true);
    });
});

describe("kube-prometheus-stack's values", () => {
    it("do not bring CRDs, which another release upgrades", () => {
        assert.deepEqual(valueAt(valuesOf(), "crds"), { enabled: false });
    });

    for (const [controlPlane, enabled] of [
        ["managed", false],
        ["selfHosted", true],
    ] as const) {
        it(`${enabled ? "scrape" : "do not scrape"} a ${controlPlane} control plane`, () => {
            const values = valuesOf({
                cluster: {
                    controlPlane: enabled,
                    dns: "coredns",
                    kubeProxy: enabled,
                    verifyKubelets: false,
                },
            });
            const parts = ["kubeEtcd", "kubeControllerManager", "kubeScheduler", "kubeProxy"];
            for (const part of parts) {
                assert.equal(valueAt(values, part, "enabled"), enabled, part);
            }
        });
    }

    it("put only the node exporter, which needs the host, elsewhere", () => {
        const elsewhere = leaves(valuesOf()).filter(([path]) => path.includes("namespaceOverride"));
        assert.deepEqual(elsewhere, [
            [["prometheus-node-exporter", "namespaceOverride"], "node-exporter"],
        ]);
    });

    it("hold no secret: Helm keeps values readable", () => {
        const suspicious = leaves(valuesOf()).filter(([path]) =>
            /password|token|credential|apikey/i.test(path.join(".")),
        );
        assert.deepEqual(suspicious, []);
    });

    it("name the storage class of every volume, or of none for the cluster's default", () => {
        const named = (storageClasses?: StackValuesArgs["storageClasses"]) =>
            leaves(valuesOf(storageClasses ? { storageClasses } : {}))
                .filter(([path]) => path.includes("storageClassName"))
                .map(([path, value]) => `${path[0]} ${String(value)}`);
        assert.deepEqual(
            named({ prometheus: "fast", alertmanager: "small", grafana: "slow" }).sort(),
            ["alertmanager small", "grafana slow", "prometheus fast"],
        );
        assert.deepEqual(named(), []);
    });

    it("request memory for every container that a node must have room for", () => {
        for (const path of [
            ["prometheusOperator"],
            ["prometheus", "prometheusSpec"],
            ["alertmanager", "alertmanagerSpec"],
            ["grafana"],
            ["kube-state-metrics"],
            ["prometheus-node-exporter"],
        ]) {
            assert.ok(bytes(textAt(valuesOf(), ...path, "resources", "requests", "memory")) > 0);
        }
    });

    it("tell each web page the address under which it is opened", () => {
        const externalUrls = {
            grafana: "https://g.example.com",
            prometheus: "https://p.example.com",
            alertmanager: undefined,
        };
        const server = valueAt(grafana({ externalUrls }), "grafana.ini", "server");
        assert.deepEqual(server, { root_url: "https://g.example.com" });
        const url = valueAt(prometheusSpec({ externalUrls }), "externalUrl");
        assert.equal(url, "https://p.example.com");
        assert.equal(valueAt(alertmanagerSpec({ externalUrls }), "externalUrl"), undefined);
        assert.equal(valueAt(prometheusSpec(), "externalUrl"), undefined);
    });

    it("claim volumes of the configured sizes", () => {
        const size = (spec: unknown, storage: string) =>
            valueAt(
                spec,
                storage,
                "volumeClaimTemplate",
                "spec",
                "resources",
                "requests",
                "storage",
            );
        assert.equal(size(prometheusSpec(), "storageSpec"), "50Gi");
        assert.equal(size(alertmanagerSpec(), "storage"), "2Gi");
        assert.equal(valueAt(grafana(), "persistence", "size"), "10Gi");
        const modes = listAt(
            prometheusSpec(),
            "storageSpec",
            "volumeClaimTemplate",
            "spec",
            "accessModes",
        );
        assert.deepEqual(modes, ["ReadWriteOnce"]);
    });
});
