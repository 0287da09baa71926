import { run } from "../../lab/tools/commands";
import type { RedisServer } from "./stage";

/** What redis-cli prints for a command. Throws with its output when Redis cannot be reached or refuses. */
export function redisCli(
    { host, port, password }: RedisServer,
    ...command: readonly string[]
): Promise<string> {
    return run("redis-cli", ["-e", "-h", host, "-p", String(port), ...command], {
        env: { ...process.env, REDISCLI_AUTH: password },
    });
}

/** A number of `INFO`, such as `used_memory`. */
export async function infoNumber(server: RedisServer, field: string): Promise<number> {
    const info = await redisCli(server, "INFO");
    const value = new RegExp(`^${field}:(\\d+)`, "m").exec(info)?.[1];
    if (value === undefined) {
        throw new Error(`INFO of ${server.host}:${server.port} has no ${field}`);
    }
    return Number(value);
}
