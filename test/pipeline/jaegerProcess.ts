import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { stringify } from "yaml";

import {
    Attributes,
    collectorConfig,
    SAMPLING_FILE,
    samplingStrategies,
    TLS_FOLDER,
} from "../../components/tracing/collectorConfig";
import { CONFIG_FOLDER, everyAddress, PORTS, STORAGE } from "../../components/tracing/jaegerConfig";
import type { JaegerSettings } from "../../components/tracing/settings";
import { valueAt } from "../../lab/program/objects";
import { eventually, start } from "../../lab/tools/commands";

type Ports = Record<keyof typeof PORTS, number>;

export interface JaegerProcess {
    readonly ports: Ports;
    readonly stop: () => Promise<void>;
}

const STORAGE_ARGS = {
    url: "https://elasticsearch.logging.svc:9200",
    username: "jaeger",
    nodes: 1,
    dailyVolume: "1Gi",
    retention: "7d",
};

/**
 * Runs the real Jaeger with the collector's configuration, and waits until it is healthy. Two things differ from a cluster: spans are kept in memory,
 * where the query API of the same process reads them, and the ports and folders are free ones of this machine.
 */
export async function startCollector(
    binary: string,
    attributes: Attributes,
    settings: Pick<JaegerSettings, "collector" | "otlpTls" | "sampling">,
    /** With `tls.crt` and `tls.key`. */
    tlsFolder?: string,
    /** URL of an Elasticsearch that takes the spans, in place of the memory. */
    store?: string,
): Promise<JaegerProcess> {
    const jaeger = await launchCollector(binary, attributes, settings, tlsFolder, store);
    await eventually("Jaeger is healthy", 30, async () => {
        const answer = await fetch(`http://127.0.0.1:${jaeger.ports.health}/status`);
        return answer.ok ? true : undefined;
    });
    return jaeger;
}

/** The same without the wait, for one that does not get healthy. */
export async function launchCollector(
    ...[binary, attributes, settings, tlsFolder, store]: Parameters<typeof startCollector>
): Promise<JaegerProcess> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "jaeger-"));
    const ports = await freePorts();
    fs.writeFileSync(
        path.join(folder, SAMPLING_FILE),
        JSON.stringify(samplingStrategies(settings.sampling)),
    );
    const configured = collectorConfig(STORAGE_ARGS, attributes, settings);
    const config = store ? withStore(configured, store) : inMemory(configured);
    let text = stringify(config)
        .replaceAll(CONFIG_FOLDER, folder)
        .replaceAll(TLS_FOLDER, tlsFolder ?? TLS_FOLDER)
        .replace(`port: ${PORTS.metrics}`, `port: ${ports.metrics}`);
    for (const key of Object.keys(PORTS) as (keyof Ports)[]) {
        text = text.replaceAll(`endpoint: :${PORTS[key]}\n`, `endpoint: :${ports[key]}\n`);
    }
    const file = path.join(folder, "config.yaml");
    fs.writeFileSync(file, text);
    const stop = start(binary, ["--config", file], process.env);
    return {
        ports,
        stop: async () => {
            await stop();
            fs.rmSync(folder, { recursive: true });
        },
    };
}

/** The configuration with spans in memory, and the query API beside. */
function inMemory(config: object): object {
    const service = valueAt(config, "service") as Record<string, unknown>;
    const extensions = valueAt(config, "extensions") as Record<string, unknown>;
    return {
        ...config,
        service: {
            ...service,
            extensions: [...(service.extensions as string[]), "jaeger_query"],
        },
        extensions: {
            ...extensions,
            jaeger_storage: { backends: { [STORAGE]: { memory: { max_traces: 1000 } } } },
            jaeger_query: {
                storage: { traces: STORAGE },
                http: { endpoint: everyAddress(PORTS.queryHttp) },
                grpc: { endpoint: everyAddress(PORTS.queryGrpc) },
            },
        },
    };
}

/** The configuration with another address of Elasticsearch, which asks for no authority and no user. */
function withStore(config: object, url: string): object {
    const extensions = valueAt(config, "extensions") as Record<string, unknown>;
    const backend = valueAt(extensions, "jaeger_storage", "backends", STORAGE, "elasticsearch");
    const { auth, tls, ...rest } = backend as Record<string, unknown>;
    void [auth, tls];
    return {
        ...config,
        extensions: {
            ...extensions,
            jaeger_storage: {
                backends: { [STORAGE]: { elasticsearch: { ...rest, server_urls: [url] } } },
            },
        },
    };
}

/** A free port for each of Jaeger's, all held until all are known. */
async function freePorts(): Promise<Ports> {
    const held = await Promise.all(
        Object.keys(PORTS).map(
            (key) =>
                new Promise<[string, net.Server]>((resolve, reject) => {
                    const server = net.createServer();
                    server.once("error", reject);
                    server.listen(0, "127.0.0.1", () => resolve([key, server]));
                }),
        ),
    );
    const ports = held.map(([key, server]) => [key, (server.address() as net.AddressInfo).port]);
    await Promise.all(held.map(([, server]) => new Promise((done) => server.close(done))));
    return Object.fromEntries(ports) as Ports;
}
