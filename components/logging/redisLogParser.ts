import { section } from "./fluentBitSection";

const LEVELS = { ".": "debug", "-": "verbose", "*": "notice", "#": "warning" };
const ROLES = { M: "master", S: "replica", C: "child", X: "sentinel" };

/** Redis' own lines: `1:M 11 Jan 2025 10:30:00.123 * Ready to accept connections`. */
export function redisLogFilters(): string[] {
    const match = "redis.instance.*";
    const map = (from: string, values: Record<string, string>, to: string) =>
        Object.entries(values).map(([code, value]) =>
            section("FILTER", {
                Name: "modify",
                Match: match,
                Condition: `Key_value_equals ${from} ${code}`,
                Add: `${to} ${value}`,
            }),
        );
    return [
        section("FILTER", {
            Name: "parser",
            Match: match,
            Key_Name: "log",
            Parser: "redis",
            Reserve_Data: "On",
        }),
        ...map("level_code", LEVELS, "level"),
        ...map("role_code", ROLES, "role"),
        section("FILTER", {
            Name: "modify",
            Match: match,
            Remove: ["level_code", "role_code"],
        }),
    ];
}

/** The parser that the filters name. */
export function redisLogParser(): string {
    return section("PARSER", {
        Name: "redis",
        Format: "regex",
        Regex: "^(?<pid>\\d+):(?<role_code>[XCSM]) (?<redis_time>\\d{2} \\w{3} \\d{4} \\d{2}:\\d{2}:\\d{2}\\.\\d{3}) (?<level_code>[.\\-*#]) (?<msg>.*)$",
    });
}
