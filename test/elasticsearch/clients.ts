import { randomBytes } from "node:crypto";

import { elasticsearchExporterValues } from "../../components/logging/elasticsearchExporter";
import { STREAMS } from "../../components/logging/logSchema";
import { elasticsearchOutput, USER_ENV } from "../../components/logging/pipeline/output";
import { pipelineFile } from "../../components/logging/pipeline/pipeline";
import { everyAddress } from "../../components/tracing/jaegerConfig";
import { freePorts } from "../../lab/cluster/ports";
import { listAt, valueAt } from "../../lab/program/objects";
import { eventually } from "../../lab/tools/commands";
import { HOST } from "../support/elasticNode/names";
import { podOf, Running, startCommand, startPod } from "../support/elasticNode/podProcess";
import { ElasticWorld, here, JobChanges, userOf } from "./world";

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
    account = accountOf(world),
): Promise<Listening> {
    const free = await freePorts(JAEGER_PORTS.length);
    const ports = new Map<number, number>(JAEGER_PORTS.map((port, at) => [port, free[at] ?? 0]));
    const place = here(world, account);
    const running = startPod({
        run: world.run,
        pod: podOf(world.run, "Deployment", deployment),
        command: [jaeger],
        ...place,
        here: {
            ...place.here,
            ...account.here,
            "port: 8888": `port: ${ports.get(8888)}`,
            ...Object.fromEntries(
                [...ports].map(([from, to]) => [
                    `endpoint: ${everyAddress(from)}`,
                    `endpoint: 127.0.0.1:${to}`,
                ]),
            ),
        },
        env: account.env,
    });
    return { ...running, ports };
}

/** As which user Jaeger comes, and what is another text here. */
export interface JaegerAccount extends Pick<JobChanges, "here"> {
    readonly password: string;
    readonly env: Readonly<Record<string, string>>;
}

function accountOf(world: ElasticWorld): JaegerAccount {
    const { password } = userOf(world, "jaeger");
    return { password, env: { ES_PASSWORD: password } };
}

/** The daily job that deletes old traces. `days`: how old they may be, instead of the stack's retention. */
export function startCleaner(
    world: ElasticWorld,
    cleaner: string,
    days?: number,
    account = accountOf(world),
): Running {
    const place = here(world, account);
    const pod = structuredClone(podOf(world.run, "CronJob", "jaeger-index-cleaner"));
    if (days !== undefined) {
        const [container] = listAt(pod, "containers");
        listAt(container, "args").splice(0, 1, String(days));
    }
    return startPod({
        run: world.run,
        pod,
        command: [cleaner],
        ...place,
        here: { ...place.here, ...account.here },
        env: account.env,
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

/** Waits until one of Jaeger's Deployments says so; throws with what it said otherwise. */
export async function healthy(jaeger: Listening): Promise<void> {
    await eventually("Jaeger is healthy", 60, async () => {
        const answer = await fetch(`http://127.0.0.1:${jaeger.ports.get(13133)}/status`);
        return answer.ok ? true : undefined;
    }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${jaeger.output()}`);
    });
}

/** Sends a span over OTLP, and gives the status of the answer. */
export async function sendSpan(collector: Listening, traceId: string): Promise<number> {
    const { status } = await fetch(`http://127.0.0.1:${collector.ports.get(4318)}/v1/traces`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: span(traceId),
    });
    return status;
}

/** A request in OTLP's JSON, with one span. */
function span(traceId: string): string {
    const now = BigInt(Date.now()) * 1_000_000n;
    const attributes = [{ key: "service.name", value: { stringValue: "checkout" } }];
    const spans = [
        {
            traceId,
            spanId: randomBytes(8).toString("hex"),
            name: "pay",
            kind: 2,
            startTimeUnixNano: String(now - 1_000_000n),
            endTimeUnixNano: String(now),
            status: { code: 2 },
        },
    ];
    return JSON.stringify({
        resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }],
    });
}
