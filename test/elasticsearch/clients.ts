import { elasticsearchExporterValues } from "../../components/logging/elasticsearchExporter";
import { STREAMS } from "../../components/logging/logSchema";
import { elasticsearchOutput, USER_ENV } from "../../components/logging/pipeline/output";
import { pipelineFile } from "../../components/logging/pipeline/pipeline";
import { everyAddress } from "../../components/tracing/jaegerConfig";
import { freePorts } from "../../lab/cluster/ports";
import { listAt, valueAt } from "../../lab/program/objects";
import { HOST } from "../support/elasticNode/names";
import { podOf, Running, startCommand, startPod } from "../support/elasticNode/podProcess";
import { ElasticWorld, here, userOf } from "./world";

/** As Debian names it. Its release is older than the chart's, and has no option for lifecycles. */
export const EXPORTER = "prometheus-elasticsearch-exporter";
/** Options that the chart gives of itself: https://github.com/prometheus-community/helm-charts. */
const OF_CHART = ["--es.all", "--es.indices", "--es.indices_settings", "--es.snapshots"];

const JAEGER_PORTS = [4317, 4318, 5778, 5779, 16686, 16685, 8888, 8889, 13133] as const;

export interface Listening extends Running {
    /** Of this machine, by the port of the cluster. */
    readonly ports: ReadonlyMap<number, number>;
}

/** The pod of one of Jaeger's Deployments, on free ports. */
export async function startJaeger(
    world: ElasticWorld,
    jaeger: string,
    deployment: "jaeger-collector" | "jaeger-query",
): Promise<Listening> {
    const free = await freePorts(JAEGER_PORTS.length);
    const ports = new Map<number, number>(JAEGER_PORTS.map((port, at) => [port, free[at] ?? 0]));
    const user = userOf(world, "jaeger");
    const place = here(world, user);
    const running = startPod({
        run: world.run,
        pod: podOf(world.run, "Deployment", deployment),
        command: [jaeger],
        ...place,
        here: {
            ...place.here,
            "port: 8888": `port: ${ports.get(8888)}`,
            ...Object.fromEntries(
                [...ports].map(([from, to]) => [
                    `endpoint: ${everyAddress(from)}`,
                    `endpoint: 127.0.0.1:${to}`,
                ]),
            ),
        },
        env: { ES_PASSWORD: user.password },
    });
    return { ...running, ports };
}

/** The daily job that deletes old traces. `days`: how old they may be, instead of the stack's retention. */
export function startCleaner(world: ElasticWorld, cleaner: string, days?: number): Running {
    const user = userOf(world, "jaeger");
    const pod = structuredClone(podOf(world.run, "CronJob", "jaeger-index-cleaner"));
    if (days !== undefined) {
        const [container] = listAt(pod, "containers");
        listAt(container, "args").splice(0, 1, String(days));
    }
    return startPod({
        run: world.run,
        pod,
        command: [cleaner],
        ...here(world, user),
        env: { ES_PASSWORD: user.password },
    });
}

/** The exporter with the options that the chart makes of our values. */
export async function startExporter(world: ElasticWorld): Promise<Listening> {
    const [port = 0] = await freePorts(1);
    const { username, password } = userOf(world, "exporter");
    const values = elasticsearchExporterValues({
        url: `https://${HOST}:${world.node.port}`,
        username,
        ...{ userSecret: "", caConfigMap: "", caFingerprint: "" },
    });
    const es = valueAt(values, "es");
    const running = startCommand({
        command: [
            EXPORTER,
            `--web.listen-address=127.0.0.1:${port}`,
            `--es.uri=${String(valueAt(es, "uri"))}`,
            "--es.ca=ca.crt",
            ...OF_CHART,
            ...(valueAt(es, "slm") ? ["--es.slm"] : []),
            ...(valueAt(es, "data_stream") ? ["--es.data_stream"] : []),
        ],
        env: { ES_USERNAME: username, ES_PASSWORD: password },
        files: { "ca.crt": world.authority.certificate },
    });
    return { ...running, ports: new Map([[9108, port]]) };
}

/** Fluent Bit with our output, which gets a document a second of its own making. */
export function startFluentBit(world: ElasticWorld, document: object): Running {
    const { username, password } = userOf(world, "fluent-bit");
    const output = elasticsearchOutput(
        "instance",
        { host: HOST, port: world.node.port },
        { caFile: "ca.crt", bufferBytes: 10e6, outageHours: 1 },
    );
    const config = pipelineFile({
        service: { flush: 1, grace: 1, log_level: "info" },
        parsers: [],
        multiline_parsers: [],
        pipeline: {
            inputs: [{ name: "dummy", tag: "instance.test", dummy: JSON.stringify(document) }],
            filters: [],
            outputs: [output],
        },
    });
    return startCommand({
        command: ["fluent-bit", "--config", "fluent-bit.yaml"],
        env: { [USER_ENV.username]: username, [USER_ENV.password]: password },
        files: { "ca.crt": world.authority.certificate, "fluent-bit.yaml": config },
    });
}

export const FLUENT_BIT_STREAM = STREAMS.instance;
