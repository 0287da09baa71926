import assert from "node:assert/strict";

import {
    exporterSeries,
    exporterSettings,
    exporterVariables,
} from "../../components/redis/redisExporter";
import { eventually } from "../../lab/tools/commands";
import { needs, Scratch } from "../backup/programs";
import { freePort, PASSWORD, Redis, Servers } from "../backup/servers";

describe("Settings of exporters with the real exporter", function () {
    this.timeout(60_000);
    let scratch: Scratch;
    let servers: Servers;
    let redis: Redis;
    before(async function () {
        needs(this, "redis-server", "redis-cli", "prometheus-redis-exporter");
        scratch = new Scratch();
        servers = new Servers(scratch);
        redis = await servers.redis();
        await redis.ask("RPUSH", "jobs", "a", "b", "c");
        await redis.ask("SET", "a,b=c d", "42");
        await redis.ask("SET", "user:1", "7");
        await redis.ask("SET", "user:2", "8");
        await redis.ask("XADD", "mails", "1-1", "to", "x");
        await redis.ask("XADD", "mails", "1-2", "to", "y");
        await redis.ask("XGROUP", "CREATE", "mails", "senders", "0");
        for (const consumer of ["one", "two"]) {
            const from = ["COUNT", "1", "STREAMS", "mails", ">"];
            await redis.ask("XREADGROUP", "GROUP", "senders", consumer, ...from);
        }
    });
    after(async () => {
        await servers?.stop();
        scratch?.remove();
    });

    /** The series of an exporter with the variables of its settings, beside what the operator tells it. */
    async function series(settings: object): Promise<string[]> {
        const port = await freePort();
        const variables = exporterVariables(exporterSettings.parse(settings));
        servers.start("prometheus-redis-exporter", [], {
            REDIS_ADDR: `redis://127.0.0.1:${redis.port}`,
            REDIS_PASSWORD: PASSWORD,
            REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}`,
            REDIS_EXPORTER_INCL_SYSTEM_METRICS: "true",
            ...Object.fromEntries(variables.map(({ name, value }) => [name, value])),
        });
        const text = await eventually("the exporter", 20, async () => {
            const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
            return answer?.text();
        });
        return text.split("\n").filter((line) => line.startsWith("redis_"));
    }

    const only = (all: readonly string[], name: RegExp) => all.filter((line) => name.test(line));

    it("export the length of single keys by their names, with what would divide a list, and 0 for none", async () => {
        const all = await series({
            checkSingleKeys: { jobs: {}, "a,b=c d": {}, absent: {} },
        });
        assert.deepEqual(only(all, /^redis_key_size/), [
            'redis_key_size{db="db0",key="a,b=c d"} 2',
            'redis_key_size{db="db0",key="absent"} 0',
            'redis_key_size{db="db0",key="jobs"} 3',
        ]);
    });

    it("export keys that match, and count others", async () => {
        const all = await series({
            checkKeys: { "user:*": { keys: 10 } },
            countKeys: { "us?r:[12]": {} },
        });
        assert.deepEqual(only(all, /^redis_key(s_count|_size)/), [
            'redis_key_size{db="db0",key="user:1"} 1',
            'redis_key_size{db="db0",key="user:2"} 1',
            'redis_keys_count{db="db0",key="us?r:[12]"} 2',
        ]);
    });

    it("export a stream with its groups and consumers", async () => {
        const all = await series({ checkStreams: { mails: { groups: 1, consumers: 2 } } });
        assert.deepEqual(
            only(all, /^redis_stream_(length|group_messages_pending|group_consumer_messages)/),
            [
                'redis_stream_group_consumer_messages_pending{consumer="one",db="db0",group="senders",stream="mails"} 1',
                'redis_stream_group_consumer_messages_pending{consumer="two",db="db0",group="senders",stream="mails"} 1',
                'redis_stream_group_messages_pending{db="db0",group="senders",stream="mails"} 2',
                'redis_stream_length{db="db0",stream="mails"} 2',
            ],
        );
    });

    it("export a series for each connection", async () => {
        const all = await series({ clientList: { clients: 5 } });
        assert.equal(only(all, /^redis_connected_clients_details/).length, 1);
    });

    it("cost no more series than is said", async () => {
        const settings = {
            values: true,
            checkSingleKeys: { jobs: {}, "a,b=c d": {} },
            checkKeys: { "user:*": { keys: 2 } },
            countKeys: { "user:*": {} },
            checkStreams: { mails: { groups: 1, consumers: 2 } },
            clientList: { clients: 1 },
        };
        const before = new Set((await series({})).map((line) => line.replace(/ \S+$/, "")));
        const added = (await series(settings))
            .map((line) => line.replace(/ \S+$/, ""))
            .filter((name) => !before.has(name))
            .filter((name) => /^redis_(keys?_|stream_|connected_clients_details)/.test(name));
        // 4 keys with 3 numbers, a count, a stream of 5, a group of 3, two consumers of 2, and a connection.
        assert.equal(added.length, 4 + 3 + 1 + 5 + 3 + 4 + 1);
        // What is said counts a value for each key, and what later exporters tell of a stream.
        assert.equal(exporterSeries(exporterSettings.parse(settings)), 8 + 1 + 15 + 6 + 4 + 1);
    });
});
