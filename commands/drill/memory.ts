import { infoNumber, redisCli } from "./redisCli";
import type { RedisServer } from "./stage";

const KEYS = "drill:filler:";
const VALUE_BYTES = 256 * 1024;
/** Values at once: what replicas have not read yet takes memory beyond maxmemory, up to the end of the container. */
const BATCH = 16;

/** Values of one size below keys that count on from the last one. */
const FILL = `
for i = 1, tonumber(ARGV[1]) do
    redis.call('SET', KEYS[1] .. redis.call('INCR', KEYS[1]), string.rep('x', tonumber(ARGV[2])))
end`;

const FREE = `
for _, key in ipairs(redis.call('KEYS', KEYS[1] .. '*')) do redis.call('DEL', key) end`;

/** Writes values until Redis uses that share of its maxmemory. */
export async function fillMemory(server: RedisServer, share: number): Promise<void> {
    const limit = await infoNumber(server, "maxmemory");
    const wanted = limit * share;
    const replicas = await infoNumber(server, "connected_slaves");
    let missing = wanted - (await infoNumber(server, "used_memory"));
    while (missing > 0) {
        const values = String(Math.min(BATCH, Math.ceil(missing / VALUE_BYTES)));
        await redisCli(server, "EVAL", FILL, "1", KEYS, values, String(VALUE_BYTES));
        await redisCli(server, "WAIT", String(replicas), "5000");
        missing = wanted - (await infoNumber(server, "used_memory"));
    }
}

/** Deletes what `fillMemory` wrote. */
export async function freeMemory(server: RedisServer): Promise<void> {
    await redisCli(server, "EVAL", FREE, "1", KEYS);
}
