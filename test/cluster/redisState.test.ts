import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse, parseAllDocuments, stringify } from "yaml";

import { CHARTS as VERSIONS } from "../../components/versions";
import { clusterRoleBinding, serviceAccount } from "../../lab/cluster/access";
import { ControlPlane } from "../../lab/cluster/controlPlane";
import { freePorts } from "../../lab/cluster/ports";
import { factFile } from "../../lab/facts";
import { customResources, findRelease, textAt, valueAt } from "../../lab/program/objects";
import type { ProgramRun } from "../../lab/program/program";
import { previewOf } from "../../lab/program/runs";
import { dashboardsOf, panelsIn } from "../../lab/promql/dashboards";
import { tools } from "../../lab/tools/goTools";
import { reconcileRedis } from "./redisStandIn";

const GROUP = "redis.redis.opstreelabs.in";
const API = `${GROUP}/v1beta2`;
const KINDS = {
    Redis: "redis",
    RedisReplication: "redisreplications",
    RedisSentinel: "redissentinels",
    RedisCluster: "redisclusters",
};
const COMMON = { memory: "256Mi", storageSize: "1Gi" };
/** An instance of each kind; `orders` has two. */
const SETTINGS = {
    redis: {
        shop: {
            isolate: "namespace",
            instances: {
                cache: { mode: "standalone", version: "8.2.9", ...COMMON },
                carts: { mode: "replication", replicas: 2, ...COMMON },
                orders: { mode: "sentinel", replicas: 3, version: "8.2.9", ...COMMON },
                shards: { mode: "cluster", shards: 3, ...COMMON },
            },
        },
    },
    applications: {},
};

/** What is beside these in every series. */
const of = (kind: string, instance: string, image: string): string =>
    `customresource_group="${GROUP}",customresource_kind="${kind}",customresource_version="v1beta2",` +
    `image="quay.io/opstree/${image}:v8.2.9",instance="${instance}",namespace="shop"`;
const CACHE = of("Redis", "cache", "redis");
const ORDERS = of("RedisSentinel", "orders", "redis-sentinel");

