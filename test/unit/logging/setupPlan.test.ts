import assert from "node:assert/strict";

import { LOG_FIELDS, STREAMS } from "../../../components/logging/logSchema";
import { savedObjects } from "../../../components/logging/savedObjects/savedObjects";
import type { ResourceStep } from "../../../components/logging/setup/plan";
import { LogRetention, setupPlan } from "../../../components/logging/setup/setupPlan";
import type { SnapshotSettings } from "../../../components/logging/snapshotSettings";
import { textAt, valueAt } from "../../../lab/program/objects";

const RETENTION: LogRetention = { logs: "90d", backups: "30d" };
const S3 = { type: "s3", bucket: "backups", basePath: "es/prod", pathStyleAccess: true } as const;

interface Change {
    readonly snapshots?: SnapshotSettings;
    readonly retention?: LogRetention;
}

function planWith({ snapshots = S3, retention = RETENTION }: Change = {}) {
    return setupPlan(snapshots, retention, savedObjects());
}

const withoutSnapshots: Change = { snapshots: { type: "none" } };

function resource(path: string, change: Change = {}): ResourceStep {
    const found = planWith(change).steps.find(
        (step): step is ResourceStep => step.kind === "resource" && step.write.path === path,
    );
    assert.ok(found, path);
    return found;
}

const lifecycle = (change: Change = {}) =>
    valueAt(resource("/_ilm/policy/observability-logs", change).expected, "phases");
const settings = () =>
    valueAt(
        resource("/_component_template/observability-logs-settings").expected,
        "template",
        "settings",
        "index",
    );
const properties = valueAt(
    resource("/_component_template/observability-logs-mappings").expected,
    "template",
    "mappings",
    "properties",
) as Record<string, Record<string, unknown>>;

