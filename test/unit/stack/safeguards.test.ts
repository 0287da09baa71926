import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import type { RecordedResources } from "../../../lab/program/answers";
import { ProgramRun, runProgram } from "../../../lab/program/program";
import { isolatedRun, previewOf, stackRun } from "../../../lab/program/runs";
import { readStackFile, Settings } from "../../../lab/program/stackFile";
import { inCluster } from "../../support/apiServer";
import { refusal, registered, withoutUnhandledRejections } from "../../support/refusal";
import { changed } from "../../support/refusalTable";

const HERE = "11111111-0000-4000-8000-000000000000";
const ELSEWHERE = "22222222-0000-4000-8000-000000000000";

/** Outputs of a recorded resource, by the end of its URN: `type::name`. */
function recorded(resources: Readonly<Record<string, Record<string, unknown>>>): RecordedResources {
    return Object.fromEntries(
        Object.entries(resources).map(([end, outputs]) => [
            `urn:pulumi:staging::observability::${end}`,
            { type: end.slice(0, end.lastIndexOf("::")), outputs },
        ]),
    );
}

const object = (namespace: string | undefined, name: string, spec: object = {}) => ({
    metadata: { name, ...(namespace ? { namespace } : {}) },
    spec,
});
const claim = (namespace: string, storageClassName?: string) => ({
    ...object(namespace, "backups", { storageClassName: "standard" }),
    __inputs: object(namespace, "backups", storageClassName ? { storageClassName } : {}),
});

const PROVIDER = "pulumi:providers:kubernetes::cluster";
const STORE = "observability:index:BackupStore::redis-staging-backups-store";
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim::redis-staging-backups-store-volume";
const KEY = "random:index/randomPassword:RandomPassword::redis-staging-backups-store-password";
const REDIS =
    "kubernetes:redis.redis.opstreelabs.in/v1beta2:RedisReplication::redis-staging.redis-replication-redisreplication";

/** What of the state of staging holds data. */
const STAGING = {
    [PROVIDER]: { clusterIdentifier: "staging", context: "staging" },
    "kubernetes:core/v1:Namespace::staging": object(undefined, "staging"),
    "kubernetes:core/v1:Namespace::logging": object(undefined, "logging"),
    [REDIS]: object("staging", "redis-replication"),
    [STORE]: {},
    [CLAIM]: claim("staging"),
    [KEY]: {},
};

/** Staging with one thing of its Redis changed. */
function redisWith(change: Settings): Settings {
    const { redis } = readStackFile("staging") as {
        redis: { staging: { instances: Record<string, Settings> } };
    };
    const instance = { ...redis.staging.instances["redis-replication"], ...change };
    const kept = Object.entries(instance).filter(([, value]) => value !== undefined);
    return {
        redis: {
            staging: { instances: { "redis-replication": Object.fromEntries(kept) as object } },
        },
    };
}

function run(
    change: Settings,
    resources: Record<string, Record<string, unknown>>,
): Promise<ProgramRun> {
    return isolatedRun({
        stack: "staging",
        settings: { ...readStackFile("staging"), ...change },
        recorded: recorded(resources),
    });
}

/** The refusal's text. What was declared is never registered, so that nobody may wait for it. */
async function refused(
    change: Settings,
    resources = STAGING as Record<string, object>,
): Promise<string> {
    const error: unknown = await withoutUnhandledRejections(() =>
        run(change, resources as Record<string, Record<string, unknown>>).catch(
            (reason: unknown) => reason,
        ),
    );
    assert.ok(pulumi.RunError.isInstance(error), "it was accepted");
    assert.deepEqual(registered(), [], "nothing may be registered before the refusal");
    return error.message;
}

/** Names of what a refusal says would be lost, in its order. */
function named(message: string): string[] {
    return [...message.matchAll(/^ {2}([\w.-]+): .* would be deleted/gm)].map(
        ([, name]) => name ?? "",
    );
}

