import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import {
    LEVELS,
    LOG_FIELDS,
    SPAN_ID_PATTERN,
    STREAMS,
    TRACE_ID_PATTERN,
} from "../../components/logging/logSchema";
import { eventually } from "../../lab/tools/commands";
import type { LogDocument } from "../support/pipeline/bulkServer";
import { needsFluentBit, PipelineLab, PODS } from "../support/pipeline/pipelineLab";

const sample = (name: string) =>
    fs
        .readFileSync(path.join(__dirname, "samples", name), "utf8")
        .trimEnd()
        .split("\n");

const TRACE = "4BF92F3577B34DA6A3CE929D0E0E4736";
const SPAN = "00f067aa0ba902b7";
const MEGABYTE = "x".repeat(1024 * 1024);
const GO_PANIC = [
    "panic: runtime error: invalid memory address or nil pointer dereference",
    "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a2b3c]",
    "",
    "goroutine 1 [running]:",
    "main.main()",
    "\t/src/main.go:12 +0x1d",
];
const JAVA_TRACE = [
    "java.lang.IllegalStateException: 连接已关闭",
    "\tat com.example.Shop.pay(Shop.java:42)",
    "\tat com.example.Shop.main(Shop.java:7)",
];
const SHOP_LINES: (string | Buffer)[] = [
    JSON.stringify({
        level: "ERROR",
        message: "订单失败 payment failed",
        traceId: TRACE,
        span_id: SPAN,
        duration_ms: 12.5,
        logger: "shop.pay",
        user: { id: 7, "a.b": [1, 2] },
    }),
    JSON.stringify({ level: 30, msg: "no trace", trace_id: "abc123" }),
    `time=2026-11-21T14:42:03Z level=warn msg="disk \\"full\\" soon" trace_id=${TRACE.toLowerCase()}`,
    MEGABYTE,
    Buffer.from([0x00, 0xff, 0xfe, 0x80, 0x41, 0x01, 0xc3, 0x28, 0x22, 0x5c, 0x42]),
    "",
    "connecting to redis://shop:hunter2@cache:6379/0",
    `{"level":"info","msg":"cut of`,
    ...JAVA_TRACE,
    "last line",
];

