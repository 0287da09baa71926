import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { stringify } from "yaml";

import { customRules, EXTERNAL_RULE } from "../../components/autoscaling/prometheusAdapter";
import { exporterSettings, exporterVariables } from "../../components/redis/redisExporter";
import { find, listAt, valueAt } from "../../lab/program/objects";
import { previewOf } from "../../lab/program/runs";
import { eventually } from "../../lab/tools/commands";
import { execute, needs, Scratch, succeeds } from "../backup/programs";
import { cluster, fillCluster, RedisCluster, sentinels } from "../backup/redisModes";
import { freePort, PASSWORD, Redis, Servers } from "../backup/servers";
import { expanded } from "../support/adapterRules";
import { goTool } from "../support/goTool";
import { skip } from "../support/skip";

const SIZE = { memory: "256Mi", storageSize: "1Gi" };
const EXPORTER = {
    checkSingleKeys: { "queue:jobs": {} },
    checkStreams: { mails: { groups: 1, consumers: 1 } },
};
const SETTINGS = {
    redis: {
        ode: {
            instances: {
                single: { mode: "standalone", ...SIZE },
                pair: { mode: "replication", replicas: 3, ...SIZE, exporter: EXPORTER },
                watched: { mode: "sentinel", replicas: 3, ...SIZE },
                shards: { mode: "cluster", shards: 3, ...SIZE, exporter: EXPORTER },
            },
        },
    },
    applications: {
        ode: {
            "ode-worker": {
                port: 9090,
                autoscaling: {
                    max: 20,
                    queues: {
                        single: { instance: "single" },
                        pair: { instance: "pair" },
                        "pair-list": { instance: "pair", key: "queue:jobs" },
                        "pair-stream": { instance: "pair", key: "mails", group: "senders" },
                        watched: { instance: "watched" },
                        shards: { instance: "shards" },
                        "shards-list": { instance: "shards", key: "queue:jobs" },
                    },
                },
            },
        },
    },
    autoscaling: { provider: "keda" },
};

