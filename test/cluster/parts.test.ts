import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { CHARTS as PINNED } from "../../components/versions";
import { servedKind } from "../../lab/cluster/crdKinds";
import { ControlPlane } from "../../lab/cluster/controlPlane";
import { gatewayCrds, prometheusOperatorCrds } from "../../lab/cluster/crdFiles";
import type { LiveObject } from "../../lab/cluster/kubeClient";
import { startOperators, startPrometheusOperator } from "../../lab/cluster/operators";
import { Labels, listAt } from "../../lab/program/objects";
import { readStackFile, ROOT, Settings } from "../../lab/program/stackFile";
import { EVERY_TYPE } from "../support/alerting";
import { privateAuthority } from "../support/authority";
import { Releases } from "./releases";
import { Stack } from "./stack";
import { workload } from "./standIns/workload";
import { brokenMonitors } from "./wiring/monitors";
import type { LiveObjects } from "./wiring/liveObjects";
import { brokenReferences } from "./wiring/secrets";
import { brokenSelectors } from "./wiring/selectors";
import { CHARTS, settled, StackInWorld } from "./world";

const PROMETHEUS = { "app.kubernetes.io/name": "prometheus" };
const OPERATOR = { name: "redis-operator" };
const GRAFANA = { app: "grafana" };
const ALERTMANAGER = { app: "alertmanager" };
const QUIET = { alerting: { runbookBaseUrl: "", receivers: {} }, slos: {} };

/** A cluster in which parts are off, or somebody else's. */
interface Case {
    readonly title: string;
    /** What is different from staging, by the stack's name; or a stack of its own. */
    readonly stacks: (ca: string) => Readonly<Record<string, Settings>>;
    /** What is there before, beside its namespaces. */
    readonly before: () => Promise<readonly LiveObject[]>;
    /** Secrets that others fill, `namespace/name`. */
    readonly secrets: Readonly<Record<string, readonly string[]>>;
    /** Which operators have something to make. */
    readonly operators: "none" | "prometheus" | "both";
}

const elasticsearch = (ca: string) => ({
    url: "https://search.elastic.svc:9200",
    ca,
    secret: "elastic-account",
});
const ACCOUNT = ["username", "password"];

const CASES: readonly Case[] = [
    {
        title: "everything that can be somebody else's beside an own Prometheus, pages behind a Gateway, no backups",
        stacks: (ca) => ({
            staging: {
                ...QUIET,
                components: {
                    ...{ alertmanager: "existing", grafana: "existing", redisOperator: "existing" },
                    ...{ elasticsearch: "existing", kibana: "off", backup: "off" },
                },
                existing: {
                    alertmanager: {
                        namespace: "alerts",
                        podLabels: ALERTMANAGER,
                        service: "alertmanager",
                        takesRouting: true,
                    },
                    grafana: { namespace: "dashboards", podLabels: GRAFANA },
                    redisOperator: { namespace: "redis-operator" },
                    elasticsearch: elasticsearch(ca),
                },
                alerting: { ...EVERY_TYPE, runbookBaseUrl: "", defaultReceiver: "webhook" },
                elasticsearch: undefined,
                ingress: {
                    enabled: true,
                    gateway: { name: "shared", namespace: "gateways", listener: "https" },
                    controllerNamespace: "gateways",
                    hosts: { prometheus: "prometheus.example.com", jaeger: "jaeger.example.com" },
                    login: {
                        issuerUrl: "https://id.example.com",
                        clientId: "pages",
                        clientSecret: { name: "page-login", key: "client-secret" },
                    },
                },
            },
        }),
        before: async () => [
            ...(await gatewayCrds()),
            ...inNamespace("alerts", "alertmanager", ALERTMANAGER, { web: 9093 }),
            ...inNamespace("dashboards", "grafana", GRAFANA, { http: 3000 }),
            ...inNamespace("redis-operator", "redis-operator", OPERATOR, { metrics: 8080 }),
        ],
        secrets: {
            "logging/elastic-account": ACCOUNT,
            "tracing/elastic-account": ACCOUNT,
            "monitoring/page-login": ["client-secret"],
            "tracing/page-login": ["client-secret"],
        },
        operators: "prometheus",
    },
    {
        title: "the smallest stack, and one with Jaeger alone, beside a Prometheus, an Elasticsearch and an operator",
        stacks: (ca) => ({
            dev: example("smallest.yaml"),
            staging: {
                ...QUIET,
                components: {
                    ...{ prometheus: "existing", alertmanager: "off", grafana: "off" },
                    ...{ kubeStateMetrics: "off", nodeExporter: "off", redisOperator: "existing" },
                    ...{ logging: "off", elasticsearch: "existing", kibana: "off", backup: "off" },
                },
                existing: {
                    prometheus: {
                        namespace: "monitoring",
                        podLabels: PROMETHEUS,
                        service: "prometheus-operated",
                    },
                    redisOperator: { namespace: "redis-operator" },
                    elasticsearch: elasticsearch(ca),
                },
                elasticsearch: undefined,
            },
        }),
        before: async () => [
            ...(await prometheusOperatorCrds()),
            ...inNamespace("monitoring", "prometheus-operated", PROMETHEUS, { web: 9090 }),
            ...inNamespace("redis-operator", "redis-operator", OPERATOR, { metrics: 8080 }),
        ],
        secrets: { "tracing/elastic-account": ACCOUNT },
        operators: "none",
    },
    {
        title: "Grafana, node-exporter, logs, Kibana and Jaeger off",
        stacks: () => ({
            staging: {
                components: {
                    ...{ grafana: "off", nodeExporter: "off" },
                    ...{ logging: "off", kibana: "off", tracing: "off" },
                },
                slos: { "redis-availability": { objective: 99, window: "14d" } },
            },
        }),
        before: () => Promise.resolve([]),
        secrets: {},
        operators: "prometheus",
    },
    {
        title: "Alertmanager, kube-state-metrics, Kibana and backups off",
        stacks: () => ({
            staging: {
                ...QUIET,
                components: {
                    ...{ alertmanager: "off", kubeStateMetrics: "off" },
                    ...{ kibana: "off", backup: "off" },
                },
            },
        }),
        before: () => Promise.resolve([]),
        secrets: {},
        operators: "both",
    },
];

