import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { fluentBitValues } from "../../../support/fluentBitValues";
import { listAt, textAt, valueAt } from "../../../../lab/program/objects";

const NAME = "cache-0_orders_cache-0123456789abcdef.log";
const NOW = 1_780_000_000;

/** What the kubelet leaves on a node, and what Fluent Bit wrote down. */
describe("Files that were rotated while Fluent Bit was away", () => {
    let folder: string;
    let logs: string;
    let state: string;
    let pod: string;

    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-missed-"));
        [logs, state, pod] = ["containers", "state", "pods/orders_cache-0_uid/cache"].map(
            (each) => {
                const at = path.join(folder, each);
                fs.mkdirSync(at, { recursive: true });
                return at;
            },
        ) as [string, string, string];
        file("0.log", NOW);
        fs.symlinkSync(path.join(pod, "0.log"), path.join(logs, NAME));
    });
    afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

    function file(name: string, time: number, at = pod): void {
        fs.writeFileSync(path.join(at, name), `${name}\n`);
        fs.utimesSync(path.join(at, name), time, time);
    }

    /** Positions were last written down at that time. */
    const read = (time: number, name = "instance.db") => file(name, time, state);

    /** Runs what the pods run, and gives each link with what it leads to. */
    function find(): Record<string, string> {
        const values = fluentBitValues();
        const [container] = listAt(values, "initContainers");
        const [shell = "", ...args] = listAt(container, "command").map(String);
        execFileSync(shell, args, { env: { PATH: process.env.PATH, LOGS: logs, STATE: state } });
        const missed = path.join(state, "missed");
        return Object.fromEntries(
            fs
                .readdirSync(missed)
                .flatMap((time) =>
                    fs
                        .readdirSync(path.join(missed, time))
                        .map((name) => [
                            `${time}/${name}`,
                            path.basename(fs.realpathSync(path.join(missed, time, name))),
                        ]),
                ),
        );
    }

    it("are found by the name of their container, not yet compressed ones alone", () => {
        read(NOW - 100);
        file("0.log.20260528-100010", NOW - 50);
        file("0.log.20260528-100000.gz", NOW - 60);
        file("0.log.20260528-100020.tmp", NOW - 10);
        assert.deepEqual(find(), { [`20260528-100010/${NAME}`]: "0.log.20260528-100010" });
    });

    it("are not those that were read to their end long before it ended", () => {
        read(NOW - 100);
        file("0.log.20260528-090000", NOW - 1000);
        assert.deepEqual(find(), {});
    });

    it("are also those that it may not have got to the end of", () => {
        read(NOW - 100);
        file("0.log.20260528-100010", NOW - 600);
        assert.deepEqual(Object.values(find()), ["0.log.20260528-100010"]);
    });

    it("are judged by the newest position, which is beside the database after a kill", () => {
        read(NOW - 5000);
        read(NOW - 100, "instance.db-wal");
        file("0.log.20260528-090000", NOW - 3000);
        assert.deepEqual(find(), {});
    });

    it("are none on a node where nothing was read yet, and none of another start", () => {
        file("0.log.20260528-100010", NOW);
        assert.deepEqual(find(), {});
        read(NOW - 100);
        assert.equal(Object.keys(find()).length, 1);
        fs.renameSync(
            path.join(pod, "0.log.20260528-100010"),
            path.join(pod, "0.log.20260528-100010.gz"),
        );
        assert.deepEqual(find(), {}, "what is gone is not found again");
    });

    it("are no reason to fail: a link that leads nowhere, a folder without files", () => {
        read(NOW - 100);
        fs.symlinkSync(path.join(pod, "gone.log"), path.join(logs, "gone_a_b-01.log"));
        assert.deepEqual(find(), {});
        fs.rmSync(path.join(logs, NAME));
        fs.rmSync(path.join(logs, "gone_a_b-01.log"));
        assert.deepEqual(find(), {});
    });

    it("are looked for on every node before Fluent Bit, which alone may write there", () => {
        const values = fluentBitValues();
        const [container] = listAt(values, "initContainers");
        const mounts = listAt(container, "volumeMounts").map((each) => [
            textAt(each, "mountPath"),
            valueAt(each, "readOnly"),
        ]);
        assert.deepEqual(mounts, [
            ["/var/log", true],
            ["/var/lib/fluent-bit", undefined],
        ]);
    });
});
