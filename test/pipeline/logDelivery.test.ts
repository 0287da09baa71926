import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { STREAMS } from "../../components/logging/logSchema";
import { ROOT } from "../../lab/program/stackFile";
import { eventually, run } from "../../lab/tools/commands";
import { certificate } from "../support/pipeline/certificate";
import { LabOptions, needsFluentBit, PipelineLab, PODS } from "../support/pipeline/pipelineLab";

/** What runs before Fluent Bit on every node. */
const MISSED = path.join(ROOT, "components/logging/pipeline/missed.sh");

/** Numbered lines, so that a lost or a doubled one has a name. */
const lines = (count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => `line ${String(from + i).padStart(6, "0")}`);

describe("Delivery of log lines", function () {
    this.timeout(180_000);
    let lab: PipelineLab | undefined;

    before(function () {
        needsFluentBit(this);
    });
    afterEach(async () => {
        await lab?.close();
        lab = undefined;
    });

    async function open(options: LabOptions = {}): Promise<PipelineLab> {
        lab = await PipelineLab.open(options);
        return lab;
    }

    const messages = ({ elasticsearch }: PipelineLab) =>
        elasticsearch.of(STREAMS.containers).map(({ msg }) => String(msg));

    /** Waits until so many documents are there, and then that each line is there exactly once. */
    async function exactlyOnce(from: PipelineLab, expected: readonly string[]): Promise<void> {
        await eventually(`${expected.length} documents`, 90, () => {
            const found = new Set(messages(from)).size;
            return found < expected.length
                ? Promise.reject(
                      new Error(
                          `${found} of ${expected.length}; ${from.fluentBit.output.slice(-2000)}`,
                      ),
                  )
                : Promise.resolve(true);
        });
        assert.deepEqual(messages(from).sort(), [...expected].sort());
    }

    /** Waits until nothing is buffered or tried again. */
    async function settled({ fluentBit }: PipelineLab, refused: number): Promise<void> {
        await eventually("every chunk is done", 60, async () => {
            const done = (await fluentBit.metric("fluentbit_output_proc_records_total")) + refused;
            const read = await fluentBit.metric("fluentbit_filter_records_total", {
                name: "containers-schema",
            });
            return done >= read && read > 0 ? true : undefined;
        });
    }

    it("is exactly once, also of lines that are equal to the nanosecond", async () => {
        const { fluentBit, logs } = await open();
        const same = "2026-11-21T14:41:35.000000001Z stdout F the very same\n".repeat(50);
        const name = `${PODS.shop.pod}_shop_web-${"ab".repeat(32)}.log`;
        fs.writeFileSync(path.join(logs, name), same);
        await fluentBit.start();
        await eventually("50 documents", 20, () =>
            Promise.resolve(lab && messages(lab).length === 50 ? true : undefined),
        );
    });

    it("is exactly once of what was rotated while it was away", async () => {
        const it = await open();
        const { folder, logs, fluentBit } = it;
        const name = `${PODS.shop.pod}_shop_web-${"cd".repeat(32)}.log`;
        const pod = path.join(folder, "pods");
        fs.mkdirSync(pod);
        const current = path.join(pod, "0.log");
        const write = (all: readonly string[]) =>
            fs.appendFileSync(
                current,
                all
                    .map((line) => {
                        // A millisecond for each line: the same time at the same place would be the same line.
                        const at = new Date(
                            Date.UTC(2026, 10, 28) + Number(line.slice(5)),
                        ).toISOString();
                        return `${at.replace("Z", "000000Z")} stdout F ${line}\n`;
                    })
                    .join(""),
            );
        write(lines(5));
        fs.symlinkSync(current, path.join(logs, name));
        await fluentBit.start();
        await exactlyOnce(it, lines(5));
        await fluentBit.stop();
        write(lines(5, 5));
        fs.renameSync(current, `${current}.20261128-100010`);
        write(lines(5, 10));
        await run("sh", [MISSED], {
            env: { ...process.env, LOGS: logs, STATE: path.join(folder, "state") },
        });
        await fluentBit.start();
        await exactlyOnce(it, lines(15));
    });

    // Ten minutes of retries at the real 30 to 60 s are 10 to 20; here a retry comes after a second.
    it("survives an Elasticsearch that is away: ten minutes shortened to 12 s of retries", async () => {
        const it = await open();
        await it.elasticsearch.close();
        it.write(PODS.shop, lines(3000));
        await it.fluentBit.start();
        await eventually("ten retries", 60, async () =>
            (await it.fluentBit.metric("fluentbit_output_retries_total")) >= 10 ? true : undefined,
        );
        it.write(PODS.shop, lines(500, 3000), Date.now() + 1000);
        assert.deepEqual(messages(it), []);
        await it.elasticsearch.listen();
        await exactlyOnce(it, lines(3500));
        assert.equal(await it.fluentBit.metric("fluentbit_output_dropped_records_total"), 0);
    });

    for (const status of [429, 503, 413]) {
        it(`survives the answer ${status} to whole requests`, async () => {
            const it = await open();
            it.elasticsearch.behave = (request) => (request < 3 ? { status } : {});
            it.write(PODS.shop, lines(2000));
            await it.fluentBit.start();
            await exactlyOnce(it, lines(2000));
        });
    }

    it("sends items again that were refused for load, and doubles none of the others", async () => {
        const it = await open();
        it.elasticsearch.behave = (request) => ({
            refuse: ({ document }) =>
                request < 3 && /[05]$/.test(String(document.msg)) ? 429 : undefined,
        });
        it.write(PODS.shop, lines(1000));
        await it.fluentBit.start();
        await exactlyOnce(it, lines(1000));
        assert.ok(it.elasticsearch.conflicts > 0, "nothing was sent twice: the test tests nothing");
        await settled(it, 0);
    });

    it("survives answers that never arrive: what was stored is recognized and done", async () => {
        const it = await open();
        it.elasticsearch.behave = (request) => (request < 3 ? { hangUp: true } : {});
        it.write(PODS.shop, lines(1000));
        await it.fluentBit.start();
        await exactlyOnce(it, lines(1000));
        await settled(it, 0);
        assert.ok(it.elasticsearch.conflicts > 0, "nothing was sent twice: the test tests nothing");
    });

    it("survives a slow Elasticsearch without writing anything twice", async () => {
        const it = await open();
        it.elasticsearch.behave = (request) => (request < 2 ? { delay: 4 } : {});
        it.write(PODS.shop, lines(1000));
        await it.fluentBit.start();
        await exactlyOnce(it, lines(1000));
    });

    it("gives a record that is never taken up after its retries, keeps it, and counts it", async () => {
        const it = await open({ output: { retry_limit: 3 } });
        it.elasticsearch.behave = () => ({
            refuse: ({ document }) => (document.msg === "poison" ? 400 : undefined),
        });
        it.write(PODS.shop, [...lines(10), "poison", ...lines(10, 10)]);
        await it.fluentBit.start();
        await eventually("the chunk is given up", 60, async () =>
            (await it.fluentBit.metric("fluentbit_output_retries_failed_total")) === 1
                ? true
                : undefined,
        );
        assert.equal(await it.fluentBit.metric("fluentbit_output_dropped_records_total"), 21);
        await exactlyOnce(it, lines(20));
        const kept = path.join(it.folder, "state", "chunks", "rejected");
        const chunks = fs.readdirSync(kept);
        assert.equal(chunks.length, 1);
        assert.match(fs.readFileSync(path.join(kept, chunks[0] ?? ""), "latin1"), /poison/);
        // What comes after it is not held up.
        it.write(PODS.shop, lines(5, 20), Date.now() + 5000);
        await exactlyOnce(it, lines(25));
    });

    it("does not trust another authority: it waits, and sends when the right one is there", async () => {
        const it = await open();
        await it.elasticsearch.close();
        const right = it.elasticsearch.certificate;
        it.elasticsearch.certificate = await certificate(it.folder, "other");
        await it.elasticsearch.listen();
        it.write(PODS.shop, lines(100));
        await it.fluentBit.start();
        await eventually("two refusals", 60, async () =>
            (await it.fluentBit.metric("fluentbit_output_retries_total")) >= 2 ? true : undefined,
        );
        assert.equal(it.elasticsearch.requests, 0, "it spoke to a server that it cannot know");
        await it.elasticsearch.close();
        it.elasticsearch.certificate = right;
        await it.elasticsearch.listen();
        await exactlyOnce(it, lines(100));
    });

    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        it(`goes on where it was after ${signal}, with what it had buffered`, async () => {
            const it = await open();
            it.elasticsearch.behave = () => ({ status: 503 });
            it.write(PODS.shop, lines(2000));
            await it.fluentBit.start();
            await eventually("retries", 30, async () =>
                (await it.fluentBit.metric("fluentbit_output_retries_total")) >= 1
                    ? true
                    : undefined,
            );
            await it.fluentBit.stop(signal);
            it.write(PODS.shop, lines(500, 2000), Date.now() + 1000);
            it.elasticsearch.behave = () => ({});
            await it.fluentBit.start();
            await exactlyOnce(it, lines(2500));
        });
    }

    it("counts what a full buffer had to drop: nothing is lost in silence", async () => {
        const it = await open({ bufferBytes: 2e6 });
        await it.elasticsearch.close();
        await it.fluentBit.start();
        const total = 40_000;
        for (let from = 0; from < total; from += 2000) {
            it.write(PODS.shop, lines(2000, from), Date.now() + from);
            await eventually("they are read", 30, async () =>
                (await it.fluentBit.metric("fluentbit_filter_records_total", {
                    name: "containers-schema",
                })) >=
                from + 2000
                    ? true
                    : undefined,
            );
        }
        const dropped = () =>
            it.fluentBit.metric("fluentbit_output_dropped_records_total", { name: "containers" });
        assert.ok((await dropped()) > 0, "nothing was dropped: the test tests nothing");
        await it.elasticsearch.listen();
        await eventually("every line is written or counted", 90, async () => {
            const sum = messages(it).length + (await dropped());
            if (sum !== total) {
                throw new Error(`${messages(it).length} written, ${await dropped()} dropped`);
            }
            return true;
        });
        assert.equal(new Set(messages(it)).size, messages(it).length);
    });

    it("does not wait for an API server that is away, and loses no line of Redis for it", async () => {
        const it = await open();
        it.api.up = false;
        it.write(PODS.leader, ["1:M 21 Nov 2026 15:22:45.178 * Ready to accept connections"]);
        await it.fluentBit.start();
        const [document] = await eventually("the line", 30, () => {
            const found = it.elasticsearch.of(STREAMS.instance);
            return Promise.resolve(found.length > 0 ? found : undefined);
        });
        assert.deepEqual(
            ["namespace", "pod", "container", "instance", "environment", "role"].map(
                (key) => document?.[key],
            ),
            ["orders", "orders-leader-0", "orders-leader", "orders", "prod", "master"],
        );
    });

    it("reads a file to its end that the kubelet has rotated", async () => {
        const it = await open();
        it.write(PODS.shop, lines(100));
        await it.fluentBit.start();
        await exactlyOnce(it, lines(100));
        const [name = ""] = fs.readdirSync(it.logs);
        it.write(PODS.shop, lines(100, 100), Date.now() + 1000);
        fs.renameSync(path.join(it.logs, name), path.join(it.folder, "0.log.20261121-150000"));
        it.write(PODS.shop, lines(100, 200), Date.now() + 2000);
        await exactlyOnce(it, lines(300));
    });
});
