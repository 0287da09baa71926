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

/** The files of a stream, as patterns. */
export function logFiles(
    stream: Exclude<StreamName, "events">,
    { ownNamespace, operatorNamespace, redisNamespaces }: LogSources,
    folder: string,
): LogFiles {
    const operator = `${folder}/*_${operatorNamespace}_*.log`;
    switch (stream) {
        case "operator":
            return { paths: [operator], excluded: [] };
        case "instance":
            return {
                paths: Object.keys(redisNamespaces).map((name) => `${folder}/*_${name}_*.log`),
                excluded: [`${folder}/*_redis-exporter-*.log`],
            };
        case "containers":
            return {
                paths: [`${folder}/*.log`],
                // Its own errors about a full Elasticsearch would fill Elasticsearch.
                excluded: [operator, `${folder}/fluent-bit-*_${ownNamespace}_*.log`],
            };
    }
}
