import assert from "node:assert/strict";

import { eventsValues, nodeValues } from "../../../components/logging/fluentBitValues";
import { redisNamespaces } from "../../../components/stack/platform";
import { leaves, listAt, textAt, valueAt } from "../../../lab/program/objects";
import { exampleConfig } from "../../support/exampleConfig";

const PROGRAM = { file: "service: {}\n", script: "-- lua\n" };
const REFERENCES = {
    userSecret: "elasticsearch-user-fluent-bit",
    caConfigMap: "elasticsearch-ca",
    caFingerprint: "0123456789abcdef",
    priorityClass: "observability-node",
    shellImage: "busybox:1",
};
const VALUES = nodeValues(PROGRAM, REFERENCES);
const EVENTS = eventsValues(PROGRAM, REFERENCES, "fluent-bit-events");

describe("Fluent Bit's values", () => {
    it("run it on every node, whatever its taints: Redis may run on any", () => {
        assert.deepEqual(valueAt(VALUES, "tolerations"), [{ operator: "Exists" }]);
        assert.equal(valueAt(VALUES, "priorityClassName"), "observability-node");
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
        const texts = leaves(VALUES).map(([, value]) => String(value));
        assert.deepEqual(
            texts.filter((text) => /passw(or)?d/i.test(text)),
            ["ES_PASSWORD", "password"],
        );
    });

    it("start it with the pipeline and the script that they bring", () => {
        assert.ok(listAt(VALUES, "args").includes("--config=/fluent-bit/etc/conf/fluent-bit.yaml"));
        assert.deepEqual(valueAt(VALUES, "config", "extraFiles"), {
            "fluent-bit.yaml": PROGRAM.file,
        });
        assert.deepEqual(valueAt(VALUES, "luaScripts"), { "log_schema.lua": PROGRAM.script });
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

describe("Values of the events' reader", () => {
    it("run one pod and never two: each would write every event", () => {
        assert.equal(valueAt(EVENTS, "kind"), "Deployment");
        assert.equal(valueAt(EVENTS, "replicaCount"), 1);
        assert.deepEqual(valueAt(EVENTS, "updateStrategy"), { type: "Recreate" });
    });

    it("let it read events, and keep its position on a volume that moves with it", () => {
        assert.equal(valueAt(EVENTS, "rbac", "eventsAccess"), true);
        const state = listAt(EVENTS, "extraVolumes").filter(
            (volume) => valueAt(volume, "name") === "state",
        );
        assert.deepEqual(state, [
            { name: "state", persistentVolumeClaim: { claimName: "fluent-bit-events" } },
        ]);
    });
});

describe("Environments of log lines", () => {
    it("are the stack's own for its namespaces, and each tenant's for the tenant's", () => {
        const config = exampleConfig({
            environment: "prod",
            redis: {
                orders: {
                    create: true,
                    podSecurity: "restricted",
                    isolate: "redis",
                    clientNamespaces: [],
                    instances: {},
                },
                payments: {
                    create: true,
                    podSecurity: "restricted",
                    isolate: "redis",
                    clientNamespaces: [],
                    instances: {},
                },
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
