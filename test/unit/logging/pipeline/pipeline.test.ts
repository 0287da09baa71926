import assert from "node:assert/strict";

import { parse } from "yaml";

import { STREAMS, StreamName } from "../../../../components/logging/logSchema";
import { eventsPipeline } from "../../../../components/logging/pipeline/eventsPipeline";
import { PATHS } from "../../../../components/logging/pipeline/logFiles";
import {
    nodePipeline,
    NodePipelineArgs,
    pipelineFile,
} from "../../../../components/logging/pipeline/pipeline";
import type { Plugin } from "../../../../components/logging/pipeline/plugin";
import { logSchemaScript } from "../../../../components/logging/pipeline/script";
import { matches } from "../../../support/patterns";

const TARGET = { host: "elasticsearch.logging.svc", port: 9200 };
const ARGS: NodePipelineArgs = {
    sources: {
        ownNamespace: "logging",
        operatorNamespace: "redis-operator-system",
        redisNamespaces: { orders: "prod", qa: "staging" },
    },
    target: TARGET,
    paths: PATHS,
    limits: { operator: 200e6, instance: 800e6 },
    rejectedLimit: 100e6,
    outageHours: 24,
};
const EVERYTHING = nodePipeline({ ...ARGS, limits: { ...ARGS.limits, containers: 1e9 } });
const REDIS_ONLY = nodePipeline(ARGS);
const EVENTS = eventsPipeline({
    target: TARGET,
    paths: PATHS,
    bufferBytes: 1e9,
    rejectedLimit: 1e8,
    outageHours: 24,
});
const ALL_OUTPUTS = [...EVERYTHING.pipeline.outputs, ...EVENTS.pipeline.outputs];

const file = (pod: string, namespace: string, container: string) =>
    `/var/log/containers/${pod}_${namespace}_${container}-0123456789abcdef.log`;
const FILES = {
    operator: file("redis-operator-7d4-x2", "redis-operator-system", "redis-operator"),
    orders: file("cache-0", "orders", "cache"),
    qa: file("cache-0", "qa", "cache"),
    exporter: file("cache-0", "orders", "redis-exporter"),
    application: file("shop-5f6-abc", "shop", "web"),
    itself: file("fluent-bit-abcde", "logging", "fluent-bit"),
    eventReader: file("fluent-bit-events-5d4-x", "logging", "fluent-bit"),
    namesake: file("fluent-bit-abcde", "shop", "fluent-bit"),
};

/** Tags that a file's lines get: what `tag_regex` finds in the path stands for its name in the input's tag. */
function tags({ pipeline }: { pipeline: { inputs: readonly Plugin[] } }, path: string): string[] {
    const takes = (input: Plugin, key: string) =>
        String(input[key] ?? "")
            .split(",")
            .some((each) => matches(each, path));
    return pipeline.inputs
        .filter((input) => takes(input, "path") && !takes(input, "exclude_path"))
        .map((input) => {
            const { name = "" } = new RegExp(String(input.tag_regex)).exec(path)?.groups ?? {};
            return String(input.tag).replace("<name>", name);
        });
}

function taking(plugins: readonly Plugin[], tag: string): Plugin[] {
    return plugins.filter((plugin) => matches(String(plugin.match), tag));
}

function streamsOf(pipeline: typeof EVERYTHING, path: string): unknown[] {
    return tags(pipeline, path).flatMap((tag) =>
        taking(pipeline.pipeline.outputs, tag).map((output) => output.index),
    );
}

