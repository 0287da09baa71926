import type { Problem } from "../settings/problems";

/**
 * What of a key lands in one object. Kubernetes refuses a ConfigMap and a Secret above 1 MiB, annotations above 256 KiB,
 * and etcd every object above 1.5 MB; what is made of a value is up to three times as large.
 */
const LARGEST = 256 * 2 ** 10;

/** Keys of which each entry has objects of its own. */
const OWN_OBJECTS = ["redis", "redisPasswords", "backupPasswords"];

/** Values that no object could hold. Returns every problem. */
export function sizeProblems(
    settings: Readonly<Record<string, unknown>> & {
        readonly redis: Readonly<Record<string, { readonly clientNamespaces: readonly string[] }>>;
    },
): Problem[] {
    return [
        ...Object.entries(settings).flatMap(([key, value]) =>
            OWN_OBJECTS.includes(key) ? [] : bytesProblems(key, value),
        ),
        ...Object.entries(settings.redis).flatMap(([namespace, { clientNamespaces }]) =>
            bytesProblems(`redis.${namespace}.clientNamespaces`, clientNamespaces),
        ),
    ];
}

function bytesProblems(path: string, value: unknown): Problem[] {
    const size = Buffer.byteLength(JSON.stringify(value) ?? "");
    return size <= LARGEST
        ? []
        : [
              {
                  path,
                  got: `${size} bytes`,
                  allowed: `at most ${LARGEST}: Kubernetes would refuse the objects that are made of it`,
              },
          ];
}
