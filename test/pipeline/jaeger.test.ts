import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { find, valueAt } from "../../lab/program/objects";
import { stackRun, STACKS } from "../../lab/program/runs";
import { eventually, isOnPath, run } from "../../lab/tools/commands";
import { goTool } from "../support/goTool";
import { skip } from "../support/skip";
import { JaegerProcess, launchCollector, startCollector } from "./jaegerProcess";

const ATTRIBUTES = { cluster: "east", environment: "prod" };
const SETTINGS = {
    collector: { minReplicas: 1, maxReplicas: 1, memory: "512Mi" },
    otlpTls: false,
    sampling: { defaultProbability: 0.25, services: { checkout: 1 } },
};

interface Span {
    readonly traceId: string;
    readonly error?: boolean;
    readonly milliseconds?: number;
}

function traceId(): string {
    return randomBytes(16).toString("hex");
}

/** A request in OTLP's JSON, with one span. */
function otlp({ traceId: id, error = false, milliseconds = 1 }: Span): string {
    const end = BigInt(Date.now()) * 1_000_000n;
    return JSON.stringify({
        resourceSpans: [
            {
                resource: {
                    attributes: [{ key: "service.name", value: { stringValue: "checkout" } }],
                },
                scopeSpans: [
                    {
                        spans: [
                            {
                                traceId: id,
                                spanId: randomBytes(8).toString("hex"),
                                name: "pay",
                                kind: 2,
                                startTimeUnixNano: String(end - BigInt(milliseconds) * 1_000_000n),
                                endTimeUnixNano: String(end),
                                status: { code: error ? 2 : 1 },
                            },
                        ],
                    },
                ],
            },
        ],
    });
}

async function send(jaeger: JaegerProcess, span: Span): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${jaeger.ports.otlpHttp}/v1/traces`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: otlp(span),
    });
    assert.equal(answer.status, 200, await answer.text());
}

/** The stored spans of a trace, or undefined when there is no such trace. */
async function stored(jaeger: JaegerProcess, id: string): Promise<unknown[] | undefined> {
    const answer = await fetch(`http://127.0.0.1:${jaeger.ports.queryHttp}/api/traces/${id}`);
    if (answer.status === 404) {
        return undefined;
    }
    const { data } = (await answer.json()) as { data: { spans: unknown[] }[] };
    return data[0]?.spans;
}

async function spanMetrics(jaeger: JaegerProcess): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${jaeger.ports.spanMetrics}/metrics`, {
        headers: { Accept: "application/openmetrics-text" },
    });
    return answer.text();
}

function callsTotal(metrics: string): number {
    const values = [...metrics.matchAll(/^traces_span_metrics_calls_total\{.*?\} (\S+)/gm)];
    return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

for (const stack of STACKS) {
    describe(`the real Jaeger and the configuration of ${stack}`, () => {
        let binary: string;
        before(async function () {
            this.timeout(0);
            binary = await goTool(this, "jaeger");
        });

        for (const role of ["collector", "query"]) {
            it(`accepts every key of the ${role}'s`, async () => {
                const { manifest } = find(await stackRun(stack), "ConfigMap", `jaeger-${role}`);
                const folder = fs.mkdtempSync(path.join(os.tmpdir(), "jaeger-"));
                const file = path.join(folder, "config.yaml");
                fs.writeFileSync(file, String(valueAt(manifest, "data", "config.yaml")));
                const env = { ...process.env, ES_PASSWORD: "from the Secret" };
                await run(binary, ["validate", "--config", file], { env });
                fs.rmSync(folder, { recursive: true });
            });
        }
    });
}

describe("a span that the real Jaeger took", () => {
    let jaeger: JaegerProcess;
    before(async function () {
        this.timeout(0);
        const binary = await goTool(this, "jaeger");
        jaeger = await startCollector(binary, ATTRIBUTES, SETTINGS);
    });
    after(() => jaeger?.stop());

    it("is found by its trace id, with cluster and environment", async () => {
        const id = traceId();
        await send(jaeger, { traceId: id });
        const [span] = await eventually("the span is stored", 20, () => stored(jaeger, id));
        const tags = valueAt(span, "tags") as { key: string; value: unknown }[];
        const values = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
        assert.equal(values.cluster, "east");
        assert.equal(values.environment, "prod");
    });

    it("is counted, with its trace id as the exemplar of its duration", async () => {
        const id = traceId();
        await send(jaeger, { traceId: id, milliseconds: 300 });
        const metrics = await eventually("the span is counted", 40, async () => {
            const text = await spanMetrics(jaeger);
            return text.includes(id) ? text : undefined;
        });
        assert.match(
            metrics,
            new RegExp(
                `^traces_span_metrics_duration_milliseconds_bucket\\{.*service_name="checkout".*\\} \\d+ # \\{.*trace_id="${id}".*\\} 300`,
                "m",
            ),
        );
    });
});

