// Writes and reads keys, in every mode and through a failover. docs/redis/README.md says what it shows.
import { setTimeout as sleep } from "node:timers/promises";

import { Cluster, Redis } from "ioredis";

const { MODE, PREFIX = "demo", WRITES = "100", PAUSE_MS = "10" } = process.env;
const { REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD, REDIS_CA } = process.env;
const seed = { host: REDIS_HOST, port: Number(REDIS_PORT) };
// Sentinel and a cluster tell addresses, and the certificate has names: the name is said here.
const tls = REDIS_CA ? { ca: REDIS_CA, servername: REDIS_HOST } : undefined;
const backoff = (tries) => Math.min(50 * 2 ** tries, 1000) * (0.5 + Math.random() / 2);

const options = {
    ...{ username: REDIS_USERNAME, password: REDIS_PASSWORD, tls },
    ...{ connectTimeout: 1000, commandTimeout: 1000, retryStrategy: backoff },
    // Nothing is sent twice, or later, without this program's knowing.
    ...{ autoResendUnfulfilledCommands: false, enableOfflineQueue: false },
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
};
const clients = {
    replication: () => new Redis({ ...seed, ...options }),
    sentinel: () =>
        new Redis({
            ...{ ...options, sentinels: [seed], name: process.env.REDIS_SENTINEL_MASTER },
            ...{ enableTLSForSentinelMode: Boolean(tls), sentinelTLS: tls },
            ...{ sentinelRetryStrategy: backoff, sentinelCommandTimeout: 1000 },
        }),
    cluster: () =>
        new Cluster([seed], {
            ...{ redisOptions: options, clusterRetryStrategy: backoff, enableOfflineQueue: false },
            // 0: a command whose connection broke is not sent again; so the slots are asked for on time.
            ...{ retryDelayOnFailover: 0, slotsRefreshInterval: 1000, slotsRefreshTimeout: 1000 },
        }),
};
const client = clients[MODE]();
client.on("error", () => {}); // Each command tells its own.

let failed = 0;
/** For what may be done twice: tries again for a minute, with longer and longer pauses. */
async function retried(command) {
    const end = Date.now() + 60_000;
    for (let tries = 0; ; tries++) {
        try {
            return await command();
        } catch (error) {
            failed++;
            if (Date.now() > end) throw error;
            await sleep(backoff(tries));
        }
    }
}

let [missing, counted, unknown, longest, last] = [0, 0, 0, 0, 0];
for (let i = 1; i <= Number(WRITES); i++) {
    await retried(() => client.set(`${PREFIX}:${i}`, i));
    longest = Math.max(longest, last ? Date.now() - last : 0);
    last = Date.now();
    if ((await retried(() => client.get(`${PREFIX}:${i}`))) !== String(i)) missing++;
    // Not for twice: without an answer, nobody knows whether it was done.
    await client.incr(`${PREFIX}:count`).then(
        () => counted++,
        () => unknown++,
    );
    await sleep(Number(PAUSE_MS));
}
console.log(JSON.stringify({ failed, longest, missing, counted, unknown }));
client.disconnect();
