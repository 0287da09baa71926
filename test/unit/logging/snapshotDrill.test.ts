import assert from "node:assert/strict";

import type { DrillPlan } from "../../../components/logging/programs/drillPlan";
import { setupPlan } from "../../../components/logging/setup/setupPlan";
import {
    find,
    KubernetesObject,
    listAt,
    ofKind,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { previewOf, stackRun } from "../../../lab/program/runs";
import { changed } from "../../support/refusalTable";

const NAME = "drill-elasticsearch";

const drillOf = (run: ProgramRun) => find(run, "CronJob", NAME);
const podOf = (drill: KubernetesObject) =>
    valueAt(drill.manifest, "spec", "jobTemplate", "spec", "template");
const containerOf = (drill: KubernetesObject) =>
    listAt(podOf(drill), "spec", "containers").find(() => true);
const drillConfigMap = (run: ProgramRun) => {
    const volume = listAt(podOf(drillOf(run)), "spec", "volumes").find(
        (each) => valueAt(each, "name") === "drill",
    );
    return find(run, "ConfigMap", textAt(volume, "configMap", "name"));
};

describe("CronJob of Elasticsearch's restore drill", () => {
    let run: ProgramRun;
    let drill: KubernetesObject;
    before(async () => {
        run = await stackRun("prod");
        drill = drillOf(run);
    });

    it("is there with snapshots only, also without another backup", async () => {
        const none = await stackRun("staging");
        assert.ok(!ofKind(none, "CronJob").some(({ name }) => name === NAME));
        const cache = { mode: "standalone", memory: "256Mi", storageSize: "1Gi" };
        const redis = { orders: { instances: { cache } } };
        assert.ok(drillOf(await previewOf("prod", { backup: {}, redis })));
    });

    it("runs when the configuration says that drills run", async () => {
        assert.equal(textAt(drill.manifest, "spec", "schedule"), "0 4 1 * *");
        const schedules = { drill: "0 5 * * 6" };
        const other = await previewOf("prod", changed("prod", "backup", { schedules }));
        assert.equal(textAt(drillOf(other).manifest, "spec", "schedule"), "0 5 * * 6");
    });

    it("tries the snapshots that the setup asks for, of every stream that they have", () => {
        const plan = JSON.parse(
            textAt(drillConfigMap(run).manifest, "data", "plan.json"),
        ) as DrillPlan;
        const snapshots = { type: "gcs", bucket: "bucket", basePath: "es" } as const;
        const { steps } = setupPlan(snapshots, { logs: "90d", backups: "30d" }, []);
        const policy = steps.find(
            (step) => step.kind === "resource" && step.write.path === `/_slm/policy/${plan.policy}`,
        );
        assert.equal(valueAt(policy, "expected", "repository"), plan.repository);
        const saved = listAt(policy, "expected", "config", "indices");
        assert.deepEqual(
            plan.streams.filter((stream) => !saved.includes(stream)),
            [],
        );
        assert.equal(plan.streams.length, 4);
        // The policy runs once a day; two hours are what a run may be late.
        assert.match(textAt(policy, "expected", "schedule"), /^0 \d+ \d+ \* \* \?$/);
        assert.equal(plan.maxAgeSeconds, 26 * 3600);
    });

    it("ends by itself, with time left to clean up, before Kubernetes ends it", () => {
        const { deadlineSeconds } = JSON.parse(
            textAt(drillConfigMap(run).manifest, "data", "plan.json"),
        ) as DrillPlan;
        const job = valueAt(drill.manifest, "spec", "jobTemplate", "spec");
        assert.ok(Number(valueAt(job, "activeDeadlineSeconds")) >= deadlineSeconds + 120);
    });

    it("has its program in a ConfigMap, whose name changes with it", () => {
        const { manifest, name } = drillConfigMap(run);
        assert.deepEqual(Object.keys(valueAt(manifest, "data") as object).sort(), [
            "client.js",
            "drill.js",
            "environment.js",
            "plan.json",
            "restoreChecks.js",
            "restores.js",
            "snapshots.js",
        ]);
        assert.match(name, /^elasticsearch-drill-[0-9a-f]{10}$/);
        assert.equal(valueAt(manifest, "immutable"), true);
    });

    it("logs in with a user of its own, and trusts Elasticsearch's authority", () => {
        const env = listAt(containerOf(drill), "env") as { valueFrom?: object }[];
        const secrets = env.flatMap(({ valueFrom }) =>
            valueFrom ? textAt(valueFrom, "secretKeyRef", "name") : [],
        );
        assert.deepEqual(new Set(secrets), new Set(["elasticsearch-user-restore-drill"]));
        const spec = valueAt(find(run, "Elasticsearch", "elasticsearch").manifest, "spec");
        const users = listAt(spec, "auth", "fileRealm").map((each) => valueAt(each, "secretName"));
        assert.ok(users.includes("elasticsearch-user-restore-drill"));
        const authorities = listAt(podOf(drill), "spec", "volumes").flatMap(
            (each) => valueAt(each, "configMap", "name") ?? [],
        );
        assert.ok(authorities.includes("elasticsearch-ca"));
    });

    it("runs as the strictest Pod Security level asks, without access to Kubernetes", () => {
        const spec = valueAt(podOf(drill), "spec");
        assert.equal(valueAt(spec, "automountServiceAccountToken"), false);
        assert.equal(valueAt(spec, "securityContext", "runAsNonRoot"), true);
        assert.deepEqual(valueAt(containerOf(drill), "securityContext"), {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
        });
    });

    it("is watched like the other drills, and no backup is missed that Elasticsearch makes itself", () => {
        const rules = ofKind(run, "PrometheusRule").find(
            ({ name, namespace }) => name === "backup" && namespace === "logging",
        );
        const alerts = listAt(rules?.manifest, "spec", "groups").flatMap((group) =>
            listAt(group, "rules"),
        );
        assert.deepEqual(
            alerts.map((each) => valueAt(each, "alert")),
            ["RestoreDrillFailed", "RestoreDrillTooOld"],
        );
        for (const each of alerts) {
            assert.match(
                textAt(each, "expr"),
                /namespace="logging", cronjob=~?"drill-elasticsearch"/,
            );
        }
    });

    it("reaches Elasticsearch, which lets in nobody who is not wired", () => {
        const labels = valueAt(podOf(drill), "metadata", "labels") as Record<string, string>;
        const sources = ofKind(run, "NetworkPolicy")
            .filter(({ name }) => name.includes("drill-to-elasticsearch"))
            .flatMap(({ manifest }) => listAt(manifest, "spec", "ingress"))
            .flatMap((rule) => listAt(rule, "from"));
        assert.ok(sources.length > 0);
        for (const source of sources) {
            const wanted = valueAt(source, "podSelector", "matchLabels") as Record<string, string>;
            assert.deepEqual({ ...labels, ...wanted }, labels);
        }
    });
});
