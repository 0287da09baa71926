import { IMAGES } from "../../../components/versions";
import { isOnPath, run } from "../../tools/commands";
import { tool } from "../../tools/goTools";
import { pinnedVersion, Tool } from "../../tools/toolFamilies";
import type { Image } from "./image";
import { PAUSE_IMAGE } from "./nodeConfig";
import { START_REDIS, START_SENTINEL } from "./redisStart";

const OPERATOR_MODULE = "github.com/prometheus-operator/prometheus-operator";
const operatorVersion = () => pinnedVersion("prometheus-operator", OPERATOR_MODULE);

/** Names of the images whose programs are built from Go modules, with the versions that were built. */
export const BUILT_IMAGES = {
    prometheus: () =>
        `quay.io/prometheus/prometheus:${release(pinnedVersion("prometheus", "github.com/prometheus/prometheus"))}`,
    alertmanager: () =>
        `quay.io/prometheus/alertmanager:${pinnedVersion("alertmanager", "github.com/prometheus/alertmanager")}`,
    operator: () => `quay.io/prometheus-operator/prometheus-operator:${operatorVersion()}`,
    reloader: () => `quay.io/prometheus-operator/prometheus-config-reloader:${operatorVersion()}`,
} as const;

type Contents = Pick<Image, "programs" | "entrypoint">;

/** Programs of Debian's packages that images are made of, by their package. */
const PACKAGES: Readonly<Record<string, string>> = {
    "redis-server": "redis-server",
    "redis-sentinel": "redis-sentinel",
    "redis-cli": "redis-tools",
    "prometheus-redis-exporter": "prometheus-redis-exporter",
};

/** What the start of a pod, its probes and its hooks call beside Redis. */
const SHELL = ["sh", "cp", "cat", "sed", "awk", "grep", "hostname", "seq", "sleep", "timeout"];

/** What an image is made of, by the repository that manifests name. */
const CONTENTS: Readonly<Record<string, () => Promise<Contents>>> = {
    [repositoryOf(PAUSE_IMAGE)]: () => debian(["sleep"], ["sleep", "infinity"]),
    [repositoryOf(IMAGES.redis)]: () =>
        debian(["redis-server", "redis-cli", ...SHELL], ["sh", "-c", START_REDIS]),
    [repositoryOf(IMAGES.redisSentinel)]: () =>
        debian(["redis-sentinel", "redis-cli", ...SHELL], ["sh", "-c", START_SENTINEL]),
    [repositoryOf(IMAGES.redisExporter)]: () =>
        debian(["prometheus-redis-exporter"], ["prometheus-redis-exporter"]),
    [repositoryOf(IMAGES.node)]: () =>
        Promise.resolve({ programs: { "usr/bin/node": process.execPath }, entrypoint: ["node"] }),
    [repositoryOf(BUILT_IMAGES.prometheus())]: () => built("prometheus"),
    [repositoryOf(BUILT_IMAGES.alertmanager())]: () => built("alertmanager"),
    [repositoryOf(BUILT_IMAGES.operator())]: () => built("prometheus-operator", "operator"),
    [repositoryOf(BUILT_IMAGES.reloader())]: () => built("prometheus-config-reloader"),
    "quay.io/prometheus/node-exporter": () => built("node-exporter", "node_exporter"),
};

/** Repositories of the images that can be made here. */
export const MADE_REPOSITORIES: readonly string[] = Object.keys(CONTENTS);

/** `quay.io/prometheus/prometheus` of `quay.io/prometheus/prometheus:v3.14.0`. */
export function repositoryOf(image: string): string {
    return image.replace(/:[^:/]+$/, "");
}

/** Why images cannot be made here; undefined when they can. */
export function imageProblem(): string | undefined {
    const missing = Object.keys(PACKAGES).filter((program) => !isOnPath(program));
    const packages = [...new Set(missing.map((program) => PACKAGES[program]))];
    return missing.length > 0
        ? `it needs ${missing.join(", ")} on the PATH. On Debian: apt-get install ${packages.join(" ")}`
        : undefined;
}

/**
 * Images under the names that manifests ask for, of programs that are built and of Debian's; the tag does not change what
 * is in them. Builds what is missing. Throws for an image that cannot be made.
 */
export async function imagesNamed(names: readonly string[]): Promise<Image[]> {
    const repositories = [...new Set(names.map(repositoryOf))];
    const images: Image[] = [];
    for (const repository of repositories) {
        const contents = CONTENTS[repository];
        if (contents === undefined) {
            throw new Error(
                `no image ${repository} can be made here, only ${MADE_REPOSITORIES.join(", ")}`,
            );
        }
        const own = names.filter((name) => repositoryOf(name) === repository);
        images.push({ names: [...new Set(own)], ...(await contents()) });
    }
    return images;
}

/** Programs that are installed on this machine, where the PATH of the image finds them. */
async function debian(
    programs: readonly string[],
    entrypoint: readonly string[],
): Promise<Contents> {
    const files = await Promise.all(
        programs.map(async (name) => {
            const found = (await run("sh", ["-c", `command -v ${name}`])).trim();
            return [`usr/bin/${name}`, found] as const;
        }),
    );
    return { programs: Object.fromEntries(files), entrypoint };
}

async function built(name: Tool, file: string = name): Promise<Contents> {
    return { programs: { [`bin/${file}`]: await tool(name) }, entrypoint: [`/bin/${file}`] };
}

/** Prometheus' module v0.314.0 is its release v3.14.0. */
function release(moduleVersion: string): string {
    const [, major, minor, patch] = /^v0\.(\d)(\d\d)\.(\d+)$/.exec(moduleVersion) ?? [];
    return major ? `v${major}.${Number(minor)}.${patch}` : moduleVersion;
}
