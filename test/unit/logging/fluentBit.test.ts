import assert from "node:assert/strict";

import { bytes } from "../../../components/common/quantity";
import {
    bufferLimit,
    fluentBitValues,
    redisNamespaces,
} from "../../../components/logging/fluentBit";
import { fluentBitConfig } from "../../../components/logging/fluentBitConfig";
import { exampleConfig } from "../../support/exampleConfig";
import { leaves, listAt, textAt, valueAt } from "../../support/objects";

const PIPELINE = fluentBitConfig({
    cluster: "east",
    environment: "prod",
    operatorNamespace: "redis-operator-system",
    redisNamespaces: { orders: "prod" },
    allContainers: true,
    bufferLimit: "1024M",
    elasticsearch: { host: "elasticsearch.logging.svc", port: 9200 },
});
const VALUES = fluentBitValues(PIPELINE, {
    userSecret: "elasticsearch-user-fluent-bit",
    caConfigMap: "elasticsearch-ca",
    caFingerprint: "0123456789abcdef",
});

describe("Fluent Bit's values", () => {
    it("run it on every node, whatever its taints: Redis may run on any", () => {
        assert.deepEqual(valueAt(VALUES, "tolerations"), [{ operator: "Exists" }]);
        assert.equal(valueAt(VALUES, "priorityClassName"), "system-node-critical");
    });

    it("hold no password: user and password come from the Secret", () => {
        for (const [name, key] of [
            ["ES_USERNAME", "username"],
            ["ES_PASSWORD", "password"],
        ]) {
            const found = listAt(VALUES, "env").filter((each) => valueAt(each, "name") === name);
            assert.deepEqual(found, [
                {
                    name,
                    valueFrom: { secretKeyRef: { name: "elasticsearch-user-fluent-bit", key } },
                },
            ]);
        }
        const literals = leaves(VALUES).flatMap(([path, value]) =>
            path.includes("config") ? [...String(value).matchAll(/HTTP_Passwd +(.*)/g)] : [],
        );
        assert.deepEqual([...new Set(literals.map(([, value]) => value))], ["${ES_PASSWORD}"]);
    });

    it("mount what the pipeline names: its state, the CA, and the logs for reading", () => {
        const mounts = [
            ...listAt(VALUES, "extraVolumeMounts"),
            ...listAt(VALUES, "daemonSetVolumeMounts"),
        ];
        const readOnly = Object.fromEntries(
            mounts.map((mount) => [
                textAt(mount, "mountPath"),
                valueAt(mount, "readOnly") ?? false,
            ]),
        );
        assert.deepEqual(readOnly, {
            "/var/log": true,
            "/var/lib/fluent-bit": false,
            "/elasticsearch-ca": true,
        });
        const volumes = [...listAt(VALUES, "extraVolumes"), ...listAt(VALUES, "daemonSetVolumes")];
        const names = volumes.map((volume) => textAt(volume, "name")).sort();
        assert.deepEqual(names, mounts.map((mount) => textAt(mount, "name")).sort());
    });

    it("demand nothing that only some nodes have, such as /etc/machine-id", () => {
        const paths = [...listAt(VALUES, "daemonSetVolumes"), ...listAt(VALUES, "extraVolumes")]
            .map((volume) => valueAt(volume, "hostPath"))
            .filter((hostPath) => hostPath !== undefined);
        assert.deepEqual(paths, [
            { path: "/var/log" },
            { path: "/var/lib/fluent-bit", type: "DirectoryOrCreate" },
        ]);
    });

    it("start it again when the CA changes: it reads it once", () => {
        assert.deepEqual(valueAt(VALUES, "podAnnotations"), {
            "observability/ca": "0123456789abcdef",
        });
    });

    it("start no test pod, whose image has no version", () => {
        assert.equal(valueAt(VALUES, "testFramework", "enabled"), false);
    });
});

describe("Buffer of Fluent Bit", () => {
    for (const allContainers of [false, true]) {
        const outputs = allContainers ? 3 : 2;
        it(`never takes more disk than configured with ${outputs} outputs`, () => {
            const limit = bufferLimit({ bufferSize: "2Gi", allContainers });
            // Fluent Bit's M is 10^6 bytes, whatever Kubernetes' Mi is.
            const each = Number(/^(\d+)M$/.exec(limit)?.[1]) * 1e6;
            assert.ok(each * outputs <= bytes("2Gi"), limit);
            assert.ok(each * outputs > bytes("1900Mi"), limit);
        });
    }
});

describe("Environments of log lines", () => {
    it("are the stack's own for its namespaces, and each tenant's for the tenant's", () => {
        const config = exampleConfig({
            environment: "prod",
            redis: {
                orders: { clientNamespaces: [], instances: {} },
                payments: { clientNamespaces: [], instances: {} },
            },
        });
        const cluster = { ...config.cluster, tenantNamespaces: { qa: "staging" } };
        assert.deepEqual(redisNamespaces({ ...config, cluster }), {
            orders: "prod",
            payments: "prod",
            qa: "staging",
        });
    });
});
