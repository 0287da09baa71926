import assert from "node:assert/strict";

import {
    find,
    findRelease,
    kubernetesObjects,
    label,
    leaves,
    listAt,
    ofKind,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";
import { changed, instances, refuses } from "../../support/refusalTable";

const S3 = { type: "s3", endpoint: "https://s3.example.com", bucket: "backups" };
const SNAPSHOTS = {
    snapshots: { type: "s3", endpoint: "https://s3.example.com", bucket: "es-snapshots" },
};
const ALERTING = {
    runbookBaseUrl: "",
    receivers: { chat: { type: "slack", channel: "#redis" }, robot: { type: "dingtalk" } },
    routes: { all: { severities: ["critical", "warning"], receivers: ["chat", "robot"] } },
};
const NAMED = {
    receivers: "alert-receivers",
    backups: "backup-bucket",
    snapshots: "snapshot-keystore",
    grafanaAdmin: "grafana-login",
};
const orders = (more: object = {}) => ({
    mode: "sentinel",
    replicas: 3,
    passwordSecret: "orders-password",
    backup: { schedule: "0 3 * * *" },
    ...more,
});

describe("Secrets that somebody else fills", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("prod", {
            existingSecrets: NAMED,
            alerting: ALERTING,
            ...changed("prod", "backup", { repository: S3 }),
            ...changed("prod", "elasticsearch", SNAPSHOTS),
            ...instances({ orders: orders() }),
            receiverSecrets: {},
            backupCredentials: {},
            snapshotCredentials: {},
            slos: {},
        });
    });

    it("are made by nobody here, and no secret of theirs is generated or asked for", () => {
        const made = ofKind(run, "Secret").map(({ name }) => name);
        for (const name of [
            ...Object.values(NAMED),
            "orders-password",
            "orders-auth",
            "alertmanager-receivers",
            "notification-relay-receivers",
            "elasticsearch-snapshots",
            "grafana-admin",
        ]) {
            assert.equal(made.includes(name), false, name);
        }
        const generated = run.registrations.filter(({ type }) => /randomPassword/i.test(type));
        const names = generated.map(({ name }) => name);
        assert.deepEqual(
            names.filter((name) => /orders-password|grafana-admin/.test(name)),
            [],
        );
        const asked = run.log.filter((line) => /receiverSecrets|Credentials/.test(line));
        assert.deepEqual(asked, []);
    });

    it("are read by Alertmanager and its relay, each receiver by its name", () => {
        const { values } = findRelease(run, "kube-prometheus-stack");
        assert.deepEqual(valueAt(values, "alertmanager", "alertmanagerSpec", "secrets"), [
            "alert-receivers",
        ]);
        const config = find(run, "Secret", "alertmanager-config").manifest;
        const text = textAt(config, "stringData", "secret", "alertmanager.yaml");
        assert.match(text, /api_url_file: \/etc\/alertmanager\/secrets\/alert-receivers\/chat/);
        const relay = find(run, "Deployment", "notification-relay").manifest.spec;
        const volumes = listAt(relay, "template", "spec", "volumes");
        assert.ok(
            volumes.some((each) => valueAt(each, "secret", "secretName") === "alert-receivers"),
        );
    });

    it("are read by every pod that writes to the bucket, and by Elasticsearch's keystore", () => {
        const jobs = ofKind(run, "CronJob").filter(
            ({ namespace, name }) =>
                /^(monitoring|orders)$/.test(namespace ?? "") && /^backup/.test(name),
        );
        assert.ok(jobs.length >= 3, jobs.map(label).join("\n"));
        for (const job of jobs) {
            const references = leaves(job.manifest.spec)
                .filter(([at, value]) => at.at(-1) === "name" && value === "backup-bucket")
                .map(([at]) => at.slice(-3).join("."));
            assert.ok(references.length >= 2, label(job));
        }
        for (const store of ofKind(run, "Secret").filter(
            ({ name }) => name === "backup-repository",
        )) {
            const data = valueAt(store.manifest, "stringData", "secret") as object;
            const keys = Object.keys(data).sort();
            assert.deepEqual(keys, ["AWS_DEFAULT_REGION", "RESTIC_PASSWORD"], label(store));
        }
        const elastic = find(run, "Elasticsearch", "elasticsearch").manifest.spec;
        assert.deepEqual(valueAt(elastic, "secureSettings"), [{ secretName: "snapshot-keystore" }]);
    });

    it("are Grafana's login, which its backup uses too", () => {
        const { values } = findRelease(run, "kube-prometheus-stack");
        assert.deepEqual(valueAt(values, "grafana", "admin"), { existingSecret: "grafana-login" });
        const text = JSON.stringify(ofKind(run, "CronJob").map(({ manifest }) => manifest));
        assert.match(text, /"key":"admin-password","name":"grafana-login"/);
    });

    it("are a Redis' password for its pods, its Sentinels and its backups", () => {
        const replication = find(run, "RedisReplication", "orders").manifest.spec;
        assert.deepEqual(valueAt(replication, "kubernetesConfig", "redisSecret"), {
            name: "orders-password",
            key: "password",
        });
        const sentinel = find(run, "RedisSentinel", "orders").manifest.spec;
        assert.deepEqual(
            valueAt(sentinel, "redisSentinelConfig", "redisReplicationPassword", "secretKeyRef"),
            { name: "orders-password", key: "password" },
        );
        const backups = ofKind(run, "CronJob").filter(({ namespace }) => namespace === "orders");
        assert.match(JSON.stringify(backups.map(({ manifest }) => manifest)), /"orders-password"/);
        const outputs = run.outputs.redis as { orders: { orders: { secret: string } } };
        assert.equal(outputs.orders.orders.secret, "orders/orders-password");
        assert.equal(
            kubernetesObjects(run).some(({ name }) => name === "orders-auth"),
            false,
        );
    });
});