describe("every listener of the real Jaeger", () => {
    let jaeger: JaegerProcess;
    before(async function () {
        this.timeout(0);
        const binary = await goTool(this, "jaeger");
        jaeger = await startCollector(binary, ATTRIBUTES, SETTINGS);
    });
    after(() => jaeger?.stop());

    for (const host of ["::1", "127.0.0.1"]) {
        it(`is there for a caller of ${host}`, async () => {
            for (const [name, port] of Object.entries(jaeger.ports)) {
                assert.ok(await connects(host, port), `${name} of ${host}`);
            }
        });
    }

    function connects(host: string, port: number): Promise<boolean> {
        return new Promise((resolve) => {
            const socket = net.connect({ host, port });
            const end = (found: boolean) => {
                socket.destroy();
                resolve(found);
            };
            socket.once("connect", () => end(true)).once("error", () => end(false));
        });
    }
});

describe("an SDK that asks the real Jaeger what to sample", () => {
    let jaeger: JaegerProcess;
    before(async function () {
        this.timeout(0);
        const binary = await goTool(this, "jaeger");
        jaeger = await startCollector(binary, ATTRIBUTES, SETTINGS);
    });
    after(() => jaeger?.stop());

    for (const [service, probability] of [
        ["checkout", 1],
        ["a service that nobody named", 0.25],
    ] as const) {
        it(`is told ${probability} for ${service}`, async () => {
            const url = `http://127.0.0.1:${jaeger.ports.samplingHttp}/api/sampling?service=${encodeURIComponent(service)}`;
            const answer: unknown = await (await fetch(url)).json();
            assert.equal(valueAt(answer, "probabilisticSampling", "samplingRate"), probability);
        });
    }
});

describe("sampling at the tail in the real Jaeger", () => {
    let jaeger: JaegerProcess;
    before(async function () {
        this.timeout(0);
        const binary = await goTool(this, "jaeger");
        const tail = {
            decisionWait: "1s",
            keepSlowerThanMs: 500,
            keepProbability: 0,
            expectedTracesPerSecond: 10,
        };
        jaeger = await startCollector(binary, ATTRIBUTES, {
            ...SETTINGS,
            sampling: { ...SETTINGS.sampling, tail },
        });
    });
    after(() => jaeger?.stop());

    it("keeps the failed and the slow, drops the others, and counts them all", async () => {
        const [failed, slow, ordinary] = [traceId(), traceId(), traceId()];
        await send(jaeger, { traceId: ordinary });
        await send(jaeger, { traceId: failed, error: true });
        await send(jaeger, { traceId: slow, milliseconds: 600 });
        for (const kept of [failed, slow]) {
            await eventually("the trace is kept", 20, () => stored(jaeger, kept));
        }
        assert.equal(await stored(jaeger, ordinary), undefined);
        await eventually("three spans are counted", 40, async () =>
            callsTotal(await spanMetrics(jaeger)) === 3 ? true : undefined,
        );
    });
});

describe("OTLP over TLS at the real Jaeger", () => {
    let jaeger: JaegerProcess;
    let folder: string;
    before(async function () {
        this.timeout(0);
        const binary = await goTool(this, "jaeger");
        if (!isOnPath("openssl")) {
            skip(this, "it needs openssl on the PATH, for a certificate");
        }
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "otlp-tls-"));
        await run("openssl", [
            ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1".split(" "),
            ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
            ...["-keyout", path.join(folder, "tls.key"), "-out", path.join(folder, "tls.crt")],
        ]);
        jaeger = await startCollector(binary, ATTRIBUTES, { ...SETTINGS, otlpTls: true }, folder);
    });
    after(async () => {
        await jaeger?.stop();
        if (folder) {
            fs.rmSync(folder, { recursive: true });
        }
    });

    it("takes spans from those who trust its certificate", async () => {
        const ca = fs.readFileSync(path.join(folder, "tls.crt"));
        const id = traceId();
        const status = await new Promise((resolve, reject) => {
            const request = https.request(
                {
                    host: "localhost",
                    family: 4,
                    port: jaeger.ports.otlpHttp,
                    path: "/v1/traces",
                    method: "POST",
                    ca,
                    headers: { "Content-Type": "application/json" },
                },
                (response) => {
                    response.resume();
                    resolve(response.statusCode);
                },
            );
            request.once("error", reject);
            request.end(otlp({ traceId: id }));
        });
        assert.equal(status, 200);
        await eventually("the span is stored", 20, () => stored(jaeger, id));
    });

    it("takes none without TLS", async () => {
        await assert.rejects(send(jaeger, { traceId: traceId() }));
    });
});

