import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { z } from "zod";

import { unwrapped } from "../../../components/settings/read";
import { schema } from "../../../components/stack/config";
import { ROOT } from "../../../lab/program/stackFile";

/** Every text and name of a schema, by its path. */
function texts(given: z.ZodType, at: string): [string, z.ZodType][] {
    const here = unwrapped(given);
    const below = (each: unknown, key: string) => texts(each as z.ZodType, `${at}.${key}`);
    if (here instanceof z.ZodObject) {
        return Object.entries(here.shape).flatMap(([key, each]) => below(each, key));
    }
    if (here instanceof z.ZodRecord) {
        return [...below(here.keyType, "<name>"), ...below(here.valueType, "*")];
    }
    if (here instanceof z.ZodArray) {
        return below(here.element, "*");
    }
    if (here instanceof z.ZodUnion) {
        return here.options.flatMap((each) => below(each, "|"));
    }
    return here instanceof z.ZodString || here instanceof z.ZodEmail ? [[at, here]] : [];
}

describe("Texts of the configuration", () => {
    it("each have the dialect of who reads them, or the reason why every text will do", () => {
        const all = texts(schema, "");
        assert.ok(all.length > 60, `only ${all.length}`);
        const without = all.filter(([, each]) => !z.globalRegistry.get(each)?.dialect);
        assert.deepEqual(
            without.map(([at]) => at),
            [],
        );
    });

    it("come from components/settings/scalars.ts, as whole numbers do", () => {
        const folder = path.join(ROOT, "components");
        const found = fs
            .readdirSync(folder, { recursive: true, encoding: "utf8" })
            .filter((file) => file.endsWith(".ts") && file !== path.join("settings", "scalars.ts"))
            .flatMap((file) =>
                [
                    ...fs
                        .readFileSync(path.join(folder, file), "utf8")
                        .matchAll(/z\s*\.(string|int|int32|url|email)\(.*/g),
                ].map(([text]) => `${file}: ${text}`),
            );
        // It loads its engine only where somebody has a pattern.
        assert.deepEqual(
            found.filter((each) => !each.startsWith("metrics/settings.ts")),
            [],
        );
    });
});
