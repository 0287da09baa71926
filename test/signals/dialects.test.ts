import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { run } from "../../lab/tools/commands";
import { DIALECTS } from "../support/dialects";
import { goTool } from "../support/goTool";

type Dialect = keyof typeof DIALECTS;

interface Reader {
    readonly tool: "promtool" | "amtool";
    readonly args: readonly string[];
    /** A file with a value where the configuration's lands. */
    readonly file: (value: string) => object;
    /** What the tool takes of what the configuration refuses: by hand, with the reason. */
    readonly stricter: readonly string[];
}

const CONFIG = ["check", "config", "--syntax-only"];
const alertmanager = (rest: object) => ({
    route: { receiver: "a" },
    receivers: [{ name: "a" }],
    ...rest,
});

/** A time cannot end where the day begins. */
const until = (value: string) =>
    value === "00:00"
        ? { start_time: value, end_time: "24:00" }
        : { start_time: "00:00", end_time: value };

const READERS: Partial<Record<Dialect, Reader>> = {
    "Prometheus' durations": {
        tool: "promtool",
        args: ["check", "rules"],
        file: (value) => ({
            groups: [{ name: "g", rules: [{ alert: "A", expr: "up", for: value }] }],
        }),
        stricter: [
            // None, where one must be; units that only Prometheus has; more than 100 years; two ways to write one.
            ...["0s", "0", "1h30m", "1y", "1ms", "05m", "36501d"],
        ],
    },
    "how often Prometheus asks": {
        tool: "promtool",
        args: CONFIG,
        file: (value) => ({
            scrape_configs: [{ job_name: "a", scrape_interval: value, scrape_timeout: "1s" }],
        }),
        stricter: [
            // Series would end between two samples.
            ...["0s", "121s", "3m", "5m", "10m", "1h", "1d", "1w", "1m30s"],
        ],
    },
    "patterns of RE2": {
        tool: "promtool",
        args: CONFIG,
        file: (value) => ({
            scrape_configs: [
                {
                    job_name: "a",
                    metric_relabel_configs: [
                        { source_labels: ["__name__"], regex: value, action: "drop" },
                    ],
                },
            ],
        }),
        stricter: [
            // They drop what alerts read, or nothing that there is.
            ...["", ".*", ".+", "redis_.*", "redis_.+", "redis_up", "redis_memory_.*"],
            ...["redis_(up|hz)", "(a+)+$", "go_.+", "redis_cpu_sys_secods_total"],
            ...["redis_commands_.+", "redis_hz|.*", "redis_hz)|(.*"],
        ],
    },
    "IANA zones": {
        tool: "amtool",
        args: ["check-config"],
        file: (value) =>
            alertmanager({
                time_intervals: [{ name: "t", time_intervals: [{ location: value }] }],
            }),
        // "" is UTC for Go, Local that of the machine.
        stricter: ["", "Local"],
    },
    "times of day": {
        tool: "amtool",
        args: ["check-config"],
        file: (value) =>
            alertmanager({
                time_intervals: [
                    {
                        name: "t",
                        time_intervals: [{ times: [until(value)] }],
                    },
                ],
            }),
        stricter: [],
    },
};

describe("Dialects, as the tools that read them in the end take them", function () {
    this.timeout(0);
    let folder: string;
    const tools = new Map<string, string>();
    before(async function () {
        for (const name of ["promtool", "amtool"] as const) {
            tools.set(name, await goTool(this, name));
        }
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "dialects-"));
    });
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    for (const [dialect, { tool, args, file, stricter }] of Object.entries(READERS)) {
        it(`${dialect}: ${tool} takes what is right, and refuses what is wrong but for what is listed`, async () => {
            const taken = async (value: string): Promise<boolean> => {
                const name = path.join(folder, "file.yml");
                fs.writeFileSync(name, JSON.stringify(file(value)));
                return run(tools.get(tool) ?? "", [...args, name]).then(
                    () => true,
                    () => false,
                );
            };
            const { right, wrong } = DIALECTS[dialect as Dialect];
            const texts = (values: readonly unknown[]) =>
                values.filter((each) => typeof each === "string");
            const refused: string[] = [];
            for (const value of texts(right)) {
                if (!(await taken(value))) {
                    refused.push(value);
                }
            }
            assert.deepEqual(refused, [], "right values");
            const accepted: string[] = [];
            for (const value of texts(wrong)) {
                if (await taken(value)) {
                    accepted.push(value);
                }
            }
            assert.deepEqual(accepted.sort(), [...stricter].sort(), "wrong values");
        });
    }
});
