import assert from "node:assert/strict";

import type { Delivery } from "../../../../commands/drill/endpoints";
import { Messages } from "../../../../commands/drill/messages";
import { formatEvent } from "../../../../commands/drill/timeline";

const message = (
    at: number,
    receiver: string,
    status: Delivery["status"],
    ...text: readonly string[]
): Delivery => ({ id: `${receiver} ${at}`, at: at * 1000, receiver, status, text });

const DOWN = "RedisMasterDown shop/orders (prod)";
const ARRIVED: readonly Delivery[] = [
    // Of an alert before the fault.
    message(0, "chat", "resolved", "[RESOLVED] RedisHighConnections shop/orders (prod)"),
    message(10, "chat", "firing", `[CRITICAL] ${DOWN}`, "Redis shop/orders has no master"),
    message(11, "pager", "firing", "trigger (critical)", `[CRITICAL] ${DOWN}`, "Redis shop/orders"),
    message(12, "dingtalk", "firing", `**[CRITICAL] ${DOWN}**`, "Redis shop/orders"),
    message(40, "pager", "resolved", "resolve (critical)", `[RESOLVED] ${DOWN}`),
    message(41, "chat", "resolved", `[RESOLVED] ${DOWN}`, "Redis shop/orders has no master"),
];

function told(verbose: boolean): string[] {
    const lines: string[] = [];
    const messages = new Messages((_key, event) => lines.push(...formatEvent(event, 0)), verbose);
    messages.take(ARRIVED.slice(0, 2));
    messages.take(ARRIVED.slice(0, 4));
    messages.others();
    messages.take(ARRIVED);
    messages.others();
    return lines;
}

describe("Messages of a drill", () => {
    it("are told once, with who else has them, and no end of what was never told", () => {
        assert.deepEqual(told(false), [
            "   +10.0 s  page       at chat",
            `                       | [CRITICAL] ${DOWN}`,
            "                       | Redis shop/orders has no master",
            "   +12.0 s  page       the same at pager, dingtalk",
            "   +40.0 s  all-clear  at pager",
            `                       | [RESOLVED] ${DOWN}`,
            "   +41.0 s  all-clear  the same at chat",
        ]);
    });

    it("are all told in order when asked for", () => {
        const heads = told(true).filter((line) => line.includes(" at "));
        assert.deepEqual(heads, [
            "    +0.0 s  all-clear  at chat",
            "   +10.0 s  page       at chat",
            "   +11.0 s  page       at pager",
            "   +12.0 s  page       at dingtalk",
            "   +40.0 s  all-clear  at pager",
            "   +41.0 s  all-clear  at chat",
        ]);
    });
});
