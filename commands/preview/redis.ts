import { exporterSeries } from "../../components/redis/redisExporter";
import { redisPods, RESTARTS_FOR } from "../../components/redis/redisSpecs";
import { schema } from "../../components/stack/config";
import { valueAt } from "../../lab/program/objects";
import type { Registration } from "../../lab/program/program";
import type { Settings } from "../../lab/program/stackFile";

/**
 * What the instances say of Redis' own configuration, a line each and by what a change of it does, and what their
 * exporters' settings cost; nothing for those that leave it as it is.
 */
export function redisLines(registrations: readonly Registration[], settings: Settings): string[] {
    return [...configurationLines(registrations), ...seriesLines(settings)];
}

/** The most series that the exporters' settings add. */
function seriesLines(settings: Settings): string[] {
    // The program has read it already, and ended where it is wrong.
    const redis = schema.shape.redis.safeParse(settings.redis).data;
    return Object.entries(redis ?? {}).flatMap(([namespace, { instances, external }]) =>
        [
            ...Object.entries(instances).map(
                ([name, instance]) =>
                    [
                        name,
                        instance.exporter,
                        redisPods(name, instance)
                            .filter(({ setupType }) => setupType !== "sentinel")
                            .reduce((sum, workload) => sum + workload.pods, 0),
                    ] as const,
            ),
            ...Object.entries(external ?? {}).map(
                ([name, { exporter }]) => [name, exporter, 1] as const,
            ),
        ].flatMap(([name, exporter, pods]) => {
            const each = exporterSeries(exporter);
            return each === 0
                ? []
                : [
                      `${namespace}/${name}: its exporters add up to ${each * pods} series, ${each} for each of ${pods} pods`,
                  ];
        }),
    );
}

function configurationLines(registrations: readonly Registration[]): string[] {
    return registrations
        .map(({ inputs }) => inputs)
        .filter(({ kind }) => DATA_KINDS.includes(String(kind)))
        .flatMap(({ metadata, spec }) => {
            const name = ["namespace", "name"]
                .map((key) => String(valueAt(metadata, key)))
                .join("/");
            const dynamic = listAt(spec, "redisConfig", "dynamicConfig")
                .map((line) => String(line).replace(/ $/, ' ""'))
                .filter((line) => !line.startsWith("maxmemory "));
            const [starting] = listAt(spec, "env")
                .filter((each) => valueAt(each, "name") === RESTARTS_FOR)
                .map((each) => String(valueAt(each, "value")));
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
