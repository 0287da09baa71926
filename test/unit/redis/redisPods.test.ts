import assert from "node:assert/strict";

import type { RedisInstanceSettings } from "../../../components/redis/instanceSettings";
import { podProblems } from "../../../components/redis/redisPods";
import { redisManifests } from "../../../components/redis/redisSpecs";
import { valueAt } from "../../../lab/program/objects";
import { INSTANCES, MODES } from "../../support/exampleConfig";

type Pods = RedisInstanceSettings["pods"];

interface Said {
    readonly kind: string;
    readonly spec: unknown;
    /** What a resource says of its pods: Redis Cluster says it for each role. */
    readonly pods: readonly unknown[];
}

function said(settings: RedisInstanceSettings): Said[] {
    const manifests = redisManifests({
        name: "cache",
        settings,
        passwordSecret: "cache-auth",
        storageClass: "",
    });
    return manifests.map(({ kind, spec }) => ({
        kind,
        spec,
        pods:
            kind === "RedisCluster"
                ? [valueAt(spec, "redisLeader"), valueAt(spec, "redisFollower")]
                : [spec],
    }));
}

const PODS: Pods = {
    cpuLimit: "2",
    terminationGracePeriodSeconds: 90,
    minReadySeconds: 20,
    updates: "OnDelete",
    priorityClassName: "important",
    nodeSelector: { disk: "fast" },
    tolerations: [{ key: "redis", operator: "Exists", effect: "NoSchedule" }],
};

describe("Pods of Redis", () => {
    for (const mode of MODES) {
        it(`of mode ${mode} are where and how the instance says`, () => {
            for (const { kind, spec, pods } of said({ ...INSTANCES[mode], pods: PODS })) {
                const sentinel = kind === "RedisSentinel";
                assert.equal(valueAt(spec, "priorityClassName"), "important", kind);
                const kubernetes = valueAt(spec, "kubernetesConfig");
                assert.deepEqual(valueAt(kubernetes, "updateStrategy"), { type: "OnDelete" }, kind);
                assert.equal(valueAt(kubernetes, "minReadySeconds"), 20, kind);
                assert.deepEqual(
                    valueAt(kubernetes, "resources", "limits"),
                    sentinel ? { memory: "128Mi" } : { cpu: "2", memory: "1Gi" },
                    kind,
                );
                for (const each of pods) {
                    assert.deepEqual(
                        valueAt(each, "nodeSelector"),
                        { "kubernetes.io/os": "linux", disk: "fast" },
                        kind,
                    );
                    assert.deepEqual(valueAt(each, "tolerations"), PODS?.tolerations, kind);
                    // A Sentinel has nothing to save.
                    assert.equal(
                        valueAt(each, "terminationGracePeriodSeconds"),
                        sentinel ? undefined : 90,
                        kind,
                    );
                }
            }
        });

        it(`of mode ${mode} are Kubernetes' own where it says nothing`, () => {
            for (const { kind, spec, pods } of said(INSTANCES[mode])) {
                const kubernetes = valueAt(spec, "kubernetesConfig");
                const silent = [
                    valueAt(spec, "priorityClassName"),
                    valueAt(kubernetes, "updateStrategy"),
                    ...pods.flatMap((each) => [
                        valueAt(each, "tolerations"),
                        valueAt(each, "terminationGracePeriodSeconds"),
                    ]),
                ];
                assert.deepEqual(
                    silent.filter((value) => value !== undefined),
                    [],
                    kind,
                );
            }
        });
    }

    it("of a replication restart when the one before has surely been given its master, which the operator does each 30 s", () => {
        const seconds = MODES.map((mode) =>
            said(INSTANCES[mode]).map(({ kind, spec }) => [
                mode,
                kind,
                valueAt(spec, "kubernetesConfig", "minReadySeconds"),
            ]),
        ).flat();
        assert.deepEqual(
            seconds.filter(([, , each]) => each !== undefined),
            [
                ["replication", "RedisReplication", 60],
                ["sentinel", "RedisReplication", 60],
            ],
        );
    });

    it("are not started where they would share a zone, and may go by two; Sentinels by one", () => {
        const all = said({
            ...INSTANCES.sentinel,
            pods: { zones: "required", maxUnavailable: 2 },
        });
        assert.deepEqual(
            all.map(({ kind, spec }) => [
                kind,
                valueAt(spec, "pdb", "maxUnavailable"),
                (valueAt(spec, "topologySpreadConstraints") as object[]).map((each) => [
                    valueAt(each, "topologyKey"),
                    valueAt(each, "whenUnsatisfiable"),
                ]),
            ]),
            [2, 1].map((most, i) => [
                i === 0 ? "RedisReplication" : "RedisSentinel",
                most,
                [
                    ["kubernetes.io/hostname", "ScheduleAnyway"],
                    ["topology.kubernetes.io/zone", "DoNotSchedule"],
                ],
            ]),
        );
    });

    it("have the time for a snapshot where nothing else keeps the data", () => {
        const grace = (change: Partial<RedisInstanceSettings>): unknown =>
            valueAt(
                said({ ...INSTANCES.standalone, ...change } as RedisInstanceSettings)[0]?.pods[0],
                "terminationGracePeriodSeconds",
            );
        // 30 s, and 60 s for each of 4 gibibytes.
        assert.equal(grace({ memory: "4Gi", config: { appendonly: false, save: "3600 1" } }), 270);
        // A cache writes none, and an append-only file is there before.
        assert.equal(grace({ memory: "4Gi", kind: "cache" }), undefined);
        assert.equal(grace({ memory: "4Gi", kind: "store" }), undefined);
        assert.equal(
            grace({
                config: { appendonly: false },
                pods: { terminationGracePeriodSeconds: 45 },
            }),
            45,
        );
    });

    const wrong: Readonly<Record<string, readonly [RedisInstanceSettings, string]>> = {
        "a spread of one pod": [
            { ...INSTANCES.standalone, pods: { zones: "required" } },
            'zones: got "required"; nothing with mode standalone, whose one pod is neither spread nor held back',
        ],
        "maintenance of all replicas at once": [
            { ...INSTANCES.replication, pods: { maxUnavailable: 3 } },
            "maxUnavailable: got 3; fewer than the 3 pods of a workload: all could be taken at once",
        ],
    };
    for (const [what, [settings, says]] of Object.entries(wrong)) {
        it(`refuses ${what}`, () => {
            assert.deepEqual(
                podProblems("it", settings).map(
                    ({ path, got, allowed }) => `${path}: got ${got}; ${allowed}`,
                ),
                [`it.pods.${says}`],
            );
        });
    }
});
