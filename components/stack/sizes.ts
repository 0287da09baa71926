import type { Problem } from "../settings/problems";

/**
 * What of a key lands in one object. Kubernetes refuses a ConfigMap and a Secret above 1 MiB, annotations above 256 KiB,
 * and etcd every object above 1.5 MB; what is made of a value is up to three times as large.
 */
const LARGEST = 256 * 2 ** 10;

/** Linux takes no variable above 128 KiB (MAX_ARG_STRLEN); one of the exporter's is up to three times as large as its keys. */
const LARGEST_VARIABLE = 40 * 2 ** 10;

/** Keys of which each entry has objects of its own. */
const OWN_OBJECTS = ["redis", "redisPasswords", "backupPasswords"];

/** Values that no object could hold. Returns every problem. */
export function sizeProblems(
    settings: Readonly<Record<string, unknown>> & {
        readonly redis: Readonly<
            Record<
                string,
                {
                    readonly clientNamespaces: readonly string[];
                    readonly instances: Readonly<Record<string, { readonly exporter?: unknown }>>;
                }
            >
        >;
    },
): Problem[] {
    return [
        ...Object.entries(settings).flatMap(([key, value]) =>
            OWN_OBJECTS.includes(key) ? [] : bytesProblems(key, value),
        ),
        ...Object.entries(settings.redis).flatMap(
            ([namespace, { clientNamespaces, instances }]) => [
                ...bytesProblems(`redis.${namespace}.clientNamespaces`, clientNamespaces),
                ...Object.entries(instances).flatMap(([name, instance]) => {
                    const path = `redis.${namespace}.instances.${name}`;
                    const exporter = bytesProblems(
                        `${path}.exporter`,
                        instance.exporter,
                        LARGEST_VARIABLE,
                    );
                    return exporter.length > 0 ? exporter : bytesProblems(path, instance);
                }),
            ],
        ),
        ...["redisPasswords", "backupPasswords"].flatMap((key) =>
            Object.entries(settings[key] ?? {}).flatMap(([namespace, value]) =>
                bytesProblems(`${key}.${namespace}`, value),
            ),
        ),
    ];
}

function bytesProblems(path: string, value: unknown, most = LARGEST): Problem[] {
    const size = Buffer.byteLength(JSON.stringify(value) ?? "");
    return size <= most
        ? []
        : [
              {
                  path,
                  got: `${size} bytes`,
                  allowed: `at most ${most}: ${most === LARGEST ? "Kubernetes would refuse the objects that are made of it" : "it becomes a variable of the exporter, and Linux takes none above 128 KiB"}`,
              },
          ];
}
