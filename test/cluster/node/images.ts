import { IMAGES } from "../../../components/versions";
import { run } from "../../support/commands";
import { tools } from "../../support/goTools";
import { Family, pinnedVersion } from "../../support/toolFamilies";
import type { Image } from "./image";
import { PAUSE_IMAGE } from "./nodeConfig";

const OPERATOR_MODULE = "github.com/prometheus-operator/prometheus-operator";
const operatorVersion = () => version("prometheus-operator", OPERATOR_MODULE);

/** Names of the images whose programs are built from Go modules, with the versions that were built. */
export const BUILT_IMAGES = {
    prometheus: () =>
        `quay.io/prometheus/prometheus:${release(version("prometheus", "github.com/prometheus/prometheus"))}`,
    alertmanager: () =>
        `quay.io/prometheus/alertmanager:${version("alertmanager", "github.com/prometheus/alertmanager")}`,
    operator: () => `quay.io/prometheus-operator/prometheus-operator:${operatorVersion()}`,
    reloader: () => `quay.io/prometheus-operator/prometheus-config-reloader:${operatorVersion()}`,
} as const;

/** Images of built programs, and of Debian's under the names that our manifests ask for. Builds what is missing. */
export async function nodeImages(): Promise<Image[]> {
    const built = await tools(
        "prometheus",
        "alertmanager",
        "prometheus-operator",
        "prometheus-config-reloader",
    );
    return [
        await debian([PAUSE_IMAGE], ["sleep"], ["sleep", "infinity"]),
        await debian([IMAGES.redis], ["redis-server", "redis-cli", "sh", "cp"], ["redis-server"]),
        await debian(
            [IMAGES.redisSentinel],
            ["redis-sentinel", "redis-cli", "sh", "cp"],
            ["redis-sentinel"],
        ),
        await debian(
            [IMAGES.redisExporter],
            ["prometheus-redis-exporter"],
            ["prometheus-redis-exporter"],
        ),
        {
            names: [IMAGES.node],
            programs: { "usr/bin/node": process.execPath },
            entrypoint: ["node"],
        },
        program(BUILT_IMAGES.prometheus(), "prometheus", built.prometheus),
        program(BUILT_IMAGES.alertmanager(), "alertmanager", built.alertmanager),
        program(BUILT_IMAGES.operator(), "operator", built["prometheus-operator"]),
        program(
            BUILT_IMAGES.reloader(),
            "prometheus-config-reloader",
            built["prometheus-config-reloader"],
        ),
    ];
}

/** An image of programs that are installed on this machine, where the PATH of the image finds them. */
async function debian(
    names: readonly string[],
    programs: readonly string[],
    entrypoint: readonly string[],
): Promise<Image> {
    const files = await Promise.all(
        programs.map(async (name) => {
            const found = (await run("sh", ["-c", `command -v ${name}`])).trim();
            return [`usr/bin/${name}`, found] as const;
        }),
    );
    return { names, programs: Object.fromEntries(files), entrypoint };
}

function program(name: string, file: string, source: string): Image {
    return { names: [name], programs: { [`bin/${file}`]: source }, entrypoint: [`/bin/${file}`] };
}

function version(family: Family, module: string): string {
    return pinnedVersion(family, module);
}

/** Prometheus' module v0.314.0 is its release v3.14.0. */
function release(moduleVersion: string): string {
    const [, major, minor, patch] = /^v0\.(\d)(\d\d)\.(\d+)$/.exec(moduleVersion) ?? [];
    return major ? `v${major}.${Number(minor)}.${patch}` : moduleVersion;
}