describe("What Elasticsearch is told", () => {
    it("has each thing before what names it", () => {
        const position = (path: string) =>
            planWith().steps.findIndex(
                (step) => step.kind === "resource" && step.write.path === path,
            );
        const order = [
            "/_snapshot/observability",
            "/_slm/policy/observability-daily",
            "/_ilm/policy/observability-logs",
            "/_component_template/observability-logs-settings",
            "/_index_template/redis-logs-operator",
            "/_data_stream/redis-logs-operator",
        ].map(position);
        assert.ok(!order.includes(-1), order.join(" "));
        assert.deepEqual(
            [...order].sort((a, b) => a - b),
            order,
        );
    });

    it("gives every stream a template with our settings and mappings, and then makes it", () => {
        for (const stream of Object.values(STREAMS)) {
            const { expected } = resource(`/_index_template/${stream}`);
            assert.deepEqual(valueAt(expected, "index_patterns"), [stream]);
            assert.deepEqual(valueAt(expected, "data_stream"), {});
            assert.deepEqual(valueAt(expected, "composed_of"), [
                "observability-logs-settings",
                "observability-logs-mappings",
            ]);
            // Elasticsearch's own templates for logs-*-* have 100.
            assert.ok(Number(valueAt(expected, "priority")) > 200);
            const stands = resource(`/_data_stream/${stream}`).expected;
            assert.equal(valueAt(stands, "template"), stream);
            assert.equal(valueAt(stands, "ilm_policy"), "observability-logs");
        }
    });

    it("maps every field of the schema with its type, and indexes no other", () => {
        const types = Object.entries(properties).map(([name, { type }]) => [name, type] as const);
        assert.deepEqual(
            Object.fromEntries(types),
            Object.fromEntries(Object.entries(LOG_FIELDS).map(([name, { type }]) => [name, type])),
        );
        const mappings = resource("/_component_template/observability-logs-mappings").expected;
        assert.equal(valueAt(mappings, "template", "mappings", "dynamic"), false);
    });

    it("keeps a document whose field is too long or of a wrong type", () => {
        for (const [name, { type, ignore_above }] of Object.entries(properties)) {
            if (type === "keyword" || type === "flattened") {
                // Lucene refuses a document with a term above 32766 bytes; a character has up to four.
                assert.ok(Number(ignore_above) * 4 < 32766, name);
            }
        }
        assert.equal(valueAt(settings(), "mapping", "ignore_malformed"), true);
        const limit = Number(valueAt(settings(), "mapping", "total_fields", "limit"));
        assert.ok(limit > Object.keys(LOG_FIELDS).length);
    });

    it("keeps what is refused all the same in the failure store, as long as the logs", () => {
        for (const stream of Object.values(STREAMS)) {
            const wanted = { enabled: true, lifecycle: { enabled: true, data_retention: "90d" } };
            const template = resource(`/_index_template/${stream}`).expected;
            assert.deepEqual(
                valueAt(template, "template", "data_stream_options", "failure_store"),
                wanted,
            );
            const live = resource(`/_data_stream/${stream}/_options`);
            assert.deepEqual(valueAt(live.expected, "failure_store"), wanted);
            assert.deepEqual(valueAt(live.write.body, "failure_store"), wanted);
        }
    });

    it("is green on one node and has a copy on three, without another setting", () => {
        assert.equal(valueAt(settings(), "auto_expand_replicas"), "0-1");
        assert.equal(valueAt(settings(), "number_of_replicas"), undefined);
        const last = planWith().steps.filter(({ name }) => name === "The streams are green");
        const call = last.find(() => true);
        assert.match(textAt(call, "call", "path"), /redis-logs-instance.*wait_for_status=green/);
    });

    it("begins an index a day, merges it after a week and deletes it at the retention", () => {
        assert.equal(valueAt(lifecycle(), "hot", "actions", "rollover", "max_age"), "1d");
        assert.equal(valueAt(lifecycle(), "warm", "min_age"), "7d");
        assert.deepEqual(valueAt(lifecycle(), "delete"), {
            min_age: "90d",
            actions: { wait_for_snapshot: { policy: "observability-daily" }, delete: {} },
        });
    });

    for (const [logs, warm, kept] of [
        ["1d", "0d", "1d"],
        ["3d", "1d", "3d"],
        ["2w", "7d", "14d"],
        ["48h", "1d", "2d"],
    ] as const) {
        it(`merges logs of ${logs} before they are deleted`, () => {
            const phases = lifecycle({ retention: { ...RETENTION, logs } });
            assert.equal(valueAt(phases, "warm", "min_age"), warm);
            assert.equal(valueAt(phases, "delete", "min_age"), kept);
        });
    }

    it("waits for no snapshot where there are none: nothing would ever be deleted", () => {
        assert.deepEqual(valueAt(lifecycle(withoutSnapshots), "delete", "actions"), { delete: {} });
        const paths = planWith(withoutSnapshots).steps.map((step) => JSON.stringify(step));
        assert.ok(!paths.some((step) => step.includes("/_snapshot/")));
    });

    it("takes a snapshot a day of every stream, the traces and Kibana's own objects", () => {
        const policy = resource("/_slm/policy/observability-daily").expected;
        assert.equal(valueAt(policy, "repository"), "observability");
        assert.match(textAt(policy, "schedule"), /^0 \d+ \d+ \* \* \?$/);
        assert.deepEqual(valueAt(policy, "config", "indices"), [
            ...Object.values(STREAMS),
            "jaeger-*",
        ]);
        assert.deepEqual(valueAt(policy, "config", "feature_states"), ["kibana"]);
    });

    for (const [kind, snapshots, repository] of [
        ["S3", S3, { type: "s3", settings: { bucket: "backups", base_path: "es/prod" } }],
        [
            "Google Cloud Storage",
            { type: "gcs", bucket: "backups", basePath: "es" },
            { type: "gcs", settings: { bucket: "backups", base_path: "es" } },
        ],
        [
            "Azure",
            { type: "azure", container: "backups", basePath: "es" },
            { type: "azure", settings: { container: "backups", base_path: "es" } },
        ],
        [
            "a shared file system",
            { type: "sharedFileSystem", storageClass: "nfs", storageSize: "50Gi" },
            { type: "fs", settings: { location: "/usr/share/elasticsearch/snapshots" } },
        ],
    ] as const) {
        it(`puts snapshots on ${kind}, and has every node try it`, () => {
            const change = { snapshots };
            assert.deepEqual(resource("/_snapshot/observability", change).expected, repository);
            const checks = planWith(change).steps.map((step) => JSON.stringify(step));
            assert.ok(checks.some((step) => step.includes("/_snapshot/observability/_verify")));
        });
    }
});
