import assert from "node:assert/strict";
import * as net from "node:net";
import * as path from "node:path";

import { redisManifests } from "../../components/redis/redisSpecs";
import { valueAt } from "../../lab/program/objects";
import { eventually } from "../../lab/tools/commands";
import { INSTANCES } from "../support/exampleConfig";
import { execute, needs, Scratch } from "./programs";
import { freePort, PASSWORD, Redis, Servers } from "./servers";

const KEYS = 65_000;
/** Microseconds that Redis sleeps for each key that it loads: its own setting for tests. */
const DELAY = 1000;

/** The Redis of the spec that our program registers, with the probe of its container. */
function probeOf(mode: keyof typeof INSTANCES): unknown {
    const [manifest] = redisManifests({
        name: "cache",
        settings: INSTANCES[mode],
        passwordSecret: "cache-auth",
        storageClass: "",
    });
    return valueAt(manifest?.spec, "livenessProbe");
}

/** Debian's Redis 7 stands in for the one of the image, which no registry here has. */
describe("A Redis that loads its data", function () {
    this.timeout(300_000);
    let scratch: Scratch;
    let servers: Servers;

    before(function () {
        needs(this, "redis-server", "redis-cli");
    });
    beforeEach(() => {
        scratch = new Scratch();
        servers = new Servers(scratch);
    });
    afterEach(async () => {
        await servers.stop();
        scratch.remove();
    });

    it("for over a minute is not killed by its liveness probe, and comes up with every key", async () => {
        const redis = await servers.redis();
        await redis.fill(KEYS);
        await redis.ask("SAVE");
        await servers.stop();

        const began = Date.now();
        const port = await start(redis.port);
        const probe = probeOf("replication");
        const kubelet = { ours: new Failures(), operators: new Failures() };
        // The kubelet's interval, of the operator's probe as of ours.
        assert.equal(valueAt(probe, "periodSeconds"), 10);
        const timeout = Number(valueAt(probe, "timeoutSeconds"));
        while (!(await answersPong(port))) {
            await new Promise((resolve) => setTimeout(resolve, 10_000));
            kubelet.ours.note(await accepts(port, timeout));
            kubelet.operators.note(await answersPong(port));
            assert.ok(Date.now() - began < 240_000, "it never came up");
        }
        const seconds = (Date.now() - began) / 1000;
        assert.ok(seconds > 60, `it loaded for ${seconds} s only`);
        assert.equal(kubelet.ours.worst, 0, "each time, it accepted a connection");
        assert.ok(Number(valueAt(probe, "failureThreshold")) > kubelet.ours.worst);
        assert.ok(kubelet.operators.worst >= 3, "the operator's own probe would have killed it");
        assert.equal((await new Redis(port).ask("DBSIZE")).trim(), String(KEYS));
    });

    it("is dead when nothing accepts a connection", async () => {
        assert.equal(await accepts(await freePort(), 1), false);
    });

    /** Starts Redis again on the data of another, slowly. */
    async function start(before: number): Promise<number> {
        const port = await freePort();
        const folder = path.join(scratch.folder, `redis-${before}`);
        servers.start("redis-server", [
            ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
            ...["--requirepass", PASSWORD, "--key-load-delay", String(DELAY)],
            // It answers, that it is loading, between so many bytes.
            ...["--loading-process-events-interval-bytes", "1024"],
        ]);
        await eventually("the port", 20, async () => (await accepts(port, 1)) || undefined);
        return port;
    }
});

/** The longest row of failures, which is what a threshold is about. */
class Failures {
    worst = 0;
    private now = 0;

    note(success: boolean): void {
        this.now = success ? 0 : this.now + 1;
        this.worst = Math.max(this.worst, this.now);
    }
}

/** A kubelet's `tcpSocket`. */
function accepts(port: number, timeoutSeconds: number): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = net.connect({ port, host: "127.0.0.1", timeout: timeoutSeconds * 1000 });
        const end = (answer: boolean) => () => {
            socket.destroy();
            resolve(answer);
        };
        socket.on("connect", end(true)).on("error", end(false)).on("timeout", end(false));
    });
}

/** The probe of redis-operator 0.26.1, for a container without one of its own; it is the readiness probe. */
async function answersPong(port: number): Promise<boolean> {
    const ping = ["1", "redis-cli", "-p", String(port), "PING"];
    const { output } = await execute("timeout", ping, { REDISCLI_AUTH: PASSWORD });
    return output.trim() === "PONG";
}