describe("Jaeger that waits for its Elasticsearch", function () {
    this.timeout(60_000);
    let silent: net.Server;
    let jaeger: JaegerProcess | undefined;

    before(async function () {
        this.timeout(0);
        const binary = await goTool(this, "jaeger");
        // Takes every connection, and never answers.
        silent = net.createServer().listen(0, "127.0.0.1");
        await once(silent, "listening");
        const { port } = silent.address() as net.AddressInfo;
        const url = `http://127.0.0.1:${port}`;
        jaeger = await launchCollector(binary, ATTRIBUTES, SETTINGS, undefined, url);
    });
    after(async () => {
        await jaeger?.stop();
        silent?.close();
    });

    it("is alive and not ready, until it gives up by itself", async () => {
        const { metrics, health } = (jaeger as JaegerProcess).ports;
        const status = async (port: number, path: string): Promise<number> => {
            const answer = await fetch(`http://127.0.0.1:${port}${path}`);
            await answer.text();
            return answer.status;
        };
        // What the kubelet asks: liveness and readiness of components/tracing/jaegerSpecs.ts.
        const alive = await eventually("it answers", 30, () => status(metrics, "/metrics"));
        assert.equal(alive, 200);
        // Extensions start in no order: the one of health has started and knows, or waits behind the storage and is closed.
        const ready = await status(health, "/status").catch(() => undefined);
        assert.ok(ready === 503 || ready === undefined, `ready: ${ready}`);
        assert.equal(await status(metrics, "/metrics"), 200);
    });
});

describe("Jaeger with an Elasticsearch that refuses what is written", function () {
    this.timeout(120_000);
    const SPANS = 20;
    let store: http.Server;
    let jaeger: JaegerProcess | undefined;

    before(async function () {
        this.timeout(0);
        const binary = await goTool(this, "jaeger");
        store = http.createServer((request, response) => {
            const refused = request.url?.includes("_bulk") ?? false;
            request.resume().on("end", () => {
                response.writeHead(refused ? 503 : 200, {
                    "Content-Type": "application/json",
                    "X-Elastic-Product": "Elasticsearch",
                });
                const about = { version: { number: "9.5.1" }, tagline: "You Know, for Search" };
                response.end(JSON.stringify({ acknowledged: true, ...about }));
            });
        });
        await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", () => resolve()));
        const { port } = store.address() as net.AddressInfo;
        const url = `http://127.0.0.1:${port}`;
        jaeger = await startCollector(binary, ATTRIBUTES, SETTINGS, undefined, url);
    });
    after(async () => {
        await jaeger?.stop();
        store?.close();
    });

    async function counter(name: string): Promise<number> {
        const answer = await fetch(`http://127.0.0.1:${jaeger?.ports.metrics}/metrics`);
        const lines = (await answer.text()).split("\n").filter((line) => line.startsWith(name));
        return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    }

    it("counts every span as sent and as inserted, and its loss as a failed request alone", async () => {
        for (let i = 0; i < SPANS; i++) {
            await send(jaeger as JaegerProcess, { traceId: traceId() });
        }
        await eventually("the failed requests", 60, async () => {
            const attempts = await counter("jaeger_storage_bulk_index_attempts_total");
            return attempts >= SPANS || undefined;
        });
        assert.equal(await counter("otelcol_exporter_sent_spans_total"), SPANS);
        assert.equal(await counter("otelcol_exporter_send_failed_spans_total"), 0);
        assert.equal(await counter("otelcol_exporter_enqueue_failed_spans_total"), 0);
        assert.equal(await counter("jaeger_storage_bulk_index_errors_total"), 0);
        assert.ok((await counter("jaeger_storage_bulk_index_latency_err_seconds_count")) > 0);
        assert.equal(await counter("jaeger_storage_bulk_index_latency_ok_seconds_count"), 0);
    });
});
