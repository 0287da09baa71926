import assert from "node:assert/strict";

import {
    findRelease,
    KubernetesObject,
    kubernetesObjects,
    label,
    leaves,
    listAt,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";
import { ADAPTED, ASKED, everyPart, ignored, PodFields } from "../../support/adapted";

/** Where a custom resource has the fields of each of its pods. */
const OPERATED: Readonly<Record<string, (spec: unknown) => PodFields[]>> = {
    Redis: (spec) => [redisPod(spec, spec)],
    RedisReplication: (spec) => [redisPod(spec, spec)],
    RedisSentinel: (spec) => [redisPod(spec, spec)],
    RedisCluster: (spec) =>
        ["redisLeader", "redisFollower"].map((role) => redisPod(spec, valueAt(spec, role))),
    Elasticsearch: (spec) =>
        listAt(spec, "nodeSets").map((set) => eckPod(spec, valueAt(set, "podTemplate"))),
    Kibana: (spec) => [eckPod(spec, valueAt(spec, "podTemplate"))],
};

function redisPod(spec: unknown, placed: unknown): PodFields {
    return {
        ...(placed as object),
        priorityClassName: valueAt(spec, "priorityClassName"),
        imagePullSecrets: valueAt(spec, "kubernetesConfig", "imagePullSecrets"),
        images: [
            valueAt(spec, "kubernetesConfig", "image"),
            valueAt(spec, "redisExporter", "image"),
        ],
    };
}

function eckPod(spec: unknown, template: unknown): PodFields {
    return {
        ...(valueAt(template, "spec") as object),
        metadata: valueAt(template, "metadata"),
        images: [valueAt(spec, "image")],
    };
}

/** Every pod's template in an object, wherever it stands. */
function templates(object: KubernetesObject): PodFields[] {
    const paths = leaves(object.manifest)
        .map(([path]) => path)
        .filter((path) => path.includes("containers"))
        .map((path) => path.slice(0, path.indexOf("containers") - 1).join("."))
        .filter(() => !(object.kind in OPERATED));
    return [...new Set(paths)].map((path) => {
        const template = valueAt(object.manifest, ...path.split("."));
        const spec = valueAt(template, "spec");
        return {
            ...(spec as object),
            metadata: valueAt(template, "metadata"),
            images: ["initContainers", "containers"].flatMap((key) =>
                ((valueAt(spec, key) ?? []) as unknown[]).map((each) => valueAt(each, "image")),
            ),
        };
    });
}

/** One pod each: nothing spreads. */
const SINGLE = /^(Job|CronJob|Redis) |blackbox-exporter$/;
/** Labels of a Redis' resource reach the selectors of its Services. */
const UNLABELLED = /^Redis/;

/** What of ADAPTED each pod of a run lacks, one line for each; with `all`, also what its kind cannot have. */
function lacking(run: ProgramRun, all = false): string[] {
    return kubernetesObjects(run).flatMap((object) => {
        const where = label(object);
        const except = [
            ...(SINGLE.test(where) ? ["topologySpreadConstraints"] : []),
            ...(UNLABELLED.test(object.kind) ? ["labels", "annotations"] : []),
        ];
        return [
            ...templates(object),
            ...(OPERATED[object.kind]?.(object.manifest.spec) ?? []),
        ].flatMap((pod) => ignored(pod, all ? [] : except).map((what) => `${where}: ${what}`));
    });
}

describe("What the configuration says of all pods", () => {
    let run: ProgramRun;
    let plain: ProgramRun;
    before(async () => {
        run = await everyPart(ADAPTED);
        plain = await everyPart({});
    });

    it("reaches every pod that the program makes", () => {
        assert.deepEqual(lacking(run), []);
    });

    it("is missed in every pod of a stack that says nothing", () => {
        const pods = kubernetesObjects(plain).flatMap((object) => [
            ...templates(object),
            ...(OPERATED[object.kind]?.(object.manifest.spec) ?? []),
        ]);
        assert.ok(pods.length > 20, String(pods.length));
        assert.equal(lacking(plain, true).length, pods.length * ASKED.length);
    });

    it("has looked at pods of every kind", () => {
        const kinds = kubernetesObjects(run)
            .filter((object) => templates(object).length > 0 || object.kind in OPERATED)
            .map(({ kind }) => kind);
        assert.deepEqual([...new Set(kinds)].sort(), [
            "CronJob",
            "Deployment",
            "Elasticsearch",
            "Job",
            "Kibana",
            "Redis",
            "RedisCluster",
            "RedisReplication",
            "RedisSentinel",
        ]);
    });

    it("labels every object but Redis, whose pods keep out of it", () => {
        const all = kubernetesObjects(run);
        const without = all.filter(({ labels }) => labels.team !== "platform");
        assert.deepEqual([...new Set(without.map(({ kind }) => kind))].sort(), [
            "Redis",
            "RedisCluster",
            "RedisReplication",
            "RedisSentinel",
        ]);
        const bare = all.filter(
            ({ manifest }) =>
                valueAt(manifest, "metadata", "annotations", "example.com/owner") !== "platform",
        );
        assert.deepEqual(bare.map(label), []);
        for (const { manifest, kind } of without) {
            const ignoredOnes = listAt(manifest, "spec", "kubernetesConfig", "ignoreAnnotations");
            assert.ok(ignoredOnes.includes("example.com/owner"), `the pods of ${kind}`);
        }
    });

    it("leaves selectors and what we set as they are", () => {
        const selectors = (objects: readonly KubernetesObject[]) =>
            objects
                .filter(({ kind }) =>
                    /^(Deployment|Service|NetworkPolicy|ServiceMonitor)$/.test(kind),
                )
                .map((object) => [
                    label(object),
                    leaves(object.manifest.spec).filter(
                        ([path]) => /selector/i.test(path.join(".")) && !path.includes("template"),
                    ),
                ])
                .sort((a, b) => String(a[0]).localeCompare(String(b[0])));
        assert.deepEqual(selectors(kubernetesObjects(run)), selectors(kubernetesObjects(plain)));
    });
});

describe("What runs on every node", () => {
    it("is not moved by the default, and by its own name", async () => {
        const scheduling = { default: { nodeSelector: { pool: "a" }, tolerations: [] } };
        const moved = findRelease(await previewOf("staging", { scheduling }), "fluent-bit");
        assert.deepEqual(valueAt(moved.values, "nodeSelector"), { "kubernetes.io/os": "linux" });
        assert.deepEqual(valueAt(moved.values, "tolerations"), [{ operator: "Exists" }]);
        const own = { fluentBit: { nodeSelector: { pool: "a" } } };
        const named = findRelease(await previewOf("staging", { scheduling: own }), "fluent-bit");
        assert.deepEqual(valueAt(named.values, "nodeSelector"), {
            "kubernetes.io/os": "linux",
            pool: "a",
        });
    });
});

describe("Resources of a component", () => {
    const resources = {
        grafana: { requests: { memory: "1Gi" }, limits: { cpu: "2" } },
        notificationRelay: { requests: { cpu: "300m" } },
        redis: { limits: { cpu: "2" } },
    };

    it("go over ours, and raise a limit that is below a request", async () => {
        const run = await previewOf("staging", { resources });
        const { values } = findRelease(run, "kube-prometheus-stack");
        assert.deepEqual(valueAt(values, "grafana", "resources"), {
            requests: { cpu: "50m", memory: "1Gi" },
            limits: { cpu: "2", memory: "1Gi" },
        });
    });
});

describe("Pods on OpenShift", () => {
    it("leave their users and groups to it", async () => {
        const cluster = {
            name: "prod",
            role: "owner",
            controlPlane: "managed",
            platform: "openshift",
        };
        const run = await everyPart({ cluster });
        const named = kubernetesObjects(run).flatMap((object) =>
            leaves(object.manifest)
                .filter(([path]) => /^(runAsUser|runAsGroup|fsGroup)$/.test(path.at(-1) ?? ""))
                .map(([path]) => `${label(object)} ${path.join(".")}`),
        );
        assert.deepEqual(named, []);
        const { values } = findRelease(run, "fluent-bit");
        assert.equal(valueAt(values, "openShift", "enabled"), true);
        const grafana = valueAt(
            findRelease(run, "kube-prometheus-stack").values,
            ...["grafana", "securityContext"],
        );
        assert.deepEqual(grafana, { runAsUser: null, runAsGroup: null, fsGroup: null });
    });
});