for (const each of CASES) {
    describe(`Cluster: ${each.title}`, () => {
        let plane: ControlPlane;
        let stacks: readonly StackInWorld[];
        let objects: LiveObjects;
        before(async function () {
            // Its tools may have to be built.
            this.timeout(0);
            plane = await ControlPlane.start();
            stacks = await up(plane, each);
            if (each.operators === "prometheus") {
                await startPrometheusOperator(plane);
            } else if (each.operators === "both") {
                await startOperators(plane);
            }
            objects = await settled(plane, stacks);
        });
        after(() => plane?.stop());

        it("is accepted by the API server, changes nothing the second time, and is warned of nothing", () => {
            for (const { stack } of stacks) {
                assert.deepEqual(stack.refused, []);
                assert.deepEqual(stack.changedAgain, []);
                assert.deepEqual(stack.warnings, []);
            }
        });

        it("is wired: every monitor, reference, selector, policy and Service leads to something", () => {
            assert.deepEqual(brokenMonitors(objects), []);
            assert.deepEqual(brokenReferences(objects), []);
            assert.deepEqual(brokenSelectors(objects), []);
        });

        if (each.title.includes("Gateway")) {
            it("has a route for each page", () => {
                const routes = objects.ours("HTTPRoute").map(({ metadata }) => metadata.name);
                assert.deepEqual(routes.sort(), ["jaeger", "prometheus"]);
            });
        }

        if (each.title.startsWith("the smallest stack")) {
            it("is under 20 objects", () => {
                const [smallest] = stacks.filter(({ name }) => name === "dev");
                const made = [...(smallest?.stack.applied.keys() ?? [])];
                const skipped = smallest?.stack.skipped ?? [];
                assert.ok(made.length > 5, made.join(", "));
                assert.ok(made.length + skipped.length < 20, made.join(", "));
            });
        }
    });
}

/** Brings everything up twice, beside what is there before. */
async function up(plane: ControlPlane, { stacks, before: there, secrets }: Case) {
    const releases = new Releases(plane, CHARTS);
    for (const object of [...(await there()), ...(await redisCrds(releases))]) {
        await plane.client.apply(object, "somebody");
        if (object.kind === "CustomResourceDefinition") {
            await servedKind(plane, object);
        }
    }
    const { ca } = await privateAuthority("company");
    const made = Object.entries(stacks(ca)).map(([name, change]) => ({
        name,
        settings: {
            ...(name === "staging" ? readStackFile(name) : {}),
            ...change,
            ...(CHARTS ? { charts: { source: CHARTS } } : {}),
        },
        stack: new Stack({ plane, releases, name }),
    }));
    const all: StackInWorld[] = [];
    for (const { name, settings, stack } of made) {
        await stack.up(settings);
        all.push({ name, settings, stack, run: await stack.up(settings) });
    }
    for (const [place, keys] of Object.entries(secrets)) {
        const [namespace = "", name = ""] = place.split("/");
        const stringData = Object.fromEntries(keys.map((key) => [key, "filled by somebody else"]));
        const secret = { apiVersion: "v1", kind: "Secret", metadata: { namespace, name } };
        await plane.client.apply({ ...secret, stringData }, "somebody");
    }
    return all;
}

/** Those of an operator that somebody else installed; none where they are not at hand, which the stacks tell then. */
async function redisCrds(releases: Releases): Promise<LiveObject[]> {
    const { chart, version } = PINNED.redisOperator;
    const { result } = (await releases.template({
        token: "kubernetes:helm:template",
        inputs: { jsonOpts: JSON.stringify({ chart: `${chart}-${version}.tgz` }) },
    })) as { result?: LiveObject[] };
    return (result ?? []).filter(
        ({ kind, spec }) =>
            kind === "CustomResourceDefinition" && listAt(spec, "versions").length > 0,
    );
}

/** Somebody's pods and their Service, in a namespace of theirs. */
function inNamespace(
    namespace: string,
    name: string,
    labels: Labels,
    ports: Readonly<Record<string, number>>,
): LiveObject[] {
    return [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
        ...workload(name, { namespace, labels }, ports),
    ];
}

/** A stack file of docs/examples, as the program gets it. */
function example(file: string): Settings {
    const text = fs.readFileSync(path.join(ROOT, "docs/examples", file), "utf8");
    const { config } = parse(text) as { config: Settings };
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("observability:", ""), value]),
    );
}
