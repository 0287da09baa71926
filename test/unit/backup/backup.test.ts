import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import {
    find,
    KubernetesObject,
    label,
    listAt,
    ofKind,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { OWNER, previewOf, isolatedRun, stackRun } from "../../../lab/program/runs";
import { readStackFile, ROOT } from "../../../lab/program/stackFile";

const SCRIPTS = path.join(ROOT, "components/backup/scripts");
const SIZE = { memory: "256Mi", storageSize: "1Gi" };
const DAILY = { backup: { schedule: "0 1 * * *" } };
const BUCKET = {
    backup: {
        repository: { type: "s3", endpoint: "https://s3.example.com/", bucket: "backups" },
        schedules: { drill: "0 5 * * 6" },
    },
    backupCredentials: { accessKeyId: "the-key-id", secretAccessKey: "the-secret-key" },
};

/** The stack with a bucket, and one instance of each mode in the namespace `orders`; one asks for no backup. */
function bucketRun(change = {}): Promise<ProgramRun> {
    return previewOf("prod", {
        ...BUCKET,
        redis: {
            orders: {
                instances: {
                    single: { mode: "standalone", ...SIZE, ...DAILY },
                    pair: { mode: "replication", replicas: 2, ...SIZE, ...DAILY },
                    watched: { mode: "sentinel", replicas: 3, ...SIZE, ...DAILY },
                    shards: { mode: "cluster", shards: 3, ...SIZE, ...DAILY },
                    cache: { mode: "standalone", ...SIZE },
                },
            },
        },
        ...change,
    });
}

interface Container {
    readonly name: string;
    readonly image: string;
    readonly command: readonly string[];
    readonly env?: readonly { readonly name: string; readonly value?: string }[];
    readonly envFrom?: readonly object[];
    readonly volumeMounts: readonly { readonly name: string }[];
    readonly securityContext: object;
}

function pod(job: KubernetesObject): Record<string, unknown> {
    return valueAt(job.manifest, "spec", "jobTemplate", "spec", "template", "spec") as Record<
        string,
        unknown
    >;
}

function containers(job: KubernetesObject): Container[] {
    return [
        ...listAt(pod(job), "initContainers"),
        ...listAt(pod(job), "containers"),
    ] as Container[];
}

function container(job: KubernetesObject, name: string): Container {
    const found = containers(job).find((each) => each.name === name);
    assert.ok(found, `${label(job)} has a container "${name}"`);
    return found;
}

function variable({ env = [] }: Container, name: string): string | undefined {
    return env.find((each) => each.name === name)?.value;
}

const restoreOf = (source: string): string => `restore-${source}`;

function backupJobs(run: ProgramRun): KubernetesObject[] {
    // Elasticsearch makes its own snapshots, and its drill has another program.
    return ofKind(run, "CronJob").filter(
        ({ name, namespace }) => /^(backup|drill|restore)-/.test(name) && namespace !== "logging",
    );
}

describe("Backups", () => {
    let run: ProgramRun;
    before(async () => {
        run = await bucketRun();
    });

    it("are made of Grafana, the Prometheus Operator, and each Redis that asks; each has a drill", () => {
        const sources = ["grafana", "prometheus", "single", "pair", "watched", "shards"];
        assert.deepEqual(
            backupJobs(run)
                .map(({ name }) => name)
                .sort(),
            [
                ...sources.flatMap((source) => [`backup-${source}`, `drill-${source}`]),
                ...sources.filter((source) => source !== "prometheus").map(restoreOf),
            ].sort(),
        );
    });

    it("are restored in earnest by hand alone", () => {
        const suspended = backupJobs(run).filter(
            ({ manifest }) => valueAt(manifest, "spec", "suspend") === true,
        );
        assert.deepEqual(
            suspended.map(({ name }) => name).sort(),
            ["grafana", "single", "pair", "watched", "shards"].map(restoreOf).sort(),
        );
        for (const job of suspended) {
            // A backup of any age is better than none.
            assert.equal(variable(container(job, "fetch"), "MAX_AGE_SECONDS"), undefined);
        }
    });

    it("run when the configuration says, and never twice at once", () => {
        const schedule = (name: string) =>
            textAt(find(run, "CronJob", name).manifest, "spec", "schedule");
        assert.equal(schedule("backup-single"), "0 1 * * *");
        assert.equal(schedule("backup-prometheus"), "0 2 * * 0");
        assert.equal(schedule("drill-single"), "0 5 * * 6");
        for (const job of backupJobs(run)) {
            assert.equal(valueAt(job.manifest, "spec", "concurrencyPolicy"), "Forbid", label(job));
            assert.equal(valueAt(job.manifest, "spec", "timeZone"), "Etc/UTC", label(job));
        }
    });

    it("are tried one after another: the drills of a namespace start an hour apart", () => {
        const drills = ["single", "pair", "watched", "shards"].map((name) =>
            textAt(find(run, "CronJob", `drill-${name}`).manifest, "spec", "schedule"),
        );
        assert.deepEqual(drills, ["0 5 * * 6", "0 6 * * 6", "0 7 * * 6", "0 8 * * 6"]);
    });

    it("have no two pods of a Job at once, and are made anew after a drained node", () => {
        for (const job of backupJobs(run)) {
            const spec = valueAt(job.manifest, "spec", "jobTemplate", "spec");
            assert.equal(valueAt(spec, "podReplacementPolicy"), "Failed", label(job));
            assert.deepEqual(valueAt(spec, "podFailurePolicy"), {
                rules: [
                    {
                        action: "Ignore",
                        onPodConditions: [{ type: "DisruptionTarget", status: "True" }],
                    },
                ],
            });
        }
    });

    it("are kept for as long as retention.backups says", async () => {
        for (const backups of ["30d", "3w"]) {
            const retention = { ...(readStackFile("prod").retention as object), backups };
            const kept = ofKind(await bucketRun({ retention }), "CronJob")
                .filter(({ name }) => name.startsWith("backup-"))
                .map((job) => variable(container(job, "store"), "KEEP_WITHIN"));
            assert.deepEqual([...new Set(kept)], [backups === "3w" ? "21d" : "30d"]);
        }
    });

    it("have a repository for each source, in a bucket by cluster, environment and namespace", () => {
        const repositories = backupJobs(run).map((job) => {
            const program = job.name.startsWith("backup") ? "store" : "fetch";
            return variable(container(job, program), "RESTIC_REPOSITORY");
        });
        assert.equal(new Set(repositories).size, 6);
        assert.equal(
            variable(
                container(find(run, "CronJob", "backup-single"), "store"),
                "RESTIC_REPOSITORY",
            ),
            "s3:https://s3.example.com/backups/prod/prod/orders/single",
        );
    });

    it("read every Redis that holds data, and no Sentinel", () => {
        const members = (name: string) =>
            variable(container(find(run, "CronJob", `backup-${name}`), "export"), "MEMBERS")?.split(
                " ",
            );
        assert.deepEqual(members("single"), ["single-0.single-headless.orders.svc:6379"]);
        assert.deepEqual(members("watched"), [
            "watched-0.watched-headless.orders.svc:6379",
            "watched-1.watched-headless.orders.svc:6379",
            "watched-2.watched-headless.orders.svc:6379",
        ]);
        assert.equal(members("shards")?.length, 6);
        assert.ok(
            members("shards")?.includes(
                "shards-follower-2.shards-follower-headless.orders.svc:6379",
            ),
        );
    });

    it("run as the strictest Pod Security level asks, with a read-only root", () => {
        for (const job of backupJobs(run)) {
            const { securityContext, automountServiceAccountToken } = pod(job);
            assert.equal(valueAt(securityContext, "runAsNonRoot"), true);
            assert.deepEqual(valueAt(securityContext, "seccompProfile"), {
                type: "RuntimeDefault",
            });
            assert.equal(automountServiceAccountToken, false);
            for (const each of containers(job)) {
                assert.deepEqual(each.securityContext, {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                });
            }
        }
    });

    it("give the key of a repository to restic alone, and the cluster's token to one export alone", () => {
        for (const job of backupJobs(run)) {
            for (const { name, envFrom, volumeMounts } of containers(job)) {
                const restic = name === "store" || name === "fetch";
                assert.equal(envFrom !== undefined, restic, `${label(job)} ${name}`);
                const token = volumeMounts.some((mount) => mount.name === "account");
                assert.equal(token, job.name === "backup-prometheus" && name === "export");
            }
        }
    });

    it("give Grafana's password to what makes a token, and not to what exports", () => {
        const job = find(run, "CronJob", "backup-grafana");
        const names = (name: string) => (container(job, name).env ?? []).map((each) => each.name);
        assert.ok(names("token").includes("GRAFANA_PASSWORD"));
        assert.ok(!names("export").includes("GRAFANA_PASSWORD"));
    });

    it("may read the operator's resources and two Secrets, and write nothing", () => {
        assert.deepEqual(valueAt(find(run, "ClusterRole", "backup-prometheus").manifest, "rules"), [
            { apiGroups: ["monitoring.coreos.com"], resources: ["*"], verbs: ["get", "list"] },
        ]);
        assert.deepEqual(valueAt(find(run, "Role", "backup-prometheus").manifest, "rules"), [
            {
                apiGroups: [""],
                resources: ["secrets"],
                resourceNames: [
                    "prometheus-kube-prometheus-stack-prometheus",
                    "alertmanager-kube-prometheus-stack-alertmanager-generated",
                ],
                verbs: ["get"],
            },
        ]);
    });

    it("mount the programs of the repository's files, each that a container runs", () => {
        for (const job of backupJobs(run)) {
            for (const { command } of containers(job)) {
                const file = path.basename(command[1] ?? "");
                assert.ok(fs.existsSync(path.join(SCRIPTS, file)), file);
            }
        }
        const scripts = ofKind(run, "ConfigMap").filter(({ name }) => name === "backup-scripts");
        assert.deepEqual(scripts.map(({ namespace }) => namespace).sort(), [
            "monitoring",
            "orders",
        ]);
        for (const { manifest } of scripts) {
            assert.deepEqual(
                Object.keys(valueAt(manifest, "data") as object),
                fs.readdirSync(SCRIPTS).sort(),
            );
        }
    });

    it("put the bucket's credentials into Secrets only", () => {
        const secrets = ofKind(run, "Secret").filter(({ name }) => name === "backup-repository");
        assert.equal(secrets.length, 2);
        const elsewhere = run.registrations.filter(
            ({ type, inputs }) =>
                type !== "kubernetes:core/v1:Secret" &&
                JSON.stringify(inputs).includes("the-secret-key"),
        );
        assert.deepEqual(
            elsewhere.map(({ urn }) => urn),
            [],
        );
    });

    it("are opened by a key that is older than the stack, where one is given", async () => {
        const given = await bucketRun({ backupPasswords: { orders: "kept-since-the-last-stack" } });
        const opened = ofKind(given, "Secret").filter(({ manifest }) =>
            JSON.stringify(manifest).includes("kept-since-the-last-stack"),
        );
        assert.deepEqual(opened.map(label), ["Secret orders/backup-repository"]);
    });

    it("need no volume with a bucket, and one in each namespace otherwise", async () => {
        assert.deepEqual(ofKind(run, "PersistentVolumeClaim"), []);
        const claims = ofKind(await stackRun("prod"), "PersistentVolumeClaim");
        assert.deepEqual(claims.map(label).sort(), [
            "PersistentVolumeClaim monitoring/backups",
            "PersistentVolumeClaim prod/backups",
        ]);
        for (const { registration } of claims) {
            assert.ok(registration.protect);
            assert.ok(registration.retainOnDelete);
        }
    });

    it("share a node where they share a volume: it is attached to one at a time", async () => {
        const onVolume = await bucketRun({
            backup: { repository: { type: "volume", storageSize: "500Gi" } },
            backupCredentials: {},
        });
        for (const job of backupJobs(onVolume)) {
            assert.deepEqual(valueAt(pod(job), "affinity"), {
                podAffinity: {
                    requiredDuringSchedulingIgnoredDuringExecution: [
                        {
                            labelSelector: { matchLabels: { "app.kubernetes.io/name": "backup" } },
                            topologyKey: "kubernetes.io/hostname",
                        },
                    ],
                },
            });
            const labels = valueAt(
                job.manifest,
                "spec",
                "jobTemplate",
                "spec",
                "template",
                "metadata",
            );
            assert.equal(valueAt(labels, "labels", "app.kubernetes.io/name"), "backup");
        }
        assert.equal(valueAt(pod(find(run, "CronJob", "drill-single")), "affinity"), undefined);
    });

    it("are not made without a repository", async () => {
        const none = await previewOf("prod", {
            backup: {},
            redis: { orders: { instances: { cache: { mode: "standalone", ...SIZE } } } },
        });
        assert.deepEqual(backupJobs(none), []);
        const rules = ofKind(none, "PrometheusRule").filter(({ name }) => name === "backup");
        // Of the snapshots' drill.
        assert.deepEqual(rules.map(label), ["PrometheusRule logging/backup"]);
    });

    it("of a tenant are those of its Redis instances", async () => {
        const owner = await stackRun("prod");
        const tenant = await isolatedRun({
            stack: "qa",
            settings: {
                ...readStackFile("staging"),
                environment: "qa",
                cluster: {
                    name: "prod",
                    role: "tenant",
                    ownerStack: OWNER,
                    controlPlane: "managed",
                },
                redis: { qa: { instances: { cache: { mode: "standalone", ...SIZE, ...DAILY } } } },
            },
            stackOutputs: { [OWNER]: owner.outputs },
        });
        assert.deepEqual(backupJobs(tenant).map(label).sort(), [
            "CronJob qa/backup-cache",
            "CronJob qa/drill-cache",
            "CronJob qa/restore-cache",
        ]);
    });
});
