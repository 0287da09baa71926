import assert from "node:assert/strict";

import { growRequest } from "../../../commands/grow/arguments";
import { growPlan, planLines } from "../../../commands/grow/plan";
import { schema } from "../../../components/stack/config";
import {
    declaredVolumes,
    differences,
    FoundClaim,
    refusedSizes,
} from "../../../components/stack/volumes";
import { readStackFile } from "../../../lab/program/stackFile";

const SIZE = { memory: "256Mi", storageSize: "10Gi" };
const settings = schema.parse({
    ...readStackFile("prod"),
    redis: {
        orders: {
            instances: {
                single: { mode: "standalone", ...SIZE },
                pair: { mode: "replication", replicas: 2, ...SIZE },
                watched: {
                    mode: "sentinel",
                    replicas: 3,
                    ...SIZE,
                    backup: { schedule: "0 1 * * *" },
                },
                shards: { mode: "cluster", shards: 3, ...SIZE },
            },
        },
    },
});
const volumes = declaredVolumes(settings);

const PROMETHEUS =
    "prometheus-kube-prometheus-stack-prometheus-db-prometheus-kube-prometheus-stack-prometheus";
const claim = (namespace: string, name: string, change: Partial<FoundClaim> = {}): FoundClaim => ({
    namespace,
    name,
    storageClass: "fast",
    asked: "50Gi",
    has: "50Gi",
    waitsForPod: false,
    ...change,
});

/** The names are what a cluster has: of the operators, the chart, ECK and ours. */
const CLAIMS: Readonly<Record<string, string>> = {
    [`monitoring/${PROMETHEUS}-1`]: "prometheus.storageSize",
    "monitoring/alertmanager-kube-prometheus-stack-alertmanager-db-alertmanager-kube-prometheus-stack-alertmanager-0":
        "alertmanager.storageSize",
    "monitoring/kube-prometheus-stack-grafana": "grafana.storageSize",
    "monitoring/backups": "backup.repository.storageSize",
    "orders/backups": "backup.repository.storageSize",
    "logging/elasticsearch-data-elasticsearch-es-default-2": "elasticsearch.storageSize",
    "orders/single-single-0": "redis.orders.instances.single.storageSize",
    "orders/pair-pair-1": "redis.orders.instances.pair.storageSize",
    "orders/watched-watched-2": "redis.orders.instances.watched.storageSize",
    "orders/shards-leader-shards-leader-0": "redis.orders.instances.shards.storageSize",
    "orders/shards-follower-shards-follower-2": "redis.orders.instances.shards.storageSize",
};

describe("Volumes that the configuration sizes", () => {
    it("are each found by the claims that a cluster has, in every mode of Redis", () => {
        for (const [at, path] of Object.entries(CLAIMS)) {
            const [namespace = "", name = ""] = at.split("/");
            const found = volumes.filter(
                (volume) => volume.namespace === namespace && volume.claims.test(name),
            );
            assert.deepEqual(
                found.map((each) => each.path),
                [path],
                at,
            );
        }
    });

    it("are no others: nodes.conf of a cluster, another instance, another's claim", () => {
        for (const [namespace, name] of [
            ["orders", "node-conf-shards-leader-0"],
            ["orders", "pair-b-pair-b-0"],
            ["monitoring", "kube-prometheus-stack-grafana-old"],
            ["default", "backups"],
            ["logging", "fluent-bit-events"],
        ] as const) {
            assert.ok(
                !volumes.some((each) => each.namespace === namespace && each.claims.test(name)),
                name,
            );
        }
    });

    it("are a tenant's own alone, without the platform's", () => {
        const cluster = { ...settings.cluster, role: "tenant" as const };
        const paths = new Set(declaredVolumes({ ...settings, cluster }).map(({ path }) => path));
        assert.deepEqual(
            [...paths].filter((path) => !path.startsWith("redis.")),
            ["backup.repository.storageSize"],
        );
    });
});

