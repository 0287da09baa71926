import type { StreamName } from "../logSchema";

/** Folders and files as the pipeline sees them. */
export interface PipelinePaths {
    /** Symlinks of the kubelet; a file's name is `<pod>_<namespace>_<container>-<id>.log`. */
    readonly logs: string;
    /** Own folder on the node: positions and chunks survive the pod. */
    readonly state: string;
    readonly scripts: string;
    /** PEM of the authority that signed Elasticsearch's certificate. */
    readonly caFile: string;
}

export const PATHS: PipelinePaths = {
    logs: "/var/log/containers",
    state: "/var/lib/fluent-bit",
    scripts: "/fluent-bit/scripts",
    caFile: "/elasticsearch-ca/ca.crt",
};

/** Whose log files there are. */
export interface LogSources {
    /** Fluent Bit's own namespace. */
    readonly ownNamespace: string;
    readonly operatorNamespace: string;
    /** Environment of each namespace with Redis instances, tenants' included. */
    readonly redisNamespaces: Readonly<Record<string, string>>;
}

/** The files that a stream reads, and those of them that it leaves to others. */
export interface LogFiles {
    readonly paths: readonly string[];
    readonly excluded: readonly string[];
}

/**
 * Links to what was rotated while nobody read, below the pipeline's own folder: `<time of the rotation>/<name as in logs>`.
 * `findMissed` makes them before Fluent Bit starts.
 */
export function missedFolder({ state }: Pick<PipelinePaths, "state">): string {
    return `${state}/missed`;
}

/** The files of a stream, as patterns. */
export function logFiles(
    stream: Exclude<StreamName, "events">,
    { ownNamespace, operatorNamespace, redisNamespaces }: LogSources,
    paths: Pick<PipelinePaths, "logs" | "state">,
): LogFiles {
    const folders = [paths.logs, `${missedFolder(paths)}/*`];
    const everywhere = (...names: readonly string[]): string[] =>
        folders.flatMap((folder) => names.map((name) => `${folder}/${name}`));
    const operator = `*_${operatorNamespace}_*.log`;
    switch (stream) {
        case "operator":
            return { paths: everywhere(operator), excluded: [] };
        case "instance":
            return {
                paths: everywhere(...Object.keys(redisNamespaces).map((name) => `*_${name}_*.log`)),
                excluded: everywhere("*_redis-exporter-*.log"),
            };
        case "containers":
            return {
                paths: everywhere("*.log"),
                // Its own errors about a full Elasticsearch would fill Elasticsearch.
                excluded: everywhere(operator, `fluent-bit-*_${ownNamespace}_*.log`),
            };
    }
}
