import assert from "node:assert/strict";
import * as fs from "node:fs";

import { PAGE, pageWithPrivileges } from "../../../commands/privileges/main";

describe("The table of Elasticsearch's privileges", () => {
    const page = fs.readFileSync(PAGE, "utf8");

    it("is that of the roles: `npm run privileges` writes it", async () => {
        assert.equal(await pageWithPrivileges(page), page);
    });

    it("says who may what, on what, and which call needs it", () => {
        const row =
            /^\| `restore-drill` +\| `restore_drill` +\| `restore-drill-\*` +\| `delete_index` +\| `DELETE \/restore-drill-<index>` +\|$/m;
        assert.match(page, row);
    });

    it("has a place, or says that it needs one", async () => {
        await assert.rejects(pageWithPrivileges("# A page"), /needs the lines/);
    });
});