/** The case that filled a disk: prometheus.storageSize of 200Gi, and claims of 50Gi that nothing grows. */
describe("A declared size that a running volume does not have", () => {
    const declared = (prometheus: string, redis = "10Gi") =>
        declaredVolumes({
            ...settings,
            prometheus: { ...settings.prometheus, storageSize: prometheus },
            redis: {
                orders: {
                    ...settings.redis.orders,
                    instances: {
                        pair: { ...settings.redis.orders?.instances.pair, storageSize: redis },
                    },
                },
            } as typeof settings.redis,
        });
    const two = [claim("monitoring", `${PROMETHEUS}-0`), claim("monitoring", `${PROMETHEUS}-1`)];
    const EXPANDABLE = new Set(["fast"]);
    const lines = (size: string, claims: readonly FoundClaim[], classes = EXPANDABLE) =>
        refusedSizes(differences(declared(size), claims, classes), "prod");

    it("is refused where nothing grows the claims: limits would count on a disk that is not there", () => {
        assert.deepEqual(lines("200Gi", two), [
            `prometheus.storageSize: got 200Gi; 50Gi, which monitoring/${PROMETHEUS}-0, monitoring/${PROMETHEUS}-1 have, until they are grown: Prometheus would take its disk for larger than it is. Run \`npm run grow -- prod\``,
        ]);
    });

    it("is refused as long as one of the claims has not grown, or waits for its pod", () => {
        const grown = { asked: "200Gi", has: "200Gi" };
        assert.deepEqual(
            lines(
                "200Gi",
                two.map((each) => ({ ...each, ...grown })),
            ),
            [],
        );
        const [first = claim("", ""), second = claim("", "")] = two;
        for (const behind of [second, { ...second, asked: "200Gi", waitsForPod: true }]) {
            assert.equal(lines("200Gi", [{ ...first, ...grown }, behind]).length, 1);
        }
    });

    it("is refused where the StorageClass lets no claim grow, with where to read on", () => {
        assert.match(
            lines("200Gi", two, new Set())[0] ?? "",
            /^prometheus\.storageSize: got 200Gi; 50Gi, since the StorageClass fast of .* lets no claim grow \(allowVolumeExpansion\)\. docs\/volumes\.md#/,
        );
    });

    it("is refused when it is smaller than what the claims ask for", () => {
        assert.match(
            lines("20Gi", two)[0] ?? "",
            /^prometheus\.storageSize: got 20Gi; 50Gi or more, which .* have: no volume shrinks/,
        );
    });

    it("is no problem where the update grows it, and none of a volume that is still to be made", () => {
        const redis = claim("orders", "pair-pair-0", { asked: "10Gi", has: "10Gi" });
        const found = differences(declared("50Gi", "30Gi"), [redis], EXPANDABLE);
        assert.deepEqual(refusedSizes(found, "prod"), []);
        assert.equal(found[0]?.state, "grows");
        assert.deepEqual(differences(declared("200Gi"), [], EXPANDABLE), []);
        const unbound = claim("monitoring", `${PROMETHEUS}-0`, { asked: "200Gi", has: undefined });
        assert.deepEqual(lines("200Gi", [unbound]), []);
    });

    it("compares sizes, not texts: 51200Mi is 50Gi", () => {
        assert.deepEqual(differences(declared("51200Mi"), two, EXPANDABLE), []);
    });

    it("is planned by a line for each claim: what grow does, what `up` does, what nobody can", () => {
        const all = [
            ...two,
            claim("orders", "pair-pair-0", { asked: "10Gi", has: "10Gi" }),
            claim("orders", "pair-pair-1", { asked: "30Gi", has: "10Gi", waitsForPod: true }),
            claim("orders", "pair-pair-2", { asked: "10Gi", has: "10Gi", storageClass: "old" }),
        ];
        const plan = growPlan(differences(declared("200Gi", "30Gi"), all, EXPANDABLE));
        assert.deepEqual(planLines(plan), [
            `  monitoring/${PROMETHEUS}-0: 50Gi -> 200Gi (prometheus.storageSize): the claim, then the StatefulSet around its pods, which stay`,
            `  monitoring/${PROMETHEUS}-1: 50Gi -> 200Gi (prometheus.storageSize): the claim, then the StatefulSet around its pods, which stay`,
            "  orders/pair-pair-1: 10Gi -> 30Gi (redis.orders.instances.pair.storageSize): its pod starts again, so that the file system grows",
            "  orders/pair-pair-0: 10Gi -> 30Gi (redis.orders.instances.pair.storageSize): `npx pulumi up` grows it",
            "  orders/pair-pair-2: 10Gi -> 30Gi (redis.orders.instances.pair.storageSize): refused: the StorageClass old has no allowVolumeExpansion; docs/volumes.md#smaller-or-another-storageclass",
        ]);
    });
});

describe("npm run grow", () => {
    const STACKS = ["prod", "staging"];

    it("looks only, unless it is told to change something", () => {
        assert.deepEqual(growRequest(["prod"], STACKS), { stack: "prod", yes: false });
        assert.deepEqual(growRequest(["prod", "--yes"], STACKS), { stack: "prod", yes: true });
    });

    it("says what is allowed, of everything that is wrong", () => {
        assert.throws(() => growRequest(["prd", "--force"], STACKS), {
            message: [
                '"--force" is not an option; allowed: --yes',
                'there is no stack "prd"; did you mean "prod"? stacks: prod, staging',
                "Nothing was looked at.",
            ].join("\n"),
        });
        assert.throws(() => growRequest([], STACKS), {
            message: /^name one stack: npm run grow -- prod \[--yes\]\n/,
        });
    });
});
