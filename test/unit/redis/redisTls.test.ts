import assert from "node:assert/strict";

import { redisTls, tlsNames, tlsProblems } from "../../../components/redis/redisTls";
import { connectionUrl } from "../../../components/redis/redisUsers";
import { find, ofKind, valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";
import { INSTANCES } from "../../support/exampleConfig";

const SIZE = { memory: "256Mi", storageSize: "1Gi" };
const REDIS = {
    orders: {
        clientNamespaces: ["web"],
        instances: {
            single: { mode: "standalone", tls: { secret: "given" }, ...SIZE },
            watched: {
                mode: "sentinel",
                replicas: 3,
                tls: {},
                backup: { schedule: "0 1 * * *" },
                users: { shop: { namespaces: ["web"] } },
                ...SIZE,
            },
            shards: {
                mode: "cluster",
                shards: 3,
                tls: { certManager: { issuer: "company" } },
                ...SIZE,
            },
            plain: { mode: "replication", replicas: 2, ...SIZE },
        },
    },
};

const KINDS = [
    ["Redis", "single", "given"],
    ["RedisReplication", "watched", "watched-tls"],
    ["RedisSentinel", "watched", "watched-tls"],
    ["RedisCluster", "shards", "shards-tls"],
] as const;

describe("TLS of a Redis instance", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("staging", { redis: REDIS, ingress: { enabled: false } });
    });

    for (const [kind, name, secretName] of KINDS) {
        it(`is what the operator gives the pods of a ${kind}, with the authority by its file`, () => {
            const { manifest } = find(run, kind, name);
            assert.deepEqual(valueAt(manifest, "spec", "TLS"), {
                ca: "ca.crt",
                cert: "tls.crt",
                key: "tls.key",
                secret: { secretName },
            });
            const env = valueAt(manifest, "spec", "env") as { name: string; value?: string }[];
            assert.deepEqual(env[0], { name: "REDIS_TLS_CA_KEY", value: "/tls/ca.crt" });
        });
    }

    it("restarts pods for a certificate of our own, and for no other", () => {
        const restarts = (kind: string, name: string): boolean =>
            (valueAt(find(run, kind, name).manifest, "spec", "env") as { name: string }[]).some(
                (each) => each.name === "TLS_VERSION",
            );
        assert.deepEqual(
            KINDS.map(([kind, name]) => restarts(kind, name)),
            [false, true, true, false],
        );
    });

    it("lets Sentinels ask over TLS, and a cluster tell addresses", () => {
        const sentinel = find(run, "RedisSentinel", "watched").manifest;
        assert.equal(
            valueAt(sentinel, "spec", "redisSentinelConfig", "additionalSentinelConfig"),
            "watched-config",
        );
        const data = (name: string) => valueAt(find(run, "ConfigMap", name).manifest, "data");
        assert.deepEqual(data("watched-config"), {
            "redis-sentinel-additional.conf": "tls-replication yes\n",
        });
        assert.equal(
            valueAt(
                find(run, "RedisReplication", "watched").manifest,
                "spec",
                "redisConfig",
                "additionalRedisConfig",
            ),
            undefined,
        );
        assert.deepEqual(data("shards-config"), {
            "redis-additional.conf": `maxmemory ${0.75 * 2 ** 28}\ncluster-preferred-endpoint-type ip\n`,
        });
    });

    it("has a certificate of our authority, whose key is in no Secret, and the resources wait for it", () => {
        const { manifest, registration } = find(run, "Secret", "watched-tls");
        assert.equal(valueAt(manifest, "type"), "kubernetes.io/tls");
        const { dependencies } = find(run, "RedisReplication", "watched").registration;
        assert.ok(dependencies.includes(registration.urn));
        const names = ofKind(run, "Secret")
            .filter(({ namespace }) => namespace === "orders")
            .map(({ name }) => name);
        assert.ok(!names.some((name) => name.includes("ca")), names.join());
    });

    it("asks cert-manager for the names of Services and pods, as servers and clients of one another", () => {
        const { manifest } = find(run, "Certificate", "shards-tls");
        assert.deepEqual(valueAt(manifest, "spec", "issuerRef"), {
            group: "cert-manager.io",
            kind: "ClusterIssuer",
            name: "company",
        });
        assert.deepEqual(valueAt(manifest, "spec", "usages"), [
            "digital signature",
            "server auth",
            "client auth",
        ]);
        const names = valueAt(manifest, "spec", "dnsNames") as string[];
        for (const name of [
            "shards-leader.orders.svc",
            "shards-master.orders.svc",
            "*.shards-follower-headless.orders.svc.cluster.local",
            "localhost",
        ]) {
            assert.ok(names.includes(name), name);
        }
    });

    it("reloads certificates that somebody else renews, and no other", () => {
        const jobs = ofKind(run, "CronJob")
            .map(({ name }) => name)
            .filter((name) => name.startsWith("reload-"));
        assert.deepEqual(jobs.sort(), ["reload-shards", "reload-single"]);
        const pod = valueAt(
            find(run, "CronJob", "reload-shards").manifest,
            ...["spec", "jobTemplate", "spec", "template", "spec"],
        );
        const [container] = valueAt(pod, "containers") as {
            env: { name: string; value: string }[];
        }[];
        const members = container?.env.find(({ name }) => name === "MEMBERS")?.value.split(" ");
        assert.equal(members?.length, 6);
        assert.equal(members?.[0], "shards-leader-0.shards-leader-headless.orders.svc:6379");
        const volumes = valueAt(pod, "volumes") as object[];
        assert.deepEqual(volumes[1], { name: "tls", secret: { secretName: "shards-tls" } });
    });

    it("is spoken by backups and restores, and by no drill, which starts its own Redis", () => {
        const podOf = (job: string): unknown =>
            valueAt(
                find(run, "CronJob", job).manifest,
                ...["spec", "jobTemplate", "spec", "template", "spec"],
            );
        const speaks = (job: string): boolean =>
            JSON.stringify(podOf(job)).includes('{"name":"TLS_FOLDER","value":"/tls"}') &&
            JSON.stringify(podOf(job)).includes('{"secretName":"watched-tls"}');
        assert.deepEqual(["backup-watched", "restore-watched", "drill-watched"].map(speaks), [
            true,
            true,
            false,
        ]);
    });

    it("is in users' Secrets and outputs, with the authority where it is known", () => {
        const { manifest } = find(run, "Secret", "orders.watched.shop");
        const data = valueAt(manifest, "stringData", "secret") as Record<string, unknown>;
        assert.equal(data.tls, "true");
        assert.ok("ca.crt" in data);
        const redis = run.outputs.redis as Record<string, Record<string, Record<string, unknown>>>;
        assert.equal(redis.orders?.watched?.tls, true);
        assert.equal(redis.orders?.watched?.tlsSecret, "orders/watched-tls");
        assert.ok("caCertificate" in (redis.orders?.watched ?? {}));
        assert.ok(!("caCertificate" in (redis.orders?.single ?? {})));
        assert.ok(!("tls" in (redis.orders?.plain ?? {})));
    });

    it("is in a URL by its scheme", () => {
        const address = { host: "h", port: 6379, tls: true };
        assert.equal(connectionUrl("shop", "pw", address), "rediss://shop:pw@h:6379/0");
        assert.equal(
            connectionUrl("shop", "pw", { ...address, sentinelMaster: "mymaster" }),
            "rediss-sentinel://shop:pw@h:6379#mymaster",
        );
    });

    it("is asked by the blackbox exporter when certificates of every pod end, and it may connect", () => {
        const probe = find(run, "Probe", "redis.orders.watched").manifest;
        const ports = valueAt(probe, "spec", "targets", "staticConfig", "static") as string[];
        assert.equal(ports.length, 6);
        assert.equal(ports[0], "watched-0.watched-headless.orders.svc:6379");
        assert.equal(ports[5], "watched-sentinel-2.watched-sentinel-headless.orders.svc:26379");
        assert.equal(valueAt(probe, "spec", "module"), "certificate");
        assert.deepEqual(
            ofKind(run, "Probe")
                .map(({ name }) => name)
                .sort(),
            ["redis.orders.shards", "redis.orders.single", "redis.orders.watched"],
        );
        const clients = ofKind(run, "NetworkPolicy").filter(
            ({ namespace, manifest }) =>
                namespace === "orders" && JSON.stringify(manifest).includes("blackbox-exporter"),
        );
        assert.equal(clients.length, 1);
    });

    it("is nowhere in an instance that has none", () => {
        const { manifest } = find(run, "RedisReplication", "plain");
        assert.equal(valueAt(manifest, "spec", "TLS"), undefined);
        assert.equal(valueAt(manifest, "spec", "env"), undefined);
    });

    it("has names that fit the mode", () => {
        const names = (mode: keyof typeof INSTANCES) =>
            tlsNames("a", "n", mode).filter((name) => name.endsWith(".n.svc"));
        assert.deepEqual(names("standalone"), ["a.n.svc", "*.a-headless.n.svc"]);
        assert.deepEqual(names("sentinel"), [
            "a.n.svc",
            "a-sentinel.n.svc",
            "a-master.n.svc",
            "a-replica.n.svc",
            "*.a-headless.n.svc",
            "*.a-sentinel-headless.n.svc",
        ]);
    });

    it("is refused with two sources, and with an authority beside our own", () => {
        const problems = (tls: object): string[] =>
            tlsProblems("it", { ...INSTANCES.replication, tls: tls }).map(
                ({ path, got, allowed }) => `${path}: got ${got}; ${allowed}`,
            );
        assert.deepEqual(problems({ secret: "a", certManager: { issuer: "b", kind: "Issuer" } }), [
            "it.tls: got both secret and certManager; one of them, or neither for a certificate of our own authority",
        ]);
        assert.deepEqual(problems({ ca: "PEM" }), [
            "it.tls.ca: got an authority for a certificate of our own; nothing without secret or certManager: our own authority is known",
        ]);
        assert.deepEqual(problems({}), []);
    });

    for (const [what, settings, says] of [
        ["a key that is none", { issuer: "a" }, /[Uu]nrecognized key|unknown key/],
        ["a Secret's name that is none", { secret: "A_b" }, /./],
        ["an authority that is no PEM", { secret: "a", ca: "x" }, /PEM/],
        ["a number where a name stands", { certManager: { issuer: 1 } }, /./],
    ] as const) {
        it(`is refused with ${what}`, () => {
            const { error } = redisTls.safeParse(settings);
            assert.match(error?.issues[0]?.message ?? "", says);
        });
    }
});