describe("What autoscalers read, of real servers in each mode", function () {
    this.timeout(180_000);
    let scratch: Scratch;
    let servers: Servers;
    let pair: readonly Redis[];
    let watched: readonly Redis[];
    let shards: RedisCluster;
    let prometheus: string;

    before(async function () {
        needs(
            this,
            ...["redis-server", "redis-cli", "redis-sentinel", "prometheus-redis-exporter"],
        );
        // It may have to be built.
        this.timeout(0);
        const program = await goTool(this, "prometheus");
        scratch = new Scratch();
        servers = new Servers(scratch);
        // One for each server and exporter.
        process.setMaxListeners(50);
        const single = await servers.redis();
        pair = await replicated();
        watched = await replicated();
        await sentinels(servers, scratch, watched[0] as Redis, 2);
        shards = await cluster(servers);
        await single.fill(5);
        await pair[0]?.fill(100);
        await pair[0]?.ask("RPUSH", "queue:jobs", ..."abcdefg");
        await pair[0]?.ask("XADD", "mails", "1-1", "to", "x");
        await pair[0]?.ask("XADD", "mails", "1-2", "to", "y");
        await pair[0]?.ask("XGROUP", "CREATE", "mails", "senders", "0");
        await watched[0]?.fill(20);
        await fillCluster(shards, 30);
        const push = ["-c", "-p", String(shards.leaders[0]?.port), "RPUSH", "queue:jobs"];
        const env = { REDISCLI_AUTH: PASSWORD };
        await succeeds(execute("redis-cli", [...push, "a", "b", "c"], env));
        const targets = [
            ...(await exported({ single: [single], pair, watched })),
            ...(await exported({
                "shards-leader": shards.leaders,
                "shards-follower": shards.nodes.filter((each) => !shards.leaders.includes(each)),
            })),
        ];
        prometheus = await startPrometheus(program, targets);
    });
    after(async () => {
        await servers?.stop();
        scratch?.remove();
    });

    async function replicated(): Promise<readonly Redis[]> {
        const master = await servers.redis();
        return [master, await servers.replicaOf(master), await servers.replicaOf(master)];
    }

    /** An exporter beside each server, with the labels that its monitor gives the pod. */
    async function exported(
        apps: Readonly<Record<string, readonly Redis[]>>,
    ): Promise<{ targets: string[]; labels: object }[]> {
        const variables = exporterVariables(exporterSettings.parse(EXPORTER));
        const all = Object.entries(apps).flatMap(([app, pods]) =>
            pods.map((redis, i) => ({ app, pod: `${app}-${i}`, redis })),
        );
        return Promise.all(
            all.map(async ({ app, pod, redis }) => {
                const port = await freePort();
                servers.start("prometheus-redis-exporter", [], {
                    REDIS_ADDR: `redis://127.0.0.1:${redis.port}`,
                    REDIS_PASSWORD: PASSWORD,
                    REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}`,
                    REDIS_EXPORTER_INCL_SYSTEM_METRICS: "true",
                    ...Object.fromEntries(variables.map(({ name, value }) => [name, value])),
                });
                return { targets: [`127.0.0.1:${port}`], labels: { namespace: "ode", app, pod } };
            }),
        );
    }

    /** With the rules that the program makes; alerts wait as long as a test does. */
    async function startPrometheus(program: string, targets: object[]): Promise<string> {
        const run = await previewOf("staging", SETTINGS);
        const { manifest } = find(run, "PrometheusRule", "ode.ode-worker-autoscaling");
        const groups = listAt(manifest, "spec", "groups").map((group) => ({
            ...(group as object),
            rules: listAt(group, "rules").map((rule) => ({
                ...(rule as object),
                ...(valueAt(rule, "alert") ? { for: "5s" } : {}),
            })),
        }));
        const { folder } = scratch;
        fs.writeFileSync(path.join(folder, "rules.yaml"), JSON.stringify({ groups }));
        fs.writeFileSync(
            path.join(folder, "prometheus.yml"),
            stringify({
                global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
                rule_files: ["rules.yaml"],
                scrape_configs: [{ job_name: "redis", static_configs: targets }],
            }),
        );
        const port = await freePort();
        servers.start(program, [
            `--config.file=${path.join(folder, "prometheus.yml")}`,
            `--storage.tsdb.path=${path.join(folder, "data")}`,
            `--web.listen-address=127.0.0.1:${port}`,
        ]);
        return `http://127.0.0.1:${port}`;
    }

    interface Result {
        readonly metric: Readonly<Record<string, string>>;
        readonly values: readonly number[];
    }

    async function query(text: string): Promise<Result[]> {
        const url = `${prometheus}/api/v1/query?query=${encodeURIComponent(text)}`;
        const { data } = (await (await fetch(url)).json()) as {
            data: {
                result: {
                    metric: Record<string, string>;
                    value?: [number, string];
                    values?: [number, string][];
                }[];
            };
        };
        return data.result.map(({ metric, value, values }) => ({
            metric,
            values: [...(values ?? []), ...(value ? [value] : [])].map(([, each]) => Number(each)),
        }));
    }

    const QUEUES = "application:queue_length:sum";
    /** The value of each queue that has one. */
    const lengths = async (): Promise<Record<string, number | undefined>> =>
        Object.fromEntries(
            (await query(QUEUES)).map(({ metric, values }) => [metric.queue ?? "", values[0]]),
        );

    it("counts keys, and a list, each once whatever replicas and followers have", async () => {
        const all = await eventually("every queue has its value", 90, async () => {
            const found = await lengths();
            return ["single", "pair", "watched", "shards", "shards-list"].every(
                (queue) => found[queue] !== undefined,
            )
                ? found
                : undefined;
        });
        const { "pair-stream": stream, ...others } = all;
        assert.deepEqual(others, {
            single: 5,
            // 100 keys, the list and the stream.
            pair: 102,
            "pair-list": 7,
            watched: 20,
            // 30 keys and the list.
            shards: 31,
            "shards-list": 3,
        });
        assert.ok(stream === undefined || stream === 2);
    });

    it("counts what a group has not read of a stream", async function () {
        if ((await query("redis_stream_group_lag")).length === 0) {
            skip(this, "this redis_exporter tells no redis_stream_group_lag: a later one does");
        }
        assert.equal((await lengths())["pair-stream"], 2);
    });

    it("says the same by prometheus-adapter's rules, as it expands them", async () => {
        const one = { namespace: "ode", application: "ode-worker", queue: "shards" };
        assert.deepEqual(
            (await query(expanded(EXTERNAL_RULE, one, ""))).map(({ values }) => values),
            [[31]],
        );
        const pods = { namespace: "ode", pod: "pair-0|pair-1|pair-2" };
        const [dbKeys = "", ...others] = customRules("needed").map((rule) =>
            expanded(rule, pods, "pod"),
        );
        const perPod = (await query(dbKeys)).map(({ metric, values }) => [metric.pod, values[0]]);
        assert.deepEqual(perPod.sort(), [
            ["pair-0", 102],
            ["pair-1", 102],
            ["pair-2", 102],
        ]);
        for (const each of others) {
            // A rate takes two scrapes of each pod.
            await eventually(each, 30, async () => {
                assert.equal((await query(each)).length, 3);
                return true;
            });
        }
    });

    it("has a value or none while Sentinel makes another pod master, and never another one", async () => {
        await watched[0]?.ask("SHUTDOWN", "NOSAVE").catch(() => undefined);
        await eventually("it is unknown", 60, async () =>
            (await lengths()).watched === undefined ? true : undefined,
        );
        await eventually("the new master tells it", 90, async () =>
            (await lengths()).watched === 20 ? true : undefined,
        );
        const history = await query(`${QUEUES}{queue="watched"}[5m]`);
        assert.deepEqual([...new Set(history.flatMap(({ values }) => values))], [20]);
    });

    it("has none while a master is gone and nobody takes over, and that is told", async () => {
        await pair[0]?.ask("SHUTDOWN", "NOSAVE").catch(() => undefined);
        const firing = 'ALERTS{alertname="AutoscalingQueueUnknown", alertstate="firing"}';
        const told = await eventually("the alerts fire", 60, async () => {
            const queues = (await query(firing)).map(({ metric }) => metric.queue);
            return ["pair", "pair-list"].every((each) => queues.includes(each))
                ? queues
                : undefined;
        });
        assert.ok(!told.includes("watched") && !told.includes("single"), told.join());
        const left = Object.keys(await lengths()).filter((queue) => queue.startsWith("pair"));
        assert.deepEqual(left, []);
    });
});