describe("Secrets that somebody else fills, told wrongly", () => {
    refuses({
        "secrets of receivers in two places": {
            change: {
                existingSecrets: { receivers: "alert-receivers" },
                alerting: {
                    ...ALERTING,
                    receivers: { chat: { type: "slack", channel: "#redis" } },
                    routes: { all: { severities: ["critical"], receivers: ["chat"] } },
                },
                receiverSecrets: { chat: "https://hooks.slack.com/services/T/B/x" },
            },
            says: `existingSecrets.receivers: got "alert-receivers"; one of it and receiverSecrets: two would say what the secrets are`,
        },
        "credentials of no bucket": {
            change: {
                existingSecrets: { backups: "backup-bucket" },
                ...changed("prod", "backup", {
                    repository: { type: "volume", storageSize: "100Gi" },
                }),
                backupCredentials: {},
            },
            says: `existingSecrets.backups: got "backup-bucket", which nothing would read; nothing, or backup.repository of type s3`,
        },
        "the login of a Grafana that is off": {
            change: {
                components: { grafana: "off" },
                existingSecrets: { grafanaAdmin: "grafana-login" },
            },
            says: `existingSecrets.grafanaAdmin: got "grafana-login", which nothing would read; nothing, or components.grafana: on`,
        },
        "a name that no Secret has": {
            change: { existingSecrets: { grafanaAdmin: "Grafana Login" } },
            says: `existingSecrets.grafanaAdmin: got "Grafana Login"; allowed: the name of an object of Kubernetes: at most 253 of a-z, 0-9, '-' and '.', each part between dots starting and ending with a letter or digit`,
        },
        "users of a Redis whose password the stack does not know": {
            change: {
                ...instances({
                    orders: orders({ backup: undefined, users: { shop: { access: "read" } } }),
                }),
                slos: {},
            },
            says: `redis.orders.instances.orders.passwordSecret: got "orders-password"; no passwordSecret beside users: the file of their rights holds the password's hash too, and is made from it`,
        },
        "a second password of a Redis": {
            change: {
                ...instances({ orders: orders({ backup: undefined }) }),
                slos: {},
                redisPasswords: { orders: { orders: "apasswordofitsown0123456789" } },
            },
            says: "redisPasswords.orders.orders: got a second password; nothing: passwordSecret of the instance has it",
        },
    });
});
