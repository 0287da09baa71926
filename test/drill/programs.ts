import { isOnPath } from "../support/commands";

/** Programs of Debian's packages that a drill needs, by name. */
const PACKAGES: Readonly<Record<string, string>> = {
    "redis-server": "redis-server",
    "redis-sentinel": "redis-sentinel",
    "redis-cli": "redis-tools",
    "prometheus-redis-exporter": "prometheus-redis-exporter",
};

/** Throws with the command that installs what is missing. */
export function checkPrograms(): void {
    const missing = Object.keys(PACKAGES).filter((program) => !isOnPath(program));
    if (missing.length > 0) {
        const packages = [...new Set(missing.map((program) => PACKAGES[program]))];
        throw new Error(
            `A drill needs ${missing.join(", ")} on the PATH. On Debian: apt-get install ${packages.join(" ")}`,
        );
    }
}