describe("Documents from real log lines", () => {
    let lab: PipelineLab | undefined;

    function documents(stream: keyof typeof STREAMS): LogDocument[] {
        return lab?.elasticsearch.of(STREAMS[stream]) ?? [];
    }

    function find(stream: keyof typeof STREAMS, part: string): LogDocument {
        const found = documents(stream).filter(({ msg }) => String(msg).includes(part));
        assert.equal(found.length, 1, `${found.length} documents with "${part}"`);
        return found[0] as LogDocument;
    }

    function has(document: LogDocument, expected: LogDocument): void {
        const picked = Object.keys(expected).map((key) => [key, document[key]] as const);
        assert.deepEqual(Object.fromEntries(picked), expected);
    }

    before(async function () {
        needsFluentBit(this);
        lab = await PipelineLab.open();
        lab.write(PODS.operator, sample("operator.log"));
        lab.write(PODS.replica, sample("redis.log"));
        lab.write(PODS.leader, [
            "7:S 21 Nov 2026 15:22:45.173 * DB loaded from append only file: 1.250 seconds",
            "7:X 21 Nov 2026 15:22:45.174 # +set master mymaster 10.0.0.1 6379 auth-pass hunter2",
        ]);
        lab.write(PODS.tool, ["migrated 3 keys"]);
        lab.write(PODS.shop, SHOP_LINES);
        lab.write(PODS.silenced, ["never to be seen"]);
        lab.write(PODS.itself, ["[error] [output:opensearch:containers] HTTP status=429"]);
        await lab.fluentBit.start();
        await eventually("the last lines", 30, () =>
            Promise.resolve(
                documents("containers").some(({ msg }) => msg === "last line") &&
                    documents("instance").length >= 33 &&
                    documents("operator").length >= 31
                    ? true
                    : undefined,
            ),
        );
    });
    after(() => lab?.close());

    it("are in the schema: no other field, every promised one, and values that may stand there", () => {
        for (const item of lab?.elasticsearch.documents ?? []) {
            const text = JSON.stringify(item.document).slice(0, 300);
            for (const key of Object.keys(item.document)) {
                assert.ok(key in LOG_FIELDS, `${key} in ${text}`);
            }
            for (const [key, field] of Object.entries(LOG_FIELDS)) {
                assert.ok(!("always" in field) || key in item.document, `no ${key} in ${text}`);
            }
            const { level, trace_id, span_id, id } = item.document;
            assert.ok(level === undefined || LEVELS.some((each) => each === level), text);
            assert.ok(
                trace_id === undefined ||
                    TRACE_ID_PATTERN.test(JSON.stringify(trace_id).slice(1, -1)),
                text,
            );
            assert.ok(
                span_id === undefined || SPAN_ID_PATTERN.test(JSON.stringify(span_id).slice(1, -1)),
                text,
            );
            assert.equal(item.id, id);
        }
        assert.deepEqual(lab?.elasticsearch.complaints, []);
    });

    it("carry the time at which the container wrote them, to the nanosecond", () => {
        assert.match(
            String(find("containers", "last line")["@timestamp"]),
            /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}000Z$/,
        );
    });

    it("of a Redis have role, level, instance, environment, operation and the labels of the pod", () => {
        has(find("instance", "Background saving started"), {
            role: "master",
            level: "info",
            logger: "redis",
            operation: "save",
            namespace: "qa",
            environment: "staging",
            cluster: "east",
            instance: "cache",
            pod: "cache-1",
            container: "cache",
            node: "node-1",
            labels: PODS.replica.labels,
            fields: { level: "notice", pid: "1" },
        });
        has(find("instance", "Accepted 127.0.0.1:37236"), { level: "debug", role: "master" });
        has(find("instance", "DB saved on disk"), { role: "child", operation: "save" });
    });

    it("of a Redis Cluster name the cluster, and how long a load took", () => {
        has(find("instance", "DB loaded"), {
            instance: "orders",
            role: "replica",
            operation: "load",
            duration_ms: 1250,
            environment: "prod",
        });
    });

    it("of a crashing Redis keep its report together", () => {
        const crash = find("instance", "Crashed running the instruction");
        assert.match(String(crash.stacktrace), /STACK TRACE[\s\S]*debugCommand[\s\S]*_start\+0x21/);
        assert.equal(crash.level, "warning");
    });

    it("of the operator name the resource that they are about, and its environment", () => {
        has(find("operator", "Creating redis cluster by executing"), {
            level: "info",
            operation: "create",
            namespace: "staging",
            instance: "orders",
            pod: PODS.operator.pod,
            environment: "prod",
        });
        has(find("operator", "starting manager"), {
            logger: "setup",
            namespace: "redis-operator-system",
        });
        const failed = find("operator", "failed to get cluster nodes");
        assert.equal(failed.level, "error");
        assert.match(String(failed.error), /connection refused/);
        assert.match(String(failed.stacktrace), /CheckRedisNodeCount/);
        has(find("operator", "successfully acquired lease"), {
            level: "info",
            logger: "leaderelection.go:260",
        });
    });

    it("never hold a password: not of redis-cli's arguments, of Sentinel, or of an address", () => {
        const text = JSON.stringify(lab?.elasticsearch.documents);
        assert.doesNotMatch(text, /password-of-the-test|hunter2/);
        assert.match(
            JSON.stringify(find("operator", "Could not execute command")),
            /"-a","\[redacted\]"/,
        );
        find("containers", "connecting to redis://shop:[redacted]@cache:6379/0");
        find("instance", "mymaster 10.0.0.1 6379 auth-pass [redacted]");
    });

    it("of JSON have its message, level, ids and duration; what is left is in fields", () => {
        has(find("containers", "payment failed"), {
            msg: "订单失败 payment failed",
            level: "error",
            logger: "shop.pay",
            trace_id: TRACE.toLowerCase(),
            span_id: SPAN,
            duration_ms: 12.5,
            fields: { level: "ERROR", user: { id: 7, "a.b": [1, 2] } },
        });
    });

    it("link to no trace that cannot be: what is no W3C id stays in fields", () => {
        has(find("containers", "no trace"), {
            level: "info",
            trace_id: undefined,
            fields: { level: 30, trace_id: "abc123" },
        });
    });

    it("of key=value lines have level, message and trace", () => {
        has(find("containers", 'disk "full" soon'), {
            level: "warning",
            trace_id: TRACE.toLowerCase(),
        });
    });

    it("hold a line of a megabyte whole", () => {
        const long = documents("containers").filter(({ msg }) => String(msg).length > 1e6);
        assert.deepEqual(
            long.map(({ msg }) => msg),
            [MEGABYTE],
        );
    });

    it("hold binary rubbish as valid text, and a cut JSON as it came", () => {
        const rubbish = documents("containers").filter(({ msg }) => /A.+B$/su.test(String(msg)));
        assert.equal(rubbish.length, 1);
        find("containers", '{"level":"info","msg":"cut of');
    });

    it("hold a stack trace in one piece, with its first line as the message", () => {
        const trace = find("containers", JAVA_TRACE[0] ?? "");
        assert.equal(trace.stacktrace, JAVA_TRACE.slice(1).join("\n"));
    });

    it("leave a pod of a Redis namespace that is no Redis to the containers' stream", () => {
        find("containers", "migrated 3 keys");
        assert.ok(!documents("instance").some(({ pod }) => pod === PODS.tool.pod));
    });

    it("are not made of excluded pods, nor of Fluent Bit's own complaints", () => {
        const pods = new Set(lab?.elasticsearch.documents.map(({ document }) => document.pod));
        assert.deepEqual(
            [...pods].sort(),
            [PODS.operator, PODS.replica, PODS.leader, PODS.tool, PODS.shop]
                .map(({ pod }) => pod)
                .sort(),
        );
    });

    it("hold a panic of the operator in one piece", async () => {
        lab?.write(PODS.operator, [...GO_PANIC, `{"level":"info","msg":"after the panic"}`]);
        await eventually("the panic", 20, () =>
            Promise.resolve(
                documents("operator").some(({ msg }) => msg === "after the panic")
                    ? true
                    : undefined,
            ),
        );
        const panic = find("operator", "panic: runtime error");
        assert.match(String(panic.stacktrace), /goroutine 1[\s\S]*main\.go:12/);
    });
});
