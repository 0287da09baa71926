import assert from "node:assert/strict";

import { schema } from "../../../components/stack/config";
import { checkOldVolumes, oldData } from "../../../components/stack/oldVolumes";
import type { FoundVolumes } from "../../../components/stack/readVolumes";
import { readStackFile } from "../../../lab/program/stackFile";

const SIZE = { memory: "256Mi", storageSize: "1Gi" };

/** The instances of the namespace `shop`, as the configuration has them. */
function redis(instances: Readonly<Record<string, object>>) {
    return schema.parse({ ...readStackFile("staging"), redis: { shop: { instances } } }).redis;
}

const recorded = (kind: string, name: string, namespace = "shop") => ({
    urn: "",
    type: `kubernetes:redis.redis.opstreelabs.in/v1beta2:${kind}`,
    name: `redis-${namespace}.${name}-${kind.toLowerCase()}`,
    outputs: { metadata: { namespace, name } } as {
        metadata: { namespace?: string; name: string };
    },
});

/** Claims of `shop`, and the StatefulSets that run there. */
const found = (claims: readonly string[], statefulSets: readonly string[] = []): FoundVolumes => ({
    claims: claims.map((name) => ({
        ...{ namespace: "shop", name, storageClass: "fast" },
        ...{ asked: "1Gi", has: "1Gi", waitsForPod: false },
    })),
    expandable: new Set(),
    statefulSets: new Set(statefulSets.map((name) => `shop/${name}`)),
});

const CARTS = { mode: "replication", replicas: 2, ...SIZE };
const OTHER = recorded("RedisReplication", "orders");

describe("Volumes that an earlier Redis of the name left", () => {
    const cases: Readonly<
        Record<
            string,
            readonly [
                instances: Readonly<Record<string, object>>,
                state: ReturnType<typeof recorded>[],
                cluster: FoundVolumes,
                claims: readonly string[],
            ]
        >
    > = {
        "of an instance that was removed and comes back": [
            { carts: CARTS },
            [OTHER],
            found(["carts-carts-0", "carts-carts-1", "orders-orders-0"]),
            ["carts-carts-0", "carts-carts-1"],
        ],
        "of the only instance of a namespace that stayed": [
            { carts: CARTS },
            [
                {
                    ...{ urn: "", type: "kubernetes:core/v1:Namespace", name: "redis-shop-ns" },
                    outputs: { metadata: { name: "shop" } },
                },
            ],
            found(["carts-carts-0"]),
            ["carts-carts-0"],
        ],
        "of a cluster, where nodes.conf is no data": [
            { prices: { mode: "cluster", shards: 3, ...SIZE } },
            [OTHER],
            found(["prices-leader-prices-leader-2", "node-conf-prices-leader-0"]),
            ["prices-leader-prices-leader-2"],
        ],
        "of one that becomes a replication, whose claims have the same names": [
            { carts: CARTS },
            [recorded("Redis", "carts")],
            found(["carts-carts-0"], ["carts"]),
            ["carts-carts-0"],
        ],
        "of one without a volume now: a claim of its name is not used": [
            { carts: { mode: "standalone", kind: "cache", memory: "256Mi" } },
            [OTHER],
            found(["carts-carts-0"]),
            [],
        ],
        "none: the state has it": [
            { carts: CARTS },
            [recorded("RedisReplication", "carts")],
            found(["carts-carts-0"], ["carts"]),
            [],
        ],
        "none: the state has it, and its pods are scaled away": [
            { carts: CARTS },
            [recorded("RedisReplication", "carts")],
            found(["carts-carts-0"]),
            [],
        ],
        "none: it runs, and an interrupted update did not write it down": [
            { carts: CARTS },
            [OTHER],
            found(["carts-carts-0"], ["carts"]),
            [],
        ],
        "none: it is meant": [
            { carts: { ...CARTS, adoptVolumes: true } },
            [OTHER],
            found(["carts-carts-0"]),
            [],
        ],
        "none: the name is new": [
            { carts: CARTS },
            [OTHER],
            found(["carts-b-carts-b-0", "my-carts-my-carts-0"]),
            [],
        ],
    };
    for (const [what, [instances, state, cluster, claims]] of Object.entries(cases)) {
        it(`are ${what}`, () => {
            const all = oldData(redis(instances), state, cluster);
            assert.deepEqual(
                all.flatMap((each) => each.claims),
                claims,
            );
            assert.ok(all.every(({ unawares }) => unawares));
        });
    }

    it("are refused, with what to do, before anything is registered", () => {
        const check = () =>
            checkOldVolumes(
                { redis: redis({ carts: CARTS }), stack: "prod" },
                [OTHER],
                found(["carts-carts-0", "carts-carts-1"]),
            );
        assert.throws(check, {
            message: [
                'Stack "prod" would start 1 Redis on data that an earlier one of the name left; nothing was registered.',
                "  redis.shop.instances.carts: got a name whose claims are still in shop (carts-carts-0, carts-carts-1); another name, or `adoptVolumes: true` where that data is meant, or no such claims:",
                "    kubectl delete persistentvolumeclaim --namespace shop carts-carts-0 carts-carts-1",
                "docs/changes.md says what stays of a Redis that is removed.",
            ].join("\n"),
        });
    });

    it("are taken where a whole namespace comes back, as after `destroy` with `keepVolumes`", () => {
        const cluster = found(["carts-carts-0"]);
        const [first] = oldData(redis({ carts: CARTS }), [], cluster);
        assert.equal(first?.unawares, false);
        checkOldVolumes({ redis: redis({ carts: CARTS }), stack: "prod" }, [], cluster);
    });

    it("are nobody's question in a preview without a cluster", () => {
        checkOldVolumes({ redis: redis({ carts: CARTS }), stack: "prod" }, [OTHER], undefined);
    });
});
