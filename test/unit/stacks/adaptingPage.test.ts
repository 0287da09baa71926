import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { findRelease, kubernetesObjects, label, valueAt } from "../../../lab/program/objects";
import { previewOf } from "../../../lab/program/runs";
import { ROOT, Settings } from "../../../lab/program/stackFile";
import { refuses } from "../../support/refusalTable";

/** Every example of docs/adapting.md, by the section that it stands in. */
function examples(): [section: string, settings: Settings][] {
    const page = fs.readFileSync(path.join(ROOT, "docs/adapting.md"), "utf8");
    return page.split(/^## /m).flatMap((section) => {
        const [title = ""] = section.split("\n");
        return [...section.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
            ([, text = ""]): [string, Settings] => {
                const keys = Object.entries(parse(text) as Settings);
                return [
                    title,
                    Object.fromEntries(
                        keys.map(([key, value]) => [key.replace("observability:", ""), value]),
                    ),
                ];
            },
        );
    });
}

describe("docs/adapting.md", () => {
    it("has an example in each of these sections", () => {
        assert.deepEqual(
            examples().map(([section]) => section),
            [
                "Parts on, off, or there already",
                "Parts on, off, or there already",
                "Names of namespaces, quotas",
                "Pages that have no login",
                "Where pods run",
                "Volumes",
                "Resources",
                "Images",
                "Labels and annotations",
                "Samples to another system",
                "Dashboards",
                "Alerts of your own",
                "Values of a chart",
                "Fields of a custom resource",
            ],
        );
    });

    for (const [section, settings] of examples()) {
        it(`has an example that a stack takes: ${section}`, async () => {
            // Nobody is told, so that Alertmanager may be off.
            const alerting = { runbookBaseUrl: "", receivers: {} };
            const run = await previewOf("staging", { alerting, ...settings });
            assert.ok(kubernetesObjects(run).length > 10);
        });
    }
});

describe("A Prometheus that is there already", () => {
    it("scrapes and draws everything else, and no policy is made beside it", async () => {
        const [, settings] = examples()[0] ?? [];
        const run = await previewOf("staging", {
            alerting: { runbookBaseUrl: "", receivers: {} },
            ...settings,
        });
        const beside = kubernetesObjects(run).filter(({ namespace }) => namespace === "monitoring");
        assert.deepEqual(beside.map(label), []);
        const monitors = kubernetesObjects(run).filter(({ kind }) => /Monitor|Rule$/.test(kind));
        assert.ok(monitors.length > 8);
        const unlabelled = monitors.filter(({ labels }) => labels.release === undefined);
        assert.deepEqual(unlabelled.map(label), []);
    });
});

describe("Samples to another system", () => {
    const PROMETHEUS = { replicas: 2, storageSize: "200Gi", memory: "4Gi", expectedSeries: 1000 };
    const target = (settings: Settings) => ({
        prometheus: { ...PROMETHEUS, remoteWrite: { central: settings } },
    });

    it("are sent with a reference to a Secret, and only those that are kept", async () => {
        const run = await previewOf(
            "staging",
            target({ url: "https://m.example.com/push", basicAuthSecret: "push", keep: "up" }),
        );
        const { values } = findRelease(run, "kube-prometheus-stack");
        assert.deepEqual(valueAt(values, "prometheus", "prometheusSpec", "remoteWrite"), [
            {
                name: "central",
                url: "https://m.example.com/push",
                basicAuth: {
                    username: { name: "push", key: "username" },
                    password: { name: "push", key: "password" },
                },
                writeRelabelConfigs: [{ sourceLabels: ["__name__"], regex: "up", action: "keep" }],
            },
        ]);
    });

    refuses({
        "an address that is none": {
            change: target({ url: "metrics.example.com" }),
            says: `prometheus.remoteWrite.central.url: got "metrics.example.com"; allowed: an http or https URL such as https://example.com/path: a host, no spaces, no user or password, nothing after ? or #`,
        },
        "two ways to log in": {
            change: target({
                url: "https://m.example.com",
                basicAuthSecret: "push",
                sigv4Region: "eu-west-1",
            }),
            says: `prometheus.remoteWrite.central: got {"url":"https://m.example.com","basicAuthSecret":"push","...; allowed: one of basicAuthSecret, bearerToken and sigv4Region`,
        },
    });
});
