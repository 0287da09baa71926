import assert from "node:assert/strict";

import { Instances, restoreLines, restoreRequest } from "../../../commands/restore/arguments";

const INSTANCES: Instances = {
    shop: { orders: true, "orders-b": true, cache: false },
    ode: { queue: true },
};
const read = (...args: string[]) => restoreRequest(args, ["prod", "staging"], () => INSTANCES);

describe("npm run restore", () => {
    it("restores the newest backup of an instance into it, and only says so without --yes", () => {
        const request = read("prod", "shop/orders");
        assert.deepEqual(request, {
            stack: "prod",
            namespace: "shop",
            source: "orders",
            target: "orders",
            fresh: false,
            snapshot: undefined,
            yes: false,
        });
        assert.deepEqual(restoreLines(request), [
            "  the newest backup of shop/orders into shop/orders: keys of the same name are overwritten, others stay",
            "  a count: shop/orders must hold as many keys as were written",
            "Before: stop what writes to shop/orders.",
        ]);
    });

    it("makes a backup and restores it into another instance, as for another mode or name", () => {
        const request = read("prod", "shop/orders", "shop/orders-b", "--fresh", "--yes");
        assert.ok(request.yes);
        assert.equal(request.target, "orders-b");
        assert.deepEqual(restoreLines(request), [
            "  a backup of shop/orders now",
            "  that backup of shop/orders into shop/orders-b: keys of the same name are overwritten, others stay",
            "  a count: shop/orders-b must hold as many keys as were written",
            "Before: stop what writes to shop/orders and shop/orders-b.",
        ]);
    });

    it("reads the backups of an instance that is gone, an older one of which is chosen by its id", () => {
        const request = read("prod", "shop/removed", "shop/orders", "--snapshot=0123abcd");
        assert.equal(request.source, "removed");
        assert.match(restoreLines(request)[0] ?? "", /the backup 0123abcd of shop\/removed into/);
    });

    const wrong: Readonly<Record<string, readonly [string[], RegExp]>> = {
        "no stack": [[], /name a stack and what to restore: npm run restore -- STACK/],
        "no instance": [["prod"], /name a stack and what to restore/],
        "three instances": [["prod", "a/a", "a/b", "a/c"], /name a stack and what to restore/],
        "a stack that is not there": [
            ["prd", "shop/orders"],
            /there is no stack "prd"; did you mean "prod"\? stacks: prod, staging/,
        ],
        "a name without its namespace": [
            ["prod", "orders"],
            /"orders" names no instance; allowed: NAMESPACE\/NAME/,
        ],
        "another namespace, whose backups have another key": [
            ["prod", "shop/orders", "ode/queue"],
            /shop\/orders goes into ode\/queue; allowed: an instance of the namespace shop/,
        ],
        "an instance that is not there": [
            ["prod", "shop/order"],
            /has no Redis shop\/order; did you mean "shop\/orders"\? Redis: shop\/orders, shop\/orders-b, shop\/cache, ode\/queue/,
        ],
        "an instance without a backup": [
            ["prod", "shop/orders", "shop/cache"],
            /redis\.shop\.instances\.cache asks for no backup/,
        ],
        "a backup, now, of an instance that is gone": [
            ["prod", "shop/removed", "shop/orders", "--fresh"],
            /has no Redis shop\/removed/,
        ],
        "an id that is none": [
            ["prod", "shop/orders", "--snapshot=latest"],
            /"latest" is no id of a backup; allowed: 8 to 64 of 0-9 and a-f/,
        ],
        "a new backup and an older one": [
            ["prod", "shop/orders", "--fresh", "--snapshot=0123abcd"],
            /--fresh takes the backup that it makes/,
        ],
        "another option": [["prod", "shop/orders", "--force"], /"--force" is not an option/],
    };
    for (const [what, [args, message]] of Object.entries(wrong)) {
        it(`refuses ${what}`, () => {
            assert.throws(
                () => read(...args),
                (error: Error) => {
                    assert.match(error.message, message);
                    assert.match(error.message, /\nNothing was looked at\.$/);
                    return true;
                },
            );
        });
    }
});
