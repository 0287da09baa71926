import assert from "node:assert/strict";

import { ControlPlane } from "../../lab/cluster/controlPlane";
import { readStackFile, Settings } from "../../lab/program/stackFile";
import { EVERY_TYPE } from "../support/alerting";
import type { Stack } from "./stack";
import { CaseStacks } from "./world";

const staging = readStackFile("staging");
const INSTANCE = { memory: "256Mi", storageSize: "1Gi", backup: { schedule: "0 1 * * *" } };

/** What staging and prod leave out, as far as one stack can have it. */
const OPTIONS: Settings = {
    alerting: {
        ...EVERY_TYPE,
        runbookBaseUrl: "https://example.com/runbooks",
        defaultReceiver: "webhook",
    },
    backup: {
        repository: { type: "s3", endpoint: "https://s3.example.com", bucket: "backups" },
    },
    redis: {
        staging: {
            clientNamespaces: ["shop"],
            instances: {
                single: { mode: "standalone", ...INSTANCE },
                pair: { mode: "replication", replicas: 2, ...INSTANCE },
                watched: { mode: "sentinel", replicas: 3, ...INSTANCE },
                shards: { mode: "cluster", shards: 3, ...INSTANCE },
            },
        },
    },
    elasticsearch: {
        ...(staging.elasticsearch as Settings),
        snapshots: { type: "sharedFileSystem", storageClass: "shared", storageSize: "50Gi" },
    },
    fluentBit: {
        streams: Object.fromEntries(
            ["operator", "instance", "containers", "events"].map((stream) => [
                stream,
                { hourlyVolume: "1Mi" },
            ]),
        ),
        outageHours: 24,
        bufferSize: "2Gi",
    },
    jaeger: {
        ...(staging.jaeger as Settings),
        // Sampling of whole traces takes one collector.
        collector: { minReplicas: 1, maxReplicas: 1, memory: "512Mi" },
        otlpTls: true,
        sampling: { tail: { keepProbability: 0.1, expectedTracesPerSecond: 10 } },
    },
    ingress: {
        enabled: true,
        className: "nginx",
        controllerNamespace: "ingress-nginx",
        tlsSecretName: "web",
        hosts: { grafana: "grafana.example.com", kibana: "kibana.example.com" },
    },
};

describe("Cluster: the API server and the options that neither staging nor prod has", () => {
    let plane: ControlPlane;
    let stack: Stack;
    before(async function () {
        // Its tools may have to be built.
        this.timeout(0);
        plane = await ControlPlane.start();
        const stacks = new CaseStacks(plane, "staging");
        await stacks.up({ change: OPTIONS });
        const [again] = await stacks.up({ change: OPTIONS });
        assert.ok(again);
        stack = again.stack;
    });
    after(() => plane.stop());

    it("accepts every object, with no unknown field and no value out of its schema", () => {
        assert.deepEqual(stack.refused, []);
    });

    it("changes nothing when the same is applied again", () => {
        assert.deepEqual(stack.changedAgain, []);
    });

    it("warns of nothing: no deprecated version, no pod below its Pod Security level", () => {
        assert.deepEqual(stack.warnings, []);
    });
});
