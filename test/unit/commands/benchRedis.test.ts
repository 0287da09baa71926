import assert from "node:assert/strict";

import { slotOf } from "../../../commands/bench/redisSlots";
import { ErrorReply, parseReply } from "../../../commands/bench/redisConnection";

describe("npm run bench:redis", () => {
    const answers = {
        "a text": ["+OK\r\n", "OK"],
        "a number": [":42\r\n", 42],
        "bytes, of which some end lines": ["$6\r\nab\r\ncd\r\n", "ab\r\ncd"],
        nothing: ["$-1\r\n", null],
        "a list in a list": [
            "*3\r\n$6\r\nmaster\r\n:7\r\n*1\r\n*2\r\n+a\r\n:0\r\n",
            ["master", 7, [["a", 0]]],
        ],
        "an empty list": ["*0\r\n", []],
    } as const;
    for (const [what, [text, reply]] of Object.entries(answers)) {
        it(`reads ${what} of Redis' protocol, once the whole of it has come`, () => {
            for (let length = 0; length < text.length; length++) {
                assert.equal(parseReply(text.slice(0, length), 0), undefined);
            }
            assert.deepEqual(parseReply(`${text}+next\r\n`, 0), { reply, end: text.length });
        });
    }

    it("knows the slot of a key, of which a tag alone counts", () => {
        // The example of Redis' specification of clusters, and what CLUSTER KEYSLOT of Redis 7.0.15 says.
        assert.equal(slotOf("123456789"), 0x31c3);
        assert.equal(slotOf("foo"), 12182);
        assert.equal(slotOf("cart:{foo}:items"), 12182);
    });

    it("reads an error as one", () => {
        const parsed = parseReply("-NOREPLICAS Not enough good replicas to write.\r\n", 0);
        assert.ok(parsed?.reply instanceof ErrorReply);
        assert.match(parsed.reply.message, /^NOREPLICAS /);
    });
});
