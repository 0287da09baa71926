import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { LOG_FIELDS } from "../../../components/logging/logSchema";

describe("The page of the log schema", () => {
    const page = fs.readFileSync(
        path.join(__dirname, "../../../docs/components/log-schema.md"),
        "utf8",
    );
    const table = page.slice(page.indexOf("| field"), page.indexOf("## Where"));
    const rows = table
        .split("\n")
        .filter((line) => line.startsWith("| `"))
        .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| |\|$/g, "").trim()));

    it("names every field with its type and its meaning, in the order of the contract", () => {
        assert.deepEqual(
            rows,
            Object.entries(LOG_FIELDS).map(([name, field]) => [
                `\`${name}\``,
                field.type,
                "always" in field ? "always" : "",
                field.description,
            ]),
        );
    });
});
