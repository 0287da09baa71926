import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import {
    findRelease,
    kubernetesObjects,
    label,
    releases,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf, stackRun } from "../../../lab/program/runs";
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

/** What each example leaves in objects and values of charts, and what is not there without it; in the order of the page. */
const LEAVES: readonly (readonly [section: string, left: RegExp])[] = [
    ["Parts on, off, or there already", /"release":"kube-prometheus-stack"/],
    ["Parts on, off, or there already", /"alertingEndpoints":\[\{"name":"alertmanager-operated"/],
    ["Parts on, off, or there already", /elastic-account/],
    ["Names of namespaces, quotas", /"hard":\{[^}]*"requests.memory":"8Gi"/],
    ["Who is told", /routing_key_file/],
    ["Alerts that are too loud", /"CPUThrottlingHigh":true/],
    ["How long data is kept", /"retention":"14d"/],
    ["Hosts, certificates and DNS", /"cert-manager.io\/cluster-issuer":"letsencrypt"/],
    ["Hosts, certificates and DNS", /"kind":"HTTPRoute"/],
    ["How people sign in", /"allowed_organizations":"example"/],
    ["Pages that have no login", /"OAUTH2_PROXY_ALLOWED_GROUPS","value":"sre"/],
    ["Pages that have no login", /"nginx.ingress.kubernetes.io\/auth-url"/],
    ["Secrets from outside", /"name":"orders-password"/],
    ["Where pods run", /"pool":"memory"/],
    ["Volumes", /"storageClassName":"fast"/],
    ["Resources", /"memory":"1Gi"\},"requests":\{"cpu":"200m"|"cpu":"200m","memory":"512Mi"/],
    ["Images", /registry.example.com\/mirror/],
    ["Labels and annotations", /"cost-center":"42"/],
    ["Samples to another system", /"remoteWrite":\[\{"basicAuth"/],
    ["Dashboards", /dashboard-extra-shop/],
    ["Alerts of your own", /ShopOrdersFail/],
    ["Values of a chart", /"viewers_can_edit":true/],
    ["Fields of a custom resource", /"indices.query.bool.max_clause_count":4096/],
    ["Platforms", /"coreDns":\{"enabled":false\}/],
];

/** Everything that is declared, as one text. */
function declared(run: ProgramRun): string {
    return JSON.stringify([
        kubernetesObjects(run).map(({ manifest }) => manifest),
        releases(run).map(({ values }) => values),
    ]);
}

describe("docs/adapting.md", () => {
    it("has an example in each of these sections", () => {
        assert.deepEqual(
            examples().map(([section]) => section),
            LEAVES.map(([section]) => section),
        );
    });

    it("names twenty things, and each of their places is a section with lines, or says where they are", () => {
        const page = fs.readFileSync(path.join(ROOT, "docs/adapting.md"), "utf8");
        const rows = page.split("\n").filter((line) => /^\| \d+ /.test(line));
        assert.equal(rows.length, 20);
        const anchor = (title: string) =>
            title
                .toLowerCase()
                .replace(/[^a-z0-9 -]/g, "")
                .replaceAll(" ", "-");
        const sections = LEAVES.map(([section]) => anchor(section));
        for (const row of rows) {
            const places = [...row.matchAll(/\(#([^)]+)\)/g)].map(([, place = ""]) => place);
            assert.ok(places.length > 0, row);
            assert.deepEqual(
                places.filter((place) => !sections.includes(place)),
                [],
                row,
            );
        }
    });

    examples().forEach(([section, settings], i) => {
        it(`has an example that does what it says: ${section}`, async () => {
            // Nobody is told, so that Alertmanager may be off.
            const alerting = { runbookBaseUrl: "", receivers: {} };
            const run = await previewOf("staging", { alerting, ...settings });
            const [, left = /^$/] = LEAVES[i] ?? [];
            assert.match(declared(run), left);
            assert.doesNotMatch(declared(await stackRun("staging")), left);
        });
    });
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
