import assert from "node:assert/strict";

import { leaves } from "../../../lab/program/objects";
import { previewOf } from "../../../lab/program/runs";
import type { Settings } from "../../../lab/program/stackFile";

/** What names a StorageClass, with those that it names. */
async function named(settings: Settings): Promise<Record<string, string>> {
    const { registrations } = await previewOf("staging", {
        ...settings,
        fluentBit: {
            streams: { events: { hourlyVolume: "2Mi" }, instance: { hourlyVolume: "8Mi" } },
            outageHours: 24,
            bufferSize: "2Gi",
        },
    });
    return Object.fromEntries(
        registrations.flatMap(({ name, inputs }) => {
            const found = leaves(inputs).filter(([path]) => path.at(-1) === "storageClassName");
            const classes = new Set(found.map(([, value]) => String(value)));
            return classes.size === 0 ? [] : [[name, [...classes].sort().join()]];
        }),
    );
}

describe("StorageClasses", () => {
    it("are of the cluster, of the stack, or of one part", async () => {
        assert.deepEqual(await named({ storageClass: "" }), {});
        const all = await named({ storageClass: "standard" });
        assert.deepEqual([...new Set(Object.values(all))], ["standard"]);
        const each = await named({
            storageClass: "standard",
            storageClasses: {
                prometheus: "for-prometheus",
                grafana: "for-grafana",
                elasticsearch: "for-elasticsearch",
                fluentBit: "for-fluent-bit",
                redis: "for-redis",
                backup: "for-backup",
            },
        });
        assert.deepEqual(each, {
            "kube-prometheus-stack-release": "for-grafana,for-prometheus,standard",
            "elasticsearch-elasticsearch": "for-elasticsearch",
            "fluent-bit-events-state": "for-fluent-bit",
            "redis-staging.redis-replication-redisreplication": "for-redis",
            "redis-staging-backups-store-volume": "for-backup",
            "backup-store-volume": "for-backup",
        });
    });
});