describe("What holds data", () => {
    it("is not lost by the configuration that it was made of", async () => {
        assert.ok((await run({}, STAGING)).registrations.length > 100);
    });

    it("is not lost by another cluster.name: the providers keep what tells the cluster from others", async () => {
        const { registrations } = await run(
            changed("staging", "cluster", { name: "east" }),
            STAGING,
        );
        const identifiers = registrations
            .filter(({ type }) => type === "pulumi:providers:kubernetes")
            .map(({ inputs }) => inputs.clusterIdentifier);
        assert.deepEqual(identifiers, ["staging", "staging"]);
    });

    it("is refused to go with a mode, with the way to allow it", async () => {
        const message = await refused(redisWith({ mode: "standalone", replicas: undefined }));
        assert.deepEqual(message.split("\n"), [
            `Stack "staging" would lose 1 resource that holds data; nothing was registered.`,
            "  redis-staging.redis-replication-redisreplication: RedisReplication staging/redis-replication would be deleted; its pods stop and clients lose their connection; the volumes stay, and nothing reads them under another name",
            "Take the change back, or, where the loss is meant, name each one:",
            "  npx pulumi config set --path 'observability:dataProtection.allowReplace[0]' redis-staging.redis-replication-redisreplication --stack staging",
            "docs/changes.md says what each key changes, and how to keep the data.",
        ]);
    });

    const everything = [
        "staging",
        "redis-staging.redis-replication-redisreplication",
        "redis-staging-backups-store-volume",
        "redis-staging-backups-store-password",
    ];
    for (const [what, change, lost] of [
        ["a namespace of Redis that is renamed", renamed(), everything],
        ["every namespace of Redis", { redis: {}, slos: {} }, everything],
        [
            "a StorageClass of claims",
            { storageClass: "fast" },
            ["redis-staging-backups-store-volume"],
        ],
        [
            "backups that move into a bucket",
            changed("staging", "backup", {
                repository: { type: "s3", endpoint: "https://s3.example.com", bucket: "bucket" },
            }),
            ["redis-staging-backups-store-volume"],
        ],
    ] as const) {
        it(`is refused to go with ${what}`, async () => {
            assert.deepEqual(named(await refused(change)).sort(), [...lost].sort());
        });
    }

    it("goes when the configuration names it, and a preview says so", async () => {
        const name = "redis-staging.redis-replication-redisreplication";
        const { log, registrations } = await run(
            {
                ...redisWith({ mode: "standalone", replicas: undefined }),
                ...changed("staging", "dataProtection", { allowReplace: [name] }),
            },
            STAGING,
        );
        assert.ok(registrations.length > 100);
        assert.equal(log.filter((line) => line.includes(`${name}: RedisReplication`)).length, 1);
    });

    it("makes a leave that allows nothing any more be seen", async () => {
        const change = changed("staging", "dataProtection", { allowReplace: ["old"] });
        const { log } = await run(change, STAGING);
        assert.equal(log.filter((line) => line.includes("allowReplace: old: nothing")).length, 1);
    });
});

describe("Backups of a namespace", () => {
    const withoutBackup = redisWith({ backup: undefined });
    const made = ({ registrations }: ProgramRun) =>
        registrations.map(({ type, name }) => `${type}::${name}`);

    it("stay with claim and key when the last instance that asks for them is gone", async () => {
        const names = made(await run(withoutBackup, STAGING));
        assert.ok(names.includes(CLAIM), "the claim");
        assert.ok(names.includes(KEY), "the key");
        assert.deepEqual(
            names.filter((name) => /redis-staging-backups.*(CronJob|alerts)/.test(name)),
            [],
        );
    });

    it("stay with claim and key while backups are off, and so do the platform's", async () => {
        const owned = "observability:index:BackupStore::backup-store";
        const off = { components: { backup: "off" } };
        const names = made(await run(off, { ...STAGING, [owned]: {} }));
        const kept = names.filter((name) => /backups?-store-(volume|password)$/.test(name));
        assert.deepEqual(kept.map((name) => name.split("::")[1]).sort(), [
            "backup-store-password",
            "backup-store-volume",
            "redis-staging-backups-store-password",
            "redis-staging-backups-store-volume",
        ]);
        assert.deepEqual(
            names.filter((name) => /backup.*(CronJob|alerts)/.test(name)),
            [],
        );
    });

    it("are not made where there were none", async () => {
        const names = made(await run(withoutBackup, { [PROVIDER]: STAGING[PROVIDER] ?? {} }));
        assert.deepEqual(
            names.filter((name) => name.includes("redis-staging-backups")),
            [],
        );
    });

    it("go when the configuration names claim and key", async () => {
        const allowReplace = [
            "redis-staging-backups-store-volume",
            "redis-staging-backups-store-password",
        ];
        const names = made(
            await run(
                { ...withoutBackup, ...changed("staging", "dataProtection", { allowReplace }) },
                STAGING,
            ),
        );
        assert.deepEqual(
            names.filter((name) => name.includes("redis-staging-backups")),
            [],
        );
    });
});

