/** Parsers of text lines. Their syntax is Onigmo's; what is used here means the same in JavaScript, where it is tested. */

/** https://docs.fluentbit.io/manual/data-pipeline/parsers/configuring-parser */
export interface Parser {
    readonly name: string;
    readonly format: "regex";
    readonly regex: string;
}

/** https://docs.fluentbit.io/manual/data-pipeline/parsers/multiline-parsing */
export interface MultilineParser {
    readonly name: string;
    readonly type: "regex";
    readonly flush_timeout: number;
    readonly rules: readonly {
        readonly state: string;
        readonly regex: string;
        readonly next_state: string;
    }[];
}

/** `1:M 11 Jan 2025 10:30:00.123 * Ready to accept connections`, and the lines that belong to it. */
export const REDIS_LINE: Parser = {
    name: "redis",
    format: "regex",
    regex: "^(?<pid>\\d+):(?<role_code>[XCSM]) (?<redis_time>\\d{2} \\w{3} \\d{4} \\d{2}:\\d{2}:\\d{2}\\.\\d{3}) (?<level_code>[.\\-*#]) (?<msg>[\\s\\S]*)$",
};

/** `I1121 14:41:29.290142       1 leaderelection.go:250] attempting ...`: Kubernetes' client libraries. */
export const KLOG_LINE: Parser = {
    name: "klog",
    format: "regex",
    regex: "^(?<level_code>[IWEF])\\d{4} \\d{2}:\\d{2}:\\d{2}\\.\\d+ +\\d+ (?<logger>[^\\]]+)\\] (?<msg>[\\s\\S]*)$",
};

/** Redis' crash reports: lines without a prefix belong to the one before. */
export const REDIS_REPORT: MultilineParser = {
    name: "redis-report",
    type: "regex",
    flush_timeout: 1000,
    rules: [
        { state: "start_state", regex: "/^\\d+:[XCSM] \\d{2} /", next_state: "report" },
        { state: "report", regex: "/^(?!\\d+:[XCSM] \\d{2} )/", next_state: "report" },
    ],
};

/** Fluent Bit's own parsers of stack traces. */
export const STACK_TRACES = ["go", "java", "python"];
