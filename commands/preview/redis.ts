import { valueAt } from "../../lab/program/objects";
import type { Registration } from "../../lab/program/program";

/**
 * What the instances say of Redis' own configuration, a line each and by what a change of it does; nothing for those
 * that leave it as it is.
 */
export function redisLines(registrations: readonly Registration[]): string[] {
    return registrations
        .map(({ inputs }) => inputs)
        .filter(({ kind }) => DATA_KINDS.includes(String(kind)))
        .flatMap(({ metadata, spec }) => {
            const name = `${valueAt(metadata, "namespace")}/${valueAt(metadata, "name")}`;
            const dynamic = listAt(spec, "redisConfig", "dynamicConfig")
                .map((line) => String(line).replace(/ $/, ' ""'))
                .filter((line) => !line.startsWith("maxmemory "));
            const [starting] = listAt(spec, "env").map((each) => String(valueAt(each, "value")));
            return [
                ...(dynamic.length > 0
                    ? [`${name}: changed while it runs: ${dynamic.join("; ")}`]
                    : []),
                ...(starting === undefined
                    ? []
                    : [`${name}: its pods restart one by one for a change of ${starting}`]),
            ];
        });
}

const DATA_KINDS: readonly string[] = ["Redis", "RedisReplication", "RedisCluster"];

function listAt(value: unknown, ...path: readonly string[]): unknown[] {
    const list = valueAt(value, ...path);
    return Array.isArray(list) ? list : [];
}
