import assert from "node:assert/strict";

import { savedObjects } from "../../../components/logging/savedObjects/savedObjects";
import { LogRetention, setupPlan } from "../../../components/logging/setup/setupPlan";
import type { SnapshotSettings } from "../../../components/logging/snapshotSettings";
import { ACCOUNT, ElasticStack } from "../../../lab/endpoints/elasticStack";
import { Ended, ProgramOptions, runProgram } from "../../support/elasticProgram";

const RETENTION: LogRetention = { logs: "90d", backups: "30d" };
const SNAPSHOTS = {
    type: "s3",
    bucket: "backups",
    basePath: "es",
    pathStyleAccess: false,
} as const;

interface Change {
    readonly snapshots?: SnapshotSettings;
    readonly retention?: LogRetention;
}

/** Patient for a second only. */
function runJob(
    stack: ElasticStack,
    change: Change = {},
    options: ProgramOptions & { readonly seconds?: number } = {},
): Promise<Ended> {
    const { snapshots = SNAPSHOTS, retention = RETENTION } = change;
    const plan = {
        ...setupPlan(snapshots, retention, savedObjects()),
        deadlineSeconds: options.seconds ?? 20,
        pauseSeconds: 0.01,
    };
    return runProgram("setup", plan, stack, options);
}

describe("Job that sets Elasticsearch and Kibana up", () => {
    let stack: ElasticStack;
    beforeEach(async () => {
        stack = await ElasticStack.start();
    });
    afterEach(() => stack.close());

    const succeeds = async (change?: Change, options?: Parameters<typeof runJob>[2]) => {
        const { status, output } = await runJob(stack, change, options);
        assert.equal(status, 0, output);
        assert.equal(stack.unmet, 0, "a failure that the Job never met");
        return output;
    };
    const fails = async (reason: RegExp, options?: Parameters<typeof runJob>[2]) => {
        const { status, output } = await runJob(stack, {}, options);
        assert.equal(status, 1, output);
        assert.match(output, reason);
        assert.doesNotMatch(output, /^Done/m);
        assert.ok(!output.includes(ACCOUNT.password), "the password is in the log");
        return output;
    };

    it("makes everything on an empty cluster, and says so", async () => {
        const output = await succeeds();
        assert.match(output, /^Done: .*\bcreated\b/m);
        const made = [...stack.held.documents.keys()];
        for (const path of [
            "/_snapshot/observability",
            "/_slm/policy/observability-daily",
            "/_ilm/policy/observability-logs",
            "/_index_template/redis-logs-instance",
            "/_data_stream/redis-logs-operator",
        ]) {
            assert.ok(made.includes(path), `${path} in ${made.join(", ")}`);
        }
        assert.equal(stack.held.savedObjects.size, savedObjects().length);
    });

    it("changes nothing when it runs again", async () => {
        await succeeds();
        stack.changes.length = 0;
        const output = await succeeds();
        assert.deepEqual(stack.changes, []);
        assert.doesNotMatch(output, /: (created|changed|removed)$/m);
    });

    it("changes what the configuration changed, and nothing else", async () => {
        await succeeds();
        stack.changes.length = 0;
        await succeeds({ retention: { ...RETENTION, backups: "10d" } });
        assert.deepEqual(stack.changes, ["PUT /_slm/policy/observability-daily"]);
    });

    it("begins new indices when a mapping changed: the running ones keep the old one", async () => {
        await succeeds();
        const path = "/_component_template/observability-logs-mappings";
        stack.held.documents.set(path, { template: { mappings: { dynamic: true } } });
        stack.changes.length = 0;
        await succeeds();
        assert.deepEqual(stack.changes, [
            `PUT ${path}`,
            "POST /redis-logs-operator/_rollover",
            "POST /redis-logs-instance/_rollover",
            "POST /container-logs/_rollover",
            "POST /kubernetes-events/_rollover",
        ]);
    });

    it("puts back what somebody deleted", async () => {
        await succeeds();
        stack.held.documents.delete("/_ilm/policy/observability-logs");
        const first = savedObjects().find(() => true);
        stack.held.savedObjects.delete(`${first?.type} ${first?.id}`);
        stack.changes.length = 0;
        await succeeds();
        assert.deepEqual(stack.changes, [
            "PUT /_ilm/policy/observability-logs",
            "POST /api/saved_objects/_import",
        ]);
    });

    it("takes the links to Jaeger away from data views when Jaeger has no address any more", async () => {
        for (const object of savedObjects((id) => `https://jaeger.example.com/trace/${id}`)) {
            stack.held.savedObjects.set(`${object.type} ${object.id}`, { ...object });
        }
        await succeeds();
        const held = JSON.stringify([...stack.held.savedObjects.values()]);
        assert.doesNotMatch(held, /jaeger/);
    });

    it("ends the snapshots of a stack that no longer has a repository", async () => {
        await succeeds();
        stack.changes.length = 0;
        await succeeds({ snapshots: { type: "none" } });
        assert.deepEqual(stack.changes, [
            "DELETE /_slm/policy/observability-daily",
            "PUT /_ilm/policy/observability-logs",
        ]);
    });

    it("waits for a cluster that starts: no connection, 503, not healthy, user not there yet", async () => {
        const health = /^GET \/_cluster\/health$/;
        stack.trouble(health, 3, "hang up");
        stack.trouble(health, 3, {
            status: 503,
            body: { error: "master_not_discovered_exception" },
        });
        stack.trouble(health, 2, { status: 408, body: { status: "red", timed_out: true } });
        stack.trouble(health, 2, { status: 401, body: { error: "security_exception" } });
        const output = await succeeds();
        assert.match(output, /master_not_discovered_exception.*trying again/);
    });

    it("waits for Kibana to be available", async () => {
        const starting = { status: { overall: { level: "unavailable" } } };
        stack.trouble(/^GET \/api\/status$/, 2, {
            status: 503,
            body: "Kibana server is not ready yet",
        });
        stack.trouble(/^GET \/api\/status$/, 2, { status: 200, body: starting });
        await succeeds();
    });

    it("goes on through connections that break, whether or not the server did what it was told", async () => {
        stack.trouble(/^PUT \/_ilm/, 1, "hang up");
        stack.trouble(/^PUT \/_index_template\/container-logs$/, 1, "lose");
        stack.trouble(/^POST \/api\/saved_objects\/_import$/, 1, "lose");
        stack.trouble(/^PUT \/_slm/, 2, {
            status: 429,
            body: { error: "circuit_breaking_exception" },
        });
        await succeeds();
    });

    it("goes on when the answer to a stream's creation was lost, and it is there", async () => {
        stack.trouble(/^PUT \/_data_stream\/redis-logs-instance$/, 1, "lose");
        await succeeds();
    });

    it("tries again while nodes have not got the repository's credentials", async () => {
        const reason = "repository_verification_exception";
        stack.trouble(/^PUT \/_snapshot/, 2, { status: 500, body: { error: reason } });
        await succeeds();
    });

    it("ends at once with Elasticsearch's reason when it refuses something", async () => {
        const reason = "unknown setting [index.lifecycle.nme]";
        stack.trouble(/^PUT \/_component_template/, 1, {
            status: 400,
            body: { error: { reason } },
        });
        const output = await fails(/Component template .*: status 400: .*unknown setting \[index/);
        assert.ok(!stack.changes.some((each) => each.includes("_data_stream")), output);
    });

    it("fails when something reads otherwise than it was written", async () => {
        stack.tampered.set("/_ilm/policy/observability-logs", (value) =>
            JSON.parse(JSON.stringify(value).replaceAll('"90d"', '"1d"')),
        );
        await fails(
            /Lifecycle policy .*reads differently\s+phases.delete.min_age: expected "90d", got "1d"/s,
        );
    });

    it("fails when Kibana answers 200 without success", async () => {
        const errors = [{ error: { type: "missing_references" } }];
        const body = { success: false, successCount: savedObjects().length, errors };
        stack.trouble(/_import$/, 1, { status: 200, body });
        await fails(/Dashboards of Kibana: .*missing_references/s);
    });

    it("fails when Kibana took fewer objects than it was given", async () => {
        stack.trouble(/_import$/, 1, { status: 200, body: { success: true, successCount: 0 } });
        await fails(/successCount: expected \d+, got 0/);
    });

    it("gives up at its deadline, with the last reason", async () => {
        stack.trouble(/health/, 10_000, { status: 503, body: "no master" });
        await fails(/Elasticsearch is healthy: .*given up, last: status 503: no master/, {
            seconds: 0.3,
        });
    });

    it("gives up when its password is refused, without telling it", async () => {
        await fails(/given up, last: status 401/, { seconds: 0.3, password: "wrong" });
    });

    it("talks to nobody whose certificate is another authority's", async () => {
        const other = await ElasticStack.start();
        await other.close();
        await fails(/given up, last: .*certificate/, {
            seconds: 0.3,
            certificate: other.certificate,
        });
        assert.deepEqual(stack.changes, []);
    });
});
