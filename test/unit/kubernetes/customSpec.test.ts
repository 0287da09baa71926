import assert from "node:assert/strict";

import { SPEC_FIELDS, specFieldsText } from "../../../commands/specFields/main";
import { mergedSpec, specProblems } from "../../../components/kubernetes/customSpec";
import * as fs from "node:fs";
import * as path from "node:path";
import { factFile, factFiles } from "../../../lab/facts";
import { ROOT } from "../../../lab/program/stackFile";
import { skip } from "../../support/skip";

describe("A custom resource's spec with fields of the configuration", () => {
    it("keeps what they do not name, and merges lists of what has a name", () => {
        const ours = {
            a: { b: 1, c: 2 },
            containers: [{ name: "main", env: [{ name: "X", value: "1" }], args: ["a"] }],
            args: ["x", "y"],
        };
        const theirs = {
            a: { c: 3, d: 4 },
            containers: [
                { name: "side", image: "s" },
                { name: "main", env: [{ name: "Y", value: "2" }] },
            ],
            args: ["z"],
        };
        assert.deepEqual(mergedSpec(ours, theirs), {
            a: { b: 1, c: 3, d: 4 },
            containers: [
                {
                    name: "main",
                    env: [
                        { name: "X", value: "1" },
                        { name: "Y", value: "2" },
                    ],
                    args: ["a"],
                },
                { name: "side", image: "s" },
            ],
            args: ["z"],
        });
        assert.equal(ours.a.c, 2, "what went in is as it was");
    });

    const kind = {
        name: "Thing",
        fields: { size: "integer", sets: [{ name: "string", count: "integer" }], config: "object" },
        guards: { "config.x.secure": "nothing: it is", "sets.*.count": "thing.nodes" },
    } as const;

    it("is refused where something rests on a field, whole maps of it included", () => {
        const spec = {
            config: { "x.secure.on": false, free: 1, x: { secure: { on: true } } },
            sets: [{ name: "default", count: 2 }],
        };
        assert.deepEqual(specProblems("thing.spec", spec, kind), [
            { path: "thing.spec.config.x.secure.on", got: "false", allowed: "nothing: it is" },
            { path: "thing.spec.config.x.secure.on", got: "true", allowed: "nothing: it is" },
            { path: "thing.spec.sets.default.count", got: "2", allowed: "set thing.nodes" },
        ]);
    });

    it("is refused with keys and types that the kind does not have", () => {
        const spec = { size: "2", sizes: 3, sets: { name: "a" } };
        assert.deepEqual(specProblems("thing.spec", spec, kind), [
            { path: "thing.spec.size", got: `"2"`, allowed: "what Thing takes there: integer" },
            {
                path: "thing.spec.sizes",
                got: "a key that Thing does not have",
                allowed: `did you mean "size"? allowed: size, sets, config`,
            },
            {
                path: "thing.spec.sets",
                got: `{"name":"a"}`,
                allowed: "what Thing takes there: array",
            },
        ]);
    });
});

describe("The fields that kinds have", () => {
    it("are those of the CRDs: after a bump, `npm run spec-fields`", function () {
        const crds = factFiles("crds")
            .map((file) => factFile(`crds/${file}`) ?? "")
            .join("\n---\n");
        if (crds === "") {
            skip(this, "../shared/crds is not beside the checkout");
        }
        for (const [file, kinds] of Object.entries(SPEC_FIELDS)) {
            const known = fs.readFileSync(path.join(ROOT, file), "utf8");
            assert.equal(known, specFieldsText(crds, kinds), file);
        }
    });
});
