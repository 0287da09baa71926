import assert from "node:assert/strict";

import {
    find,
    KubernetesObject,
    listAt,
    ofKind,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { previewOf, stackRun, STACKS } from "../../../lab/program/runs";
import { changed } from "../../support/refusalTable";

function setupJob(run: ProgramRun): KubernetesObject {
    const jobs = ofKind(run, "Job").filter(({ name }) => name.startsWith("elasticsearch-setup-"));
    assert.equal(jobs.length, 1);
    return jobs.find(() => true) as KubernetesObject;
}

const pod = (job: KubernetesObject) => valueAt(job.manifest, "spec", "template", "spec");
const container = (job: KubernetesObject) => listAt(pod(job), "containers").find(() => true);

for (const stack of STACKS) {
    describe(`Setup of Elasticsearch in ${stack}`, () => {
        let run: ProgramRun;
        let job: KubernetesObject;
        before(async () => {
            run = await stackRun(stack);
            job = setupJob(run);
        });

        it("is a Job whose name and files are those of its payload", async () => {
            const again = setupJob(await previewOf(stack));
            assert.equal(again.name, job.name);
            const retention = changed(stack, "retention", { logs: "3d" });
            const other = setupJob(await previewOf(stack, retention));
            assert.notEqual(other.name, job.name);
        });

        it("brings scripts and plan in a ConfigMap of less than 1 MB, and no secret", () => {
            const { manifest } = find(run, "ConfigMap", job.name);
            const files = valueAt(manifest, "data") as Record<string, string>;
            assert.deepEqual(Object.keys(files).sort(), [
                "client.js",
                "compare.js",
                "environment.js",
                "plan.json",
                "setup.js",
                "steps.js",
            ]);
            assert.ok(JSON.stringify(files).length < 1_000_000);
            assert.equal(valueAt(manifest, "immutable"), true);
        });

        it("is waited for, and tries for longer than it takes nodes to start", () => {
            assert.equal(valueAt(job.manifest, "metadata", "annotations"), undefined);
            const { deadlineSeconds } = JSON.parse(
                textAt(find(run, "ConfigMap", job.name).manifest, "data", "plan.json"),
            ) as { deadlineSeconds: number };
            const ends = Number(valueAt(job.manifest, "spec", "activeDeadlineSeconds"));
            assert.ok(deadlineSeconds >= 1200 && ends > deadlineSeconds);
        });

        it("stays when it is done: one that deletes itself would be made anew", () => {
            assert.equal(valueAt(job.manifest, "spec", "ttlSecondsAfterFinished"), undefined);
        });

        it("runs as restricted Pod Security asks, without access to Kubernetes", () => {
            assert.equal(valueAt(pod(job), "automountServiceAccountToken"), false);
            assert.deepEqual(valueAt(pod(job), "securityContext"), {
                runAsNonRoot: true,
                runAsUser: 1000,
                seccompProfile: { type: "RuntimeDefault" },
            });
            assert.deepEqual(valueAt(container(job), "securityContext"), {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
            });
        });

        it("logs in with a user of its own, and trusts each server's own authority", () => {
            const env = listAt(container(job), "env") as { name: string; valueFrom?: object }[];
            const secrets = env.flatMap(({ valueFrom }) =>
                valueFrom ? textAt(valueFrom, "secretKeyRef", "name") : [],
            );
            assert.deepEqual(new Set(secrets), new Set(["elasticsearch-user-stack-setup"]));
            const volumes = listAt(pod(job), "volumes");
            const of = (name: string) => volumes.find((each) => valueAt(each, "name") === name);
            assert.deepEqual(valueAt(of("elasticsearch-ca"), "configMap"), {
                name: "elasticsearch-ca",
            });
            assert.deepEqual(valueAt(of("kibana-ca"), "secret"), {
                secretName: "kibana-kb-http-certs-public",
            });
        });

        it("is done before Fluent Bit starts, which may make no stream", () => {
            const fluentBit = run.registrations.find(({ urn }) =>
                urn.endsWith("Release::fluent-bit-release"),
            );
            assert.ok(fluentBit?.dependencies.includes(job.registration.urn));
        });
    });
}

describe("Setup of Elasticsearch", () => {
    it("is not waited for by a stack that waits for nothing", async () => {
        const run = await previewOf(
            "staging",
            changed("staging", "cluster", { waitForReady: false }),
        );
        assert.deepEqual(valueAt(setupJob(run).manifest, "metadata", "annotations"), {
            "pulumi.com/skipAwait": "true",
        });
    });
});

describe("Data views of Kibana", () => {
    it("link to Jaeger by the host that its Ingress has", async () => {
        const ingress = {
            enabled: true,
            className: "nginx",
            controllerNamespace: "ingress-nginx",
            loginBefore: ["jaeger"],
            hosts: { jaeger: "traces.example.com" },
        };
        const run = await previewOf("prod", changed("prod", "ingress", ingress));
        const { manifest } = find(run, "ConfigMap", setupJob(run).name);
        const url = /https?:\/\/traces\.example\.com\/trace\/\{\{value\}\}/;
        assert.match(textAt(manifest, "data", "plan.json"), url);
        const without = await stackRun("staging");
        const { manifest: other } = find(without, "ConfigMap", setupJob(without).name);
        assert.doesNotMatch(textAt(other, "data", "plan.json"), /\/trace\//);
    });
});

describe("Snapshots of Elasticsearch", () => {
    const specOf = (run: ProgramRun) =>
        valueAt(find(run, "Elasticsearch", "elasticsearch").manifest, "spec");
    const nodeSet = (run: ProgramRun) => listAt(specOf(run), "nodeSets").find(() => true);

    it("get their credentials from a Secret, by Elasticsearch's keystore", async () => {
        const run = await previewOf("prod", {
            ...changed("prod", "elasticsearch", {
                snapshots: {
                    type: "s3",
                    bucket: "bucket",
                    endpoint: "https://minio.example.com",
                    region: "eu-1",
                    pathStyleAccess: true,
                },
            }),
            snapshotCredentials: { accessKey: "the-id", secretKey: "the-key" },
        });
        assert.deepEqual(valueAt(specOf(run), "secureSettings"), [
            { secretName: "elasticsearch-snapshots" },
        ]);
        const { manifest } = find(run, "Secret", "elasticsearch-snapshots");
        const text = JSON.stringify(valueAt(manifest, "stringData"));
        assert.match(text, /"s3.client.default.access_key":[^}]*"the-id"/);
        assert.match(text, /"s3.client.default.secret_key":[^}]*"the-key"/);
        const elsewhere = run.registrations.filter(
            ({ urn, inputs }) =>
                JSON.stringify(inputs).includes("the-key") && !urn.includes("snapshots"),
        );
        assert.deepEqual(elsewhere, []);
        assert.deepEqual(valueAt(nodeSet(run), "config"), {
            "node.store.allow_mmap": false,
            "s3.client.default.endpoint": "https://minio.example.com",
            "s3.client.default.region": "eu-1",
            "s3.client.default.path_style_access": true,
        });
    });

    it("on a shared file system go to a volume that every node mounts and may write to", async () => {
        const run = await previewOf(
            "prod",
            changed("prod", "elasticsearch", {
                snapshots: { type: "sharedFileSystem", storageClass: "nfs", storageSize: "50Gi" },
            }),
        );
        const claim = find(run, "PersistentVolumeClaim", "elasticsearch-snapshots");
        assert.deepEqual(valueAt(claim.manifest, "spec"), {
            accessModes: ["ReadWriteMany"],
            storageClassName: "nfs",
            resources: { requests: { storage: "50Gi" } },
        });
        assert.equal(claim.registration.protect, true);
        const folder = "/usr/share/elasticsearch/snapshots";
        assert.deepEqual(valueAt(nodeSet(run), "config", "path.repo"), [folder]);
        const spec = valueAt(nodeSet(run), "podTemplate", "spec");
        assert.deepEqual(valueAt(spec, "volumes"), [
            { name: "snapshots", persistentVolumeClaim: { claimName: "elasticsearch-snapshots" } },
        ]);
        const mounts = listAt(spec, "containers").map((each) => valueAt(each, "volumeMounts"));
        assert.deepEqual(mounts, [[{ name: "snapshots", mountPath: folder }]]);
    });

    it("change nothing of a stack without them", async () => {
        const run = await stackRun("staging");
        assert.equal(valueAt(specOf(run), "secureSettings"), undefined);
        const claims = ofKind(run, "PersistentVolumeClaim");
        assert.deepEqual(
            claims.filter(({ namespace }) => namespace === "logging"),
            [],
        );
    });
});
