import assert from "node:assert/strict";

import { podProblem } from "../../../lab/cluster/node/podState";

const IMAGE = "quay.io/opstree/redis:v7.0.15";

function pod(status: object, metadata: object = {}): Parameters<typeof podProblem>[0] {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "redis-0", namespace: "prod", ...metadata },
        spec: { containers: [{ name: "redis", image: IMAGE }] },
        status,
    };
}

const container = (change: object) => ({
    containerStatuses: [{ name: "redis", image: IMAGE, ready: true, ...change }],
});

describe("a pod of the fire drill that is not ready", () => {
    it("has no problem once its containers are ready with the images that it asks for", () => {
        assert.equal(podProblem(pod(container({}))), undefined);
    });

    it("tells what a container waits for", () => {
        const waiting = { reason: "ErrImageNeverPull", message: "the image is not there" };
        assert.equal(
            podProblem(pod(container({ ready: false, state: { waiting } }))),
            "redis: ErrImageNeverPull, the image is not there",
        );
    });

    it("is not taken for ready while the container still has its former image", () => {
        const former = container({ image: `${IMAGE}-gone` });
        assert.equal(podProblem(pod(former)), "redis: not ready yet");
    });

    it("tells why no node takes it", () => {
        const message = "0/1 nodes are available: 1 Insufficient memory.";
        const conditions = [
            { type: "PodScheduled", status: "False", reason: "Unschedulable", message },
        ];
        assert.equal(podProblem(pod({ conditions })), `no node: Unschedulable, ${message}`);
    });

    it("is not ready while it is being deleted", () => {
        const deleted = { deletionTimestamp: "2026-01-01T00:00:00Z" };
        assert.equal(podProblem(pod(container({}), deleted)), "it is being deleted");
    });
});