describe("The guard of destroy", () => {
    it("depends on everything else, so that it is deleted first", async () => {
        const { registrations } = await stackRun("prod");
        const guard = registrations.find(({ name }) => name === "destroy-guard");
        assert.ok(guard?.protect);
        const others = registrations.filter(({ custom, urn }) => custom && urn !== guard.urn);
        const missed = others
            .filter(({ type }) => !type.startsWith("pulumi:"))
            .filter(({ urn }) => !guard.dependencies.includes(urn));
        assert.deepEqual(
            missed.map(({ name }) => name),
            [],
        );
    });

    it("protects nothing in a stack that is not protected", async () => {
        const { registrations } = await stackRun("staging");
        assert.equal(registrations.find(({ name }) => name === "destroy-guard")?.protect, false);
    });
});

describe("The cluster of a stack", () => {
    const known = { "pulumi:index:Stash::cluster-identity": { output: HERE } };
    const settings = { ...readStackFile("staging"), kubeContext: "east" };

    it("is recorded before anything else registers", async () => {
        const { registrations } = await inCluster(HERE, () =>
            runProgram({ stack: "staging", settings }),
        );
        const identity = registrations.find(({ name }) => name === "cluster-identity");
        assert.equal(identity?.inputs.input, HERE);
    });

    it("is refused when it is another one than that of the state", async () => {
        const message = await inCluster(ELSEWHERE, () =>
            refusal({ stack: "staging", settings, recorded: recorded(known) }, runProgram),
        );
        assert.match(message, new RegExp(`"east" is another cluster .*${ELSEWHERE}.*${HERE}`));
    });

    it("is the same under another context, and with a new address", async () => {
        const { registrations } = await inCluster(HERE, () =>
            runProgram({
                stack: "staging",
                settings,
                recorded: recorded({ ...known, [PROVIDER]: { context: "old" } }),
            }),
        );
        assert.ok(registrations.length > 100);
    });

    it("must be recorded before the context changes, in a stack of an earlier version", async () => {
        const message = await inCluster(ELSEWHERE, () =>
            refusal({ stack: "staging", settings, recorded: recorded(STAGING) }, runProgram),
        );
        assert.match(message, /brought up in context "staging" by a version that did not record/);
    });

    it("is a warning in a preview that cannot reach it", async () => {
        const { log, registrations } = await inCluster(undefined, () =>
            runProgram({ stack: "staging", settings, recorded: recorded(known) }),
        );
        assert.ok(registrations.length > 100);
        assert.equal(log.filter((line) => line.includes("cannot be read")).length, 1);
    });

    it("refuses an update that cannot reach it, the first one as well", async () => {
        const filled = {
            ...settings,
            ...changed("staging", "alerting", { runbookBaseUrl: "https://runbooks.example.com" }),
            receiverSecrets: { chat: "https://receiver.example.com" },
        };
        const message = await inCluster(undefined, () =>
            refusal({ stack: "staging", settings: filled, preview: false }, runProgram),
        );
        assert.match(message, /cannot be read, so nobody can tell .*\nNothing was registered/s);
    });

    it("is nothing to an offline preview", async () => {
        const { log } = await previewOf("staging", { kubeContext: "" });
        assert.deepEqual(
            log.filter((line) => line.includes("kube-system")),
            [],
        );
    });
});

function renamed(): Settings {
    const { redis } = readStackFile("staging") as { redis: Record<string, unknown> };
    return { redis: { other: redis.staging } };
}
