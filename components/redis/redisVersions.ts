import { Problem, show } from "../settings/problems";
import { CHARTS, IMAGES } from "../versions";

/**
 * What the operator is told in cluster mode, whatever the image: up to 0.26.1 it gives addresses by name, and what else
 * came with Redis 7, for exactly this text, and treats `v8` as Redis 6.
 * https://github.com/OT-CONTAINER-KIT/redis-operator/pull/1872
 */
export const CLUSTER_VERSION = "v7";

/** Of both images, where an instance names no other. */
export const REDIS_VERSION = versionOf(IMAGES.redis);

/** The images of one version of Redis. */
export function redisImages(version: string = REDIS_VERSION): {
    readonly redis: string;
    readonly sentinel: string;
} {
    const at = (image: string) => image.replace(/:v[^:]*$/, `:v${version}`);
    return { redis: at(IMAGES.redis), sentinel: at(IMAGES.redisSentinel) };
}

interface Advisory {
    readonly id: string;
    readonly what: string;
    /** The first release of each line without it. Older lines have it and get no fix; newer ones never had it. */
    readonly fixed: readonly string[];
}

/** Known to let an attacker run code, newest first. Of each line, the images are those of the operator's project. */
const ADVISORIES: readonly Advisory[] = [
    {
        id: "CVE-2026-81934",
        what: "a connection by TLS may run code",
        fixed: ["7.2.16", "7.4.11", "8.2.9", "8.4.6", "8.6.6", "8.8.2", "8.10.1"],
    },
    {
        id: "CVE-2026-25243",
        what: "RESTORE may run code",
        fixed: ["7.2.14", "7.4.9", "8.2.6", "8.4.3", "8.6.3"],
    },
    {
        id: "CVE-2025-49844",
        what: "a Lua script may run code",
        fixed: ["7.2.11", "7.4.6", "8.0.4", "8.2.2"],
    },
];

/** Why a version of Redis may not run, or undefined. */
export function redisDefect(version: string): string | undefined {
    const known = ADVISORIES.filter(({ fixed }) => !isFixed(version, fixed));
    return known.length === 0
        ? undefined
        : `it has ${known.map(({ id, what }) => `${id} (${what})`).join(", ")}`;
}

/** The first release of each line in which nothing is known. */
export const LEAST_VERSIONS: readonly string[] = ADVISORIES[0]?.fixed ?? [];

function isFixed(version: string, fixed: readonly string[]): boolean {
    const here = numbers(version);
    const line = fixed
        .map(numbers)
        .find((each) => compare(each.slice(0, 2), here.slice(0, 2)) === 0);
    const newest = numbers(fixed.at(-1) ?? "");
    return line ? compare(here, line) >= 0 : compare(here.slice(0, 2), newest.slice(0, 2)) > 0;
}

/** Versions of the operator, from the one on to below the other, with what they do. */
const OPERATOR_DEFECTS: readonly (readonly [from: string, below: string, what: string])[] = [
    [
        "0.0.0",
        "0.22.1",
        "it empties a cluster whose pods all restarted (OT-CONTAINER-KIT/redis-operator#1505)",
    ],
    [
        "0.24.0",
        "0.25.0",
        "it finds no master after its own restart (OT-CONTAINER-KIT/redis-operator#1719)",
    ],
];

/** Why a version of the Redis operator may not run, or undefined. */
export function operatorDefect(version: string): string | undefined {
    const here = numbers(version);
    return OPERATOR_DEFECTS.find(
        ([from, below]) => compare(here, numbers(from)) >= 0 && compare(here, numbers(below)) < 0,
    )?.[2];
}

/** The pins of components/versions.ts that may not run; `version` is the operator's. */
export function operatorProblems(version: string = CHARTS.redisOperator.version): Problem[] {
    const defect = operatorDefect(version);
    return defect === undefined
        ? []
        : [
              {
                  path: "redisOperator",
                  got: `chart redis-operator ${version} of components/versions.ts`,
                  allowed: `another version: ${defect}`,
              },
          ];
}

/** An instance's version that may not run. */
export function versionProblems(path: string, version: string = REDIS_VERSION): Problem[] {
    const defect = redisDefect(version);
    return defect === undefined
        ? []
        : [
              {
                  path: `${path}.version`,
                  got: show(version),
                  allowed: `allowed: ${LEAST_VERSIONS.join(", ")} or later of the same line, since ${defect}; without it, the instance has ${REDIS_VERSION}`,
              },
          ];
}

function versionOf(image: string): string {
    return /:v([\d.]+)$/.exec(image)?.[1] ?? "";
}

function numbers(version: string): number[] {
    return version.split(".").map(Number);
}

/** Below 0, 0 or above 0, as for a sort. */
function compare(a: readonly number[], b: readonly number[]): number {
    const at = a.findIndex((part, i) => part !== b[i]);
    return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