describe("Cluster: kube-state-metrics tells what the Redis operator does not", function () {
    this.timeout(120_000);
    let plane: ControlPlane;
    let run: ProgramRun;
    let metrics: string;
    let prometheus: string;

    before(async function () {
        // Its tools may have to be built.
        this.timeout(0);
        await tools("kube-state-metrics", "prometheus");
        run = await previewOf("staging", SETTINGS);
        plane = await ControlPlane.start();
        await applyRedis();
        await startStateMetrics();
        await startPrometheus();
    });
    after(() => plane?.stop());

    async function apply(object: object): Promise<void> {
        await plane.client.apply(object, "test");
    }

    /** Every Redis of the program, with its CRD, and what the operator would make of it. */
    async function applyRedis(): Promise<void> {
        const crds = redisCrds();
        for (const crd of crds) {
            await apply(crd);
        }
        await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
        const objects = customResources(run).filter(({ apiVersion }) => apiVersion === API);
        assert.equal(objects.length, 5);
        await plane.eventually("the API server serves Redis' kinds", 30, async () => {
            for (const { manifest } of objects) {
                await apply(manifest);
            }
            return true;
        });
        await reconcileRedis(plane.client, []);
    }

    /** As its chart runs it: as an account that may read no more than the chart's role, which our rules add to. */
    async function startStateMetrics(): Promise<void> {
        const release = findRelease(run, "kube-prometheus-stack");
        const values = release.values["kube-state-metrics"];
        const account = { namespace: "default", name: "kube-state-metrics" };
        const verbs = ["list", "watch"];
        await apply(serviceAccount(account.namespace, account.name));
        await apply({
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRole",
            metadata: { name: account.name },
            rules: [
                // The chart's own, of what is asked for below.
                { apiGroups: ["apps"], resources: ["statefulsets"], verbs },
                {
                    apiGroups: ["apiextensions.k8s.io"],
                    resources: ["customresourcedefinitions"],
                    verbs,
                },
                ...(valueAt(values, "rbac", "extraRules") as object[]),
            ],
        });
        await apply(clusterRoleBinding(account.namespace, account.name, account.name));

        const { folder } = plane.processes;
        const config = path.join(folder, "state.yaml");
        fs.writeFileSync(config, stringify(valueAt(values, "customResourceState", "config")));
        const kubeconfig = path.join(folder, "kubeconfig-state");
        const admin = parse(fs.readFileSync(plane.kubeconfig, "utf8")) as {
            users: { name: string; user: object }[];
        };
        const as = `system:serviceaccount:${account.namespace}:${account.name}`;
        const users = admin.users.map(({ name, user }) => ({ name, user: { ...user, as } }));
        fs.writeFileSync(kubeconfig, stringify({ ...admin, users }), { mode: 0o600 });
        const [port = 0, telemetry = 0] = await freePorts(2);
        const paths = await tools("kube-state-metrics");
        plane.processes.start("kube-state-metrics", paths["kube-state-metrics"], [
            ...["--host=127.0.0.1", `--port=${port}`, "--telemetry-host=127.0.0.1"],
            ...[`--telemetry-port=${telemetry}`, `--kubeconfig=${kubeconfig}`],
            ...["--resources=statefulsets", `--custom-resource-state-config-file=${config}`],
        ]);
        metrics = `127.0.0.1:${port}`;
    }

    async function startPrometheus(): Promise<void> {
        const folder = path.join(plane.processes.folder, "state");
        fs.mkdirSync(folder);
        const config = {
            global: { scrape_interval: "1s", scrape_timeout: "1s" },
            scrape_configs: [
                {
                    job_name: "kube-state-metrics",
                    // As the chart's monitor has it.
                    honor_labels: true,
                    static_configs: [{ targets: [metrics] }],
                },
            ],
        };
        fs.writeFileSync(path.join(folder, "prometheus.yml"), stringify(config));
        const [port = 0] = await freePorts(1);
        const paths = await tools("prometheus");
        plane.processes.start("prometheus", paths.prometheus, [
            `--config.file=${path.join(folder, "prometheus.yml")}`,
            `--storage.tsdb.path=${path.join(folder, "data")}`,
            `--web.listen-address=127.0.0.1:${port}`,
        ]);
        prometheus = `http://127.0.0.1:${port}`;
    }

    /** Waits until exactly these series of custom resources are exposed. */
    async function exposes(...expected: readonly string[]): Promise<void> {
        await plane.eventually("the series", 30, async () => {
            const text = await (await fetch(`http://${metrics}/metrics`)).text();
            const found = text.split("\n").filter((line) => /^(redis|gotk)_/.test(line));
            assert.deepEqual(found.sort(), [...expected].sort());
            return true;
        });
    }

    /** What a panel's query shows now, by what its rows are about. */
    async function shows(title: string, query: number): Promise<Readonly<Record<string, number>>> {
        const panel = dashboardsOf(run.registrations)
            .filter(({ place }) => place.endsWith("redis-operator.json"))
            .flatMap(({ dashboard }) => panelsIn(dashboard))
            .find((each) => each.title === title);
        // `All` of every variable; `$1` is no variable.
        const expr = (panel?.targets?.[query]?.expr ?? "").replace(/\$[a-z]\w*/g, ".*");
        assert.notEqual(expr, "", `no panel ${title}`);
        const url = `${prometheus}/api/v1/query?query=${encodeURIComponent(expr)}`;
        const { data } = (await (await fetch(url)).json()) as {
            data: { result: { metric: Record<string, string>; value: [number, string] }[] };
        };
        return Object.fromEntries(
            data.result.map(({ metric, value }) => [
                ["customresource_kind", "namespace", "instance"]
                    .map((each) => metric[each] ?? "")
                    .join(" ")
                    .trim(),
                Number(value[1]),
            ]),
        );
    }

    async function showsSoon(
        title: string,
        query: number,
        expected: Readonly<Record<string, number>>,
    ): Promise<void> {
        await plane.eventually(`${title}, query ${query}`, 30, async () => {
            assert.deepEqual(await shows(title, query), expected);
            return true;
        });
    }

    async function patch(kind: string, name: string, change: object): Promise<void> {
        await plane.client.patch(await plane.client.get(API, kind, "shop", name), change);
    }

    it("what each Redis and RedisSentinel asks for, and nothing of the other kinds", async () => {
        await exposes(
            `redis_resource_info{${CACHE}} 1`,
            `redis_resource_info{${ORDERS}} 1`,
            `redis_resource_size{${ORDERS}} 3`,
        );
    });

    it("with no right that it lacks", () => {
        assert.doesNotMatch(plane.processes.log("kube-state-metrics"), /forbidden/);
    });

    it("of which an annotation keeps the operator off", async () => {
        const off = (kind: string, value: string | null) => ({
            metadata: { annotations: { [`${kind}.opstreelabs.in/skip-reconcile`]: value } },
        });
        await patch("Redis", "cache", off("redis", "true"));
        await patch("RedisSentinel", "orders", off("redissentinel", "true"));
        await exposes(
            `redis_resource_info{${CACHE},skipped="true"} 1`,
            `redis_resource_info{${ORDERS},skipped="true"} 1`,
            `redis_resource_size{${ORDERS}} 3`,
        );
        await showsSoon("Skipped", 0, { "": 2 });
        await patch("Redis", "cache", off("redis", null));
        await patch("RedisSentinel", "orders", off("redissentinel", null));
        await showsSoon("Skipped", 0, { "": 0 });
    });

    it("and how many of their pods are ready, beside how many are wanted", async () => {
        const table = "Standalone and Sentinels";
        const [cache, orders] = ["Redis shop cache", "RedisSentinel shop orders"];
        await showsSoon(table, 0, { [cache]: 1, [orders]: 3 });
        await showsSoon(table, 1, { [cache]: 1, [orders]: 3 });
        await showsSoon("Of another size", 0, { "": 0 });

        await patch("RedisSentinel", "orders", { spec: { clusterSize: 5 } });
        await showsSoon(table, 1, { [cache]: 1, [orders]: 5 });
        assert.deepEqual(await shows(table, 0), { [cache]: 1, [orders]: 3 });
        await showsSoon("Of another size", 0, { "": 1 });

        await reconcileRedis(plane.client, []);
        await showsSoon(table, 0, { [cache]: 1, [orders]: 5 });
        await showsSoon("Of another size", 0, { "": 0 });
    });

    it("and which has no pods at all", async () => {
        await plane.client.delete(
            await plane.client.get("apps/v1", "StatefulSet", "shop", "cache"),
        );
        await showsSoon("Standalone and Sentinels", 0, {
            "Redis shop cache": 0,
            "RedisSentinel shop orders": 5,
        });
        await showsSoon("Of another size", 0, { "": 1 });
    });

    it("until they are deleted", async () => {
        for (const [kind, name] of [
            ["Redis", "cache"],
            ["RedisSentinel", "orders"],
        ] as const) {
            const redis = await plane.client.get(API, kind, "shop", name);
            await plane.client.patch(redis, { metadata: { finalizers: [] } });
            await plane.client.delete(redis);
        }
        await exposes();
    });
});

/** The CRDs of the pinned operator where they are at hand, or such that take anything. */
function redisCrds(): object[] {
    const text = factFile(`crds/redis-operator-${VERSIONS.redisOperator.version}.yaml`);
    if (text !== undefined) {
        return parseAllDocuments(text)
            .map((document) => document.toJS() as object | null)
            .filter((each) => textAt(each, "kind") === "CustomResourceDefinition") as object[];
    }
    const schema = {
        openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    };
    return Object.entries(KINDS).map(([kind, plural]) => ({
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `${plural}.${GROUP}` },
        spec: {
            group: GROUP,
            scope: "Namespaced",
            names: { kind, plural, singular: kind.toLowerCase() },
            versions: [{ name: "v1beta2", served: true, storage: true, schema }],
        },
    }));
}
