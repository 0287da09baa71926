import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";

import { ControlPlane } from "../../lab/cluster/controlPlane";
import { freePorts } from "../../lab/cluster/ports";
import { withEnv } from "../../lab/program/runs";

const PROCESSES = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"];

describe("Cluster: the control plane", function () {
    // Its tools may have to be built.
    this.timeout(0);

    it("starts with three zones, beside another one, and leaves nothing when it is stopped", async () => {
        const planes = await Promise.all([ControlPlane.start(), ControlPlane.start()]);
        for (const { client } of planes) {
            const nodes = await client.list("v1", "Node");
            const zones = nodes.map(
                ({ metadata }) => metadata.labels?.["topology.kubernetes.io/zone"],
            );
            assert.deepEqual(zones.sort(), ["zone-a", "zone-b", "zone-c"]);
        }
        const pids = planes.flatMap(({ processes }) =>
            PROCESSES.map((name) => processes.pid(name)),
        );
        assert.equal(new Set(pids).size, 2 * PROCESSES.length);
        await Promise.all(planes.map((plane) => plane.stop()));
        for (const pid of pids) {
            assert.throws(() => process.kill(pid ?? 0, 0), /ESRCH/);
        }
        for (const { processes } of planes) {
            assert.ok(!fs.existsSync(processes.folder));
        }
    });

    it("says so at once when the API server dies in the middle", async () => {
        const plane = await ControlPlane.start();
        try {
            process.kill(plane.processes.pid("kube-apiserver") ?? 0, "SIGKILL");
            const waiting = plane.eventually("something that never comes", 300, () =>
                plane.client.get("v1", "ConfigMap", "default", "never"),
            );
            await assert.rejects(
                waiting,
                /^Error: kube-apiserver was ended by SIGKILL in the middle of the run; everything is stopped\. Run again; .* Its last lines:\n/,
            );
            await assert.rejects(
                plane.client.list("v1", "Node"),
                /kube-apiserver was ended by SIGKILL/,
            );
        } finally {
            await plane.stop();
        }
    });

    it("names a port that is busy", async () => {
        const [etcd = 0] = await freePorts(1);
        const server = net.createServer().listen(etcd, "127.0.0.1");
        try {
            await assert.rejects(
                ControlPlane.start({ etcd }),
                new RegExp(
                    `etcd could not start: 127\\.0\\.0\\.1:${etcd} is in use by another process\\.`,
                ),
            );
        } finally {
            server.close();
        }
    });

    it("names a tool that is not there", () =>
        withEnv("ETCD", "/nowhere/etcd", () =>
            assert.rejects(
                ControlPlane.start(),
                /^Error: ETCD names \/nowhere\/etcd, which is not there$/,
            ),
        ));
});
