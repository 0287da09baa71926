import assert from "node:assert/strict";

import { connectionUrl, userProblems, redisUser } from "../../../components/redis/redisUsers";
import { find, ofKind, valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";
import { INSTANCES } from "../../support/exampleConfig";

const SIZE = { memory: "256Mi", storageSize: "1Gi" };
const REDIS = {
    orders: {
        clientNamespaces: ["web"],
        instances: {
            watched: {
                mode: "sentinel",
                replicas: 3,
                backup: { schedule: "0 1 * * *" },
                users: { shop: { namespaces: ["web"] }, report: { access: "read" } },
                ...SIZE,
            },
            shards: { mode: "cluster", shards: 3, users: { shop: {} }, ...SIZE },
            plain: { mode: "standalone", ...SIZE },
        },
    },
};

describe("Users of a Redis instance", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("staging", { redis: REDIS });
    });

    it("have a Secret each, and one more in the namespaces that ask for it", () => {
        const secrets = ofKind(run, "Secret")
            .filter(({ name }) => /^(orders\.)?(watched|shards|plain)\W/.test(name))
            .map(({ namespace, name }) => `${namespace}/${name}`);
        assert.deepEqual(secrets.sort(), [
            "orders/plain-auth",
            "orders/shards-acl",
            "orders/shards-auth",
            "orders/shards.exporter",
            "orders/shards.shop",
            "orders/watched-acl",
            "orders/watched-auth",
            "orders/watched.backup",
            "orders/watched.exporter",
            "orders/watched.report",
            "orders/watched.shop",
            "web/orders.watched.shop",
        ]);
    });

    it("connect with what their Secret says", () => {
        const { manifest } = find(run, "Secret", "orders.watched.shop");
        const data = valueAt(manifest, "stringData", "secret") as Record<string, unknown>;
        assert.deepEqual(Object.keys(data).sort(), [
            "host",
            "password",
            "port",
            "sentinelMaster",
            "url",
            "username",
        ]);
        assert.equal(data.host, "watched-sentinel.orders.svc");
        assert.equal(data.port, "26379");
        assert.equal(data.username, "shop");
        assert.equal(data.sentinelMaster, "mymaster");
    });

    it("are known to the pods by the ACL file, and pods restart when it changes", () => {
        for (const [kind, name] of [
            ["RedisReplication", "watched"],
            ["RedisCluster", "shards"],
        ] as const) {
            const { manifest, registration } = find(run, kind, name);
            const acl = find(run, "Secret", `${name}-acl`);
            assert.deepEqual(valueAt(manifest, "spec", "acl"), {
                secret: { secretName: `${name}-acl` },
            });
            assert.ok(registration.dependencies.includes(acl.registration.urn));
            const [first] = valueAt(manifest, "spec", "env") as { name: string }[];
            assert.equal(first?.name, "USERS_VERSION");
        }
    });

    it("are one for the exporter and one for backups; a restore may all", () => {
        const { manifest } = find(run, "RedisReplication", "watched");
        const env = valueAt(manifest, "spec", "redisExporter", "env") as object[];
        assert.deepEqual(env.slice(1), [
            { name: "REDIS_USER", value: "exporter" },
            {
                name: "REDIS_PASSWORD",
                valueFrom: { secretKeyRef: { name: "watched.exporter", key: "password" } },
            },
        ]);
        const secretOf = (job: string, containers: string): unknown => {
            const pod = valueAt(
                find(run, "CronJob", job).manifest,
                ...["spec", "jobTemplate", "spec", "template", "spec"],
            );
            const [container] = valueAt(pod, containers) as object[];
            const variables = valueAt(container, "env") as { name: string }[];
            const password = variables.find(({ name }) => name === "REDISCLI_AUTH");
            return valueAt(password, "valueFrom", "secretKeyRef", "name");
        };
        assert.equal(secretOf("backup-watched", "initContainers"), "watched.backup");
        assert.equal(secretOf("restore-watched", "containers"), "watched-auth");
    });

    it("are nowhere in an instance that has none", () => {
        const { manifest } = find(run, "Redis", "plain");
        assert.equal(valueAt(manifest, "spec", "acl"), undefined);
        assert.equal(valueAt(manifest, "spec", "env"), undefined);
    });

    it("are in the stack's outputs, by the Secrets that their applications may read", () => {
        const redis = run.outputs.redis as Record<string, Record<string, { users?: unknown }>>;
        assert.deepEqual(redis.orders?.watched?.users, {
            shop: ["orders/watched.shop", "web/orders.watched.shop"],
            report: ["orders/watched.report"],
        });
        assert.equal(redis.orders?.plain?.users, undefined);
    });

    it("have a URL that names the master's group where Sentinel tells the master", () => {
        const address = { host: "h", port: 6379 };
        assert.equal(connectionUrl("shop", "pw", address), "redis://shop:pw@h:6379/0");
        assert.equal(
            connectionUrl("shop", "pw", { host: "s", port: 26379, sentinelMaster: "mymaster" }),
            "redis-sentinel://shop:pw@s:26379#mymaster",
        );
    });

    it("are refused with the name of one of ours, and in a namespace whose pods cannot connect", () => {
        const users = {
            exporter: redisUser.parse({}),
            shop: redisUser.parse({ namespaces: ["web", "blog"] }),
        };
        const problems = userProblems(
            "it",
            { ...INSTANCES.replication, users },
            { clientNamespaces: ["web"] },
        );
        assert.deepEqual(
            problems.map(({ path, got, allowed }) => `${path}: got ${got}; ${allowed}`),
            [
                'it.users.exporter: got "exporter"; a name beside default, exporter, backup, which are there already',
                'it.users.shop.namespaces: got "blog"; one of clientNamespaces (web): pods of others cannot connect',
            ],
        );
    });

    for (const [what, user, says] of [
        ["a pattern with a blank", { keys: ["a b"] }, /pattern without blanks/],
        ["a command that is none", { commands: ["KEYS"] }, /\+ or - with a command/],
        ["a right that would be another line", { commands: ["+get\nuser x on"] }, /\+ or - with a/],
    ] as const) {
        it(`are refused with ${what}`, () => {
            assert.match(redisUser.safeParse(user).error?.issues[0]?.message ?? "", says);
        });
    }
});