describe("The pipeline of a node", () => {
    for (const [what, path, streams] of [
        ["the operator's", FILES.operator, [STREAMS.operator]],
        ["a Redis instance's", FILES.orders, [STREAMS.instance]],
        ["a tenant's Redis instance's", FILES.qa, [STREAMS.instance]],
        ["an exporter's", FILES.exporter, []],
        ["an application's", FILES.application, []],
        ["its own", FILES.itself, []],
    ] as const) {
        it(`brings ${what} lines into ${streams.join() || "no stream"} when only Redis is collected`, () => {
            assert.deepEqual(streamsOf(REDIS_ONLY, path), streams);
        });
    }

    for (const [what, path, streams] of [
        ["the operator's", FILES.operator, [STREAMS.operator]],
        ["an exporter's", FILES.exporter, [STREAMS.containers]],
        ["an application's", FILES.application, [STREAMS.containers]],
        ["a namesake's of another namespace", FILES.namesake, [STREAMS.containers]],
        ["its own", FILES.itself, []],
        ["the event reader's", FILES.eventReader, []],
    ] as const) {
        it(`brings ${what} lines into ${streams.join() || "no stream"} when all containers are`, () => {
            assert.deepEqual(streamsOf(EVERYTHING, path), streams);
        });
    }

    it("finds the pod of every line: the filter's prefix is the tag without the file's name", () => {
        for (const path of [FILES.operator, FILES.orders, FILES.application]) {
            for (const tag of tags(EVERYTHING, path)) {
                const prefixes = taking(EVERYTHING.pipeline.filters, tag)
                    .filter(({ name }) => name === "kubernetes")
                    .map((filter) => tag.replace(String(filter.kube_tag_prefix), ""));
                assert.deepEqual(prefixes, [path.slice(path.lastIndexOf("/") + 1)]);
            }
        }
    });

    it("takes what was rotated while it was away for lines of the same container", () => {
        for (const path of Object.values(FILES)) {
            const missed = path.replace(
                "/var/log/containers/",
                "/var/lib/fluent-bit/missed/20261128-100010/",
            );
            assert.deepEqual(tags(EVERYTHING, missed), tags(EVERYTHING, path), path);
            assert.deepEqual(tags(REDIS_ONLY, missed), tags(REDIS_ONLY, path), path);
        }
    });

    it("joins lines, finds the pod, parses and only then applies the schema, in every stream", () => {
        for (const path of [FILES.operator, FILES.orders, FILES.application]) {
            for (const tag of tags(EVERYTHING, path)) {
                assert.deepEqual(
                    taking(EVERYTHING.pipeline.filters, tag).map(({ name }) => name),
                    ["multiline", "kubernetes", "parser", "lua"],
                );
            }
        }
    });

    it("keeps positions and lines on the node's disk, each input in a database of its own", () => {
        const { inputs } = EVERYTHING.pipeline;
        for (const input of inputs) {
            assert.match(String(input.db), /^\/var\/lib\/fluent-bit\/[a-z]+\.db$/);
            assert.equal(input["storage.type"], "filesystem");
        }
        assert.equal(new Set(inputs.map(({ db }) => db)).size, inputs.length);
        assert.equal(EVERYTHING.service["storage.path"], "/var/lib/fluent-bit/chunks");
    });

    it("keeps no line in memory only: the multiline filters do not buffer", () => {
        const filters = EVERYTHING.pipeline.filters.filter(({ name }) => name === "multiline");
        assert.deepEqual(
            filters.map(({ buffer }) => buffer),
            [false, false, false],
        );
    });

    it("gives each stream the disk that it was given", () => {
        assert.deepEqual(
            REDIS_ONLY.pipeline.outputs.map((each) => each["storage.total_limit_size"]),
            ["200M", "800M"],
        );
        assert.equal(REDIS_ONLY.service["storage.rejected.limit"], "100M");
    });

    it("answers the probes and the scrape of its own metrics", () => {
        for (const [key, value] of Object.entries({
            http_server: true,
            http_port: 2020,
            health_check: true,
            "storage.metrics": true,
        })) {
            assert.equal(EVERYTHING.service[key], value, key);
        }
    });
});

describe("What Fluent Bit writes to Elasticsearch", () => {
    for (const [key, value] of Object.entries({
        host: "elasticsearch.logging.svc",
        port: 9200,
        tls: true,
        "tls.verify": true,
        "tls.ca_file": "/elasticsearch-ca/ca.crt",
        http_user: "${ES_USERNAME}",
        http_passwd: "${ES_PASSWORD}",
        suppress_type_name: true,
        write_operation: "create",
        id_key: "id",
        buffer_size: "false",
    })) {
        it(`has ${key} ${value} in every stream`, () => {
            assert.deepEqual(
                ALL_OUTPUTS.map((output) => output[key]),
                ALL_OUTPUTS.map(() => value),
            );
        });
    }

    it("goes into one data stream each", () => {
        assert.deepEqual(
            ALL_OUTPUTS.map(({ index }) => index),
            (["operator", "instance", "containers", "events"] as StreamName[]).map(
                (stream) => STREAMS[stream],
            ),
        );
    });

    it("is tried again through the whole outage, and not for ever", () => {
        for (const output of ALL_OUTPUTS) {
            const least = Number(output.retry_limit) * Number(EVERYTHING.service["scheduler.base"]);
            const most = Number(output.retry_limit) * Number(EVERYTHING.service["scheduler.cap"]);
            assert.ok(least >= 24 * 3600, `${least} s`);
            assert.ok(most <= 2 * 24 * 3600, `${most} s`);
        }
        assert.equal(EVERYTHING.service["storage.keep.rejected"], true);
    });
});

describe("The files of Fluent Bit", () => {
    const script = logSchemaScript({
        cluster: "east",
        environment: "prod",
        environments: { orders: "prod", qa: "staging" },
    });

    it("are the pipeline as YAML, with nothing lost on the way", () => {
        assert.deepEqual(parse(pipelineFile(EVERYTHING)), EVERYTHING);
    });

    it("hold no template that Helm would take for its own", () => {
        for (const text of [pipelineFile(EVERYTHING), pipelineFile(EVENTS), script]) {
            assert.doesNotMatch(text, /\{\{/);
        }
    });

    it("tell the script the environment of every namespace, and define what the filters call", () => {
        assert.match(script, /\["orders"\] = "prod",\n {4}\["qa"\] = "staging",/);
        for (const { call } of [...EVERYTHING.pipeline.filters, ...EVENTS.pipeline.filters]) {
            if (call !== undefined) {
                assert.match(script, new RegExp(`^${String(call)} = `, "m"));
            }
        }
    });
});
