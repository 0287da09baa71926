import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { freePorts } from "../../lab/cluster/ports";
import { eventually } from "../../lab/tools/commands";
import { podOf, runPod, Running, startPod } from "../support/elasticNode/podProcess";
import { goTool } from "../support/goTool";
import { asElastic, ElasticWorld, elasticWorld, here, setUp, userOf } from "./world";

const PORTS = [4317, 4318, 5778, 5779, 16686, 16685, 8888, 8889, 13133];

describe("Elasticsearch: Jaeger, as its user", function () {
    this.timeout(180_000);
    let world: ElasticWorld;
    let jaeger: string;
    let cleaner: string;
    const running: Running[] = [];
    before(async function () {
        world = await elasticWorld(this);
        jaeger = await goTool(this, "jaeger");
        cleaner = await goTool(this, "es-index-cleaner");
        await setUp(world);
    });
    after(() => Promise.all(running.map((each) => each.stop())));

    /** A Deployment's pod with free ports; gives them by the port of the cluster. */
    async function start(name: string): Promise<Map<number, number>> {
        const free = await freePorts(PORTS.length);
        const ports = new Map(PORTS.map((port, at) => [port, free[at] ?? 0]));
        const place = here(world, userOf(world, "jaeger"));
        const process = startPod({
            run: world.run,
            pod: podOf(world.run, "Deployment", name),
            command: [jaeger],
            ...place,
            here: {
                ...place.here,
                "port: 8888": `port: ${ports.get(8888)}`,
                ...Object.fromEntries(
                    [...ports].map(([from, to]) => [`0.0.0.0:${from}`, `127.0.0.1:${to}`]),
                ),
            },
            env: { ES_PASSWORD: place.env?.PASSWORD ?? "" },
        });
        running.push(process);
        let ended = false;
        void process.ended.then(() => (ended = true));
        await eventually(`${name} is healthy`, 60, async () => {
            if (ended) {
                return false;
            }
            const answer = await fetch(`http://127.0.0.1:${ports.get(13133)}/status`);
            return answer.ok ? true : undefined;
        }).catch((error: unknown) => {
            throw new Error(`${String(error)}\n${process.output()}`);
        });
        assert.ok(!ended, process.output());
        return ports;
    }

    it("stores a span, makes its templates and indices, and finds the trace again", async () => {
        const collector = await start("jaeger-collector");
        const query = await start("jaeger-query");
        const id = randomBytes(16).toString("hex");
        const sent = await fetch(`http://127.0.0.1:${collector.get(4318)}/v1/traces`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: span(id),
        });
        assert.equal(sent.status, 200);
        const found = await eventually("the trace is found", 60, async () => {
            const answer = await fetch(`http://127.0.0.1:${query.get(16686)}/api/traces/${id}`);
            return answer.ok ? ((await answer.json()) as object) : undefined;
        }).catch((error: unknown) => {
            throw new Error(`${String(error)}\n${running.map((each) => each.output()).join("\n")}`);
        });
        console.log(JSON.stringify(found).slice(0, 600));
        const { text } = await asElastic(world, "GET", "/_resolve/index/jaeger-*");
        console.log(text);
        console.log(
            running
                .map((each) => each.output())
                .join("\n")
                .split("\n")
                .filter((l) => /error|warn|403/i.test(l))
                .join("\n"),
        );
        void cleaner;
        void runPod;
    });
});

function span(traceId: string): string {
    const now = BigInt(Date.now()) * 1_000_000n;
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
                                traceId,
                                spanId: randomBytes(8).toString("hex"),
                                name: "pay",
                                kind: 2,
                                startTimeUnixNano: String(now - 1_000_000n),
                                endTimeUnixNano: String(now),
                                status: { code: 2 },
                            },
                        ],
                    },
                ],
            },
        ],
    });
}
