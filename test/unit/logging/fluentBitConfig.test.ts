import assert from "node:assert/strict";

import { fluentBitConfig, PipelineArgs } from "../../../components/logging/fluentBitConfig";
import { STREAMS } from "../../../components/logging/logSchema";
import { matches, option, Section, sections } from "../../support/fluentBitSections";

const ARGS: PipelineArgs = {
    cluster: "east",
    environment: "prod",
    operatorNamespace: "redis-operator-system",
    redisNamespaces: { orders: "prod", payments: "prod", qa: "staging" },
    allContainers: false,
    bufferLimit: "1024M",
    elasticsearch: { host: "elasticsearch.logging.svc", port: 9200 },
};
const EVERYTHING = { ...ARGS, allContainers: true };

const file = (pod: string, namespace: string, container: string) =>
    `/var/log/containers/${pod}_${namespace}_${container}-0123456789abcdef.log`;
const FILES = {
    operator: file("redis-operator-7d4-x2", "redis-operator-system", "redis-operator"),
    orders: file("cache-0", "orders", "cache"),
    qa: file("cache-0", "qa", "cache"),
    exporter: file("cache-0", "orders", "redis-exporter"),
    application: file("shop-5f6-abc", "shop", "web"),
    itself: file("fluent-bit-abcde", "logging", "fluent-bit"),
};

function inputs(args: PipelineArgs): Section[] {
    return sections(fluentBitConfig(args).inputs);
}

function filters(args: PipelineArgs, name: string): Section[] {
    return sections(fluentBitConfig(args).filters).filter((each) => option(each, "Name") === name);
}

function outputs(args: PipelineArgs): Section[] {
    return sections(fluentBitConfig(args).outputs);
}

/** Tags that a file's lines get: `*` of the input's tag becomes the path, with dots for slashes. */
function tags(args: PipelineArgs, path: string): string[] {
    const takes = (input: Section, key: string) =>
        (input.options.get(key)?.join(",").split(",") ?? []).some((each) => matches(each, path));
    return inputs(args)
        .filter((input) => takes(input, "Path") && !takes(input, "Exclude_Path"))
        .map((input) => option(input, "Tag").replace("*", path.slice(1).replaceAll("/", ".")));
}

/** What filters add to a record of a tag: `environment prod`. */
function added(args: PipelineArgs, tag: string): string[] {
    return filters(args, "modify")
        .filter(
            (filter) => matches(option(filter, "Match"), tag) && !filter.options.has("Condition"),
        )
        .flatMap((filter) => filter.options.get("Add") ?? []);
}

function indices(args: PipelineArgs, tag: string): string[] {
    return outputs(args)
        .filter((output) => matches(option(output, "Match"), tag))
        .map((output) => option(output, "Index"));
}

