interface Endpoint {
    readonly url: string;
    readonly host: string;
    readonly port: number;
    readonly externalUrl: string;
    readonly portForward: string;
}

/** A line for each endpoint and Redis instance: its external URL, or how it is reached in the cluster. */
export function endpointLines(outputs: Record<string, unknown>): string[] {
    const found = endpoints(outputs);
    const width = Math.max(0, ...found.map(([name]) => name.length));
    return found.map(([name, { externalUrl, url, host, port }]) =>
        [name.padEnd(width), externalUrl ?? url ?? `${host}:${port}`].join("  "),
    );
}

/** How each is reached from here, where it has no external URL. */
export function portForwardLines(outputs: Record<string, unknown>): string[] {
    return endpoints(outputs).flatMap(([name, { portForward }]) =>
        portForward ? [`${name}: ${portForward}`] : [],
    );
}

function endpoints(outputs: Record<string, unknown>): [string, Partial<Endpoint>][] {
    const found: [string, Partial<Endpoint>][] = [];
    const walk = (name: string, value: unknown): void => {
        if (typeof value === "string") {
            // A tenant's, which only its owner's stack knows.
            found.push([name, { url: value }]);
        } else if (typeof value === "object" && value !== null && "host" in value) {
            found.push([name, value as Partial<Endpoint>]);
        } else if (typeof value === "object" && value !== null) {
            Object.entries(value).forEach(([key, each]) =>
                walk(name ? `${name}.${key}` : key, each),
            );
        }
    };
    walk("", outputs.endpoints);
    walk("redis", outputs.redis);
    return found;
}
