import assert from "node:assert/strict";

import {
    KLOG_LINE,
    REDIS_LINE,
    REDIS_REPORT,
} from "../../../../components/logging/pipeline/parsers";

const groups = (regex: string, line: string) => ({ ...new RegExp(regex).exec(line)?.groups });

describe("Parser of Redis' log lines", () => {
    for (const [line, role, level, msg] of [
        [
            "1:M 21 Nov 2026 14:41:35.105 * Ready to accept connections",
            "M",
            "*",
            "Ready to accept connections",
        ],
        [
            "1:S 01 Feb 2025 01:02:03.004 # Connection with master lost.",
            "S",
            "#",
            "Connection with master lost.",
        ],
        [
            "12:X 11 Jan 2025 10:30:00.123 # +sdown master mymaster",
            "X",
            "#",
            "+sdown master mymaster",
        ],
        ["786:C 21 Nov 2026 14:49:19.639 - DB saved on disk", "C", "-", "DB saved on disk"],
        ["1:M 11 Jan 2025 10:30:00.123 . 主从同步", "M", ".", "主从同步"],
        [
            "1:M 11 Jan 2025 10:30:00.123 # crashed\n------ STACK TRACE ------\nEIP:",
            "M",
            "#",
            "crashed\n------ STACK TRACE ------\nEIP:",
        ],
    ] as const) {
        it(`reads "${line.replaceAll("\n", "\\n")}"`, () => {
            const { role_code, level_code, msg: got } = groups(REDIS_LINE.regex, line);
            assert.deepEqual([role_code, level_code, got], [role, level, msg]);
        });
    }

    for (const line of ["Starting redis service in standalone mode.....", "", "1:M no time * x"]) {
        it(`leaves "${line}" as it is`, () => {
            assert.deepEqual(groups(REDIS_LINE.regex, line), {});
        });
    }
});

describe("Parser of Kubernetes' client libraries", () => {
    it("reads level, place and message", () => {
        const line =
            "I1121 14:41:29.290142       1 leaderelection.go:250] attempting to acquire leader lease";
        assert.deepEqual(groups(KLOG_LINE.regex, line), {
            level_code: "I",
            logger: "leaderelection.go:250",
            msg: "attempting to acquire leader lease",
        });
    });
});

describe("Rules of Redis' crash reports", () => {
    const rule = (state: string) => {
        const regex = REDIS_REPORT.rules.find((each) => each.state === state)?.regex ?? "";
        return new RegExp(regex.slice(1, -1));
    };

    for (const [line, begins] of [
        ["1:M 21 Nov 2026 14:41:35.105 * Ready to accept connections", true],
        ["------ STACK TRACE ------", false],
        ["", false],
        ["/usr/bin/redis-server *:6379(debugCommand+0x1f)[0x55]", false],
    ] as const) {
        it(`${begins ? "begin a record at" : "add to the record before"} "${line}"`, () => {
            assert.equal(rule("start_state").test(line), begins);
            assert.equal(rule("report").test(line), !begins);
        });
    }
});