describe("Fluent Bit's pipeline", () => {
    for (const [what, path, stream, environment] of [
        ["the Redis operator", FILES.operator, STREAMS.operator, "prod"],
        ["a Redis instance", FILES.orders, STREAMS.instance, "prod"],
        ["a tenant's Redis instance", FILES.qa, STREAMS.instance, "staging"],
    ] as const) {
        it(`brings a line of ${what} once into ${stream}, with its environment`, () => {
            const [tag = "none", ...more] = tags(ARGS, path);
            assert.deepEqual(more, []);
            assert.deepEqual(indices(ARGS, tag), [stream]);
            assert.deepEqual(added(ARGS, tag), ["cluster east", `environment ${environment}`]);
        });
    }

    it("finds the pod of every line: the filter's prefix is the tag without the file's name", () => {
        for (const path of [FILES.operator, FILES.orders, FILES.qa, FILES.application]) {
            for (const tag of tags(EVERYTHING, path)) {
                const prefixes = filters(EVERYTHING, "kubernetes")
                    .filter((filter) => matches(option(filter, "Match"), tag))
                    .map((filter) => option(filter, "Kube_Tag_Prefix"));
                const name = path.slice(path.lastIndexOf("/") + 1);
                assert.deepEqual(
                    prefixes.map((prefix) => tag.replace(prefix, "")),
                    [name],
                );
            }
        }
    });

    it("reads nothing but Redis when other containers are not wanted", () => {
        for (const path of [FILES.exporter, FILES.application, FILES.itself]) {
            assert.deepEqual(tags(ARGS, path), [], path);
        }
    });

    it("reads every other container when wanted, and never its own complaints", () => {
        const [tag = "none"] = tags(EVERYTHING, FILES.application);
        assert.deepEqual(indices(EVERYTHING, tag), [STREAMS.containers]);
        assert.deepEqual(tags(EVERYTHING, FILES.itself), []);
        assert.equal(tags(EVERYTHING, FILES.operator).length, 1);
    });

    it("leaves a Redis pod to its own stream, and other pods of its namespace to theirs", () => {
        const label = "$kubernetes['labels']['redis_setup_type'] .+";
        const grep = filters(EVERYTHING, "grep").map((filter) => ({
            match: option(filter, "Match"),
            only: filter.options.get("Regex"),
            without: filter.options.get("Exclude"),
        }));
        assert.deepEqual(grep, [
            { match: "redis.instance.prod.*", only: [label], without: undefined },
            { match: "redis.instance.staging.*", only: [label], without: undefined },
            { match: "container.*", only: undefined, without: [label] },
        ]);
    });

    it("keeps positions and lines on the node's disk: a restart loses and repeats nothing", () => {
        for (const input of inputs(EVERYTHING)) {
            assert.match(option(input, "DB"), /^\/var\/lib\/fluent-bit\/.+\.db$/);
            assert.equal(option(input, "storage.type"), "filesystem");
        }
        const databases = inputs(EVERYTHING).map((input) => option(input, "DB"));
        assert.equal(new Set(databases).size, databases.length, "one database each");
        const [service] = sections(fluentBitConfig(ARGS).service);
        assert.ok(service);
        assert.equal(option(service, "storage.path"), "/var/lib/fluent-bit/chunks");
    });

    it("reads the lines of containerd, those of more than one part too", () => {
        for (const input of inputs(EVERYTHING)) {
            assert.equal(option(input, "multiline.parser"), "cri");
        }
    });

    it("answers the probes and the scrape of its own metrics", () => {
        const [service] = sections(fluentBitConfig(ARGS).service);
        assert.ok(service);
        assert.equal(option(service, "HTTP_Server"), "On");
        assert.equal(option(service, "HTTP_Port"), "2020");
        assert.equal(option(service, "Health_Check"), "On");
        assert.equal(option(service, "storage.metrics"), "On");
    });

    for (const [key, value] of Object.entries({
        Name: "es",
        Host: "elasticsearch.logging.svc",
        Port: "9200",
        tls: "On",
        "tls.verify": "On",
        "tls.ca_file": "/elasticsearch-ca/ca.crt",
        HTTP_User: "${ES_USERNAME}",
        HTTP_Passwd: "${ES_PASSWORD}",
        Suppress_Type_Name: "On",
        Write_Operation: "create",
        Generate_ID: "On",
        Retry_Limit: "no_limits",
        Buffer_Size: "False",
        "storage.total_limit_size": "1024M",
    })) {
        it(`writes to Elasticsearch with ${key} ${value}`, () => {
            assert.deepEqual(
                outputs(EVERYTHING).map((output) => option(output, key)),
                [value, value, value],
            );
        });
    }

    it("holds no template that Helm would take for its own", () => {
        assert.doesNotMatch(Object.values(fluentBitConfig(EVERYTHING)).join("\n"), /\{\{/);
    });
});

describe("Parser of Redis' log lines", () => {
    const [parser] = sections(fluentBitConfig(ARGS).customParsers);
    const regex = new RegExp(option(parser as Section, "Regex"));

    for (const [line, role, level, msg] of [
        [
            "1:M 11 Jan 2025 10:30:00.123 * Ready to accept connections",
            "M",
            "*",
            "Ready to accept connections",
        ],
        [
            "1:S 01 Feb 2025 01:02:03.004 # Connection with master lost.",
            "S",
            "#",
            "Connection with master lost.",
        ],
        [
            "12:X 11 Jan 2025 10:30:00.123 # +sdown master mymaster",
            "X",
            "#",
            "+sdown master mymaster",
        ],
        ["34:C 11 Jan 2025 10:30:00.123 - DB saved on disk", "C", "-", "DB saved on disk"],
        ["1:M 11 Jan 2025 10:30:00.123 . debug", "M", ".", "debug"],
    ] as const) {
        it(`reads "${line}"`, () => {
            const { role_code, level_code, ...groups } = regex.exec(line)?.groups ?? {};
            assert.deepEqual([role_code, level_code, groups.msg], [role, level, msg]);
        });
    }

    it("names every level and role that it reads", () => {
        const named = filters(ARGS, "modify").flatMap(
            (filter) => filter.options.get("Condition") ?? [],
        );
        const of = (key: string) =>
            named
                .filter((condition) => condition.startsWith(`Key_value_equals ${key} `))
                .map((condition) => condition.slice(-1));
        assert.deepEqual(of("level_code").sort(), [..."#*-."].sort());
        assert.deepEqual(of("role_code").sort(), [..."CMSX"].sort());
    });
});
