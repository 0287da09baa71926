import assert from "node:assert/strict";

import { z } from "zod";

import { fieldOf } from "../../../commands/configuration/rows";
import { ca, certificatesOf } from "../../../components/settings/scalars";
import { schema } from "../../../components/stack/config";
import { privateAuthority } from "../../support/authority";

describe("A private authority in the configuration", () => {
    it("is one certificate or more, with texts between them or not", async () => {
        const [one, two] = [await privateAuthority("one"), await privateAuthority("two")];
        assert.ok(ca.safeParse(one.ca).success);
        const bundle = `# Company\n${one.ca}\nsubject=CN = two\n${two.ca}`;
        assert.ok(ca.safeParse(bundle).success);
        assert.deepEqual(
            certificatesOf(bundle).map((each) => each.trim()),
            [one.ca.trim(), two.ca.trim()],
        );
    });

    it("is refused when it is a file's name, a key, cut off, or no certificate inside", async () => {
        const { ca: pem, key } = await privateAuthority("one");
        for (const wrong of [
            "/etc/ssl/company.crt",
            "",
            key,
            `${pem}\n${key}`,
            pem.slice(0, -30),
            pem.replace(/[A-Za-z0-9+/]{20}/, "!"),
        ]) {
            const { error } = ca.safeParse(wrong);
            assert.match(error?.issues[0]?.message ?? "", /certificates of an authority as PEM/);
        }
    });

    /** Addresses that no client of ours connects to, or whose certificate is checked elsewhere. */
    const NOT_CALLED: Readonly<Record<string, string>> = {
        "alerting.runbookBaseUrl": "people's browsers open it",
        "existing.alertmanager.url": "people's browsers open it",
        "existing.grafana.url": "people's browsers open it",
        "autoscaling.existing.prometheus": "somebody's KEDA asks it, by authorities of its own",
    };

    it("can be given beside every address of a service that the user names", () => {
        const missing: string[] = [];
        walk(schema, "", (at, fields) => {
            const addresses = Object.entries(fields).filter(([, each]) => {
                const { kind } = fieldOf(each).meta;
                return kind === "URL" || kind === "`HOST:PORT`";
            });
            for (const [key] of addresses) {
                const path = `${at}${key}`;
                if (!("ca" in fields) && !(path in NOT_CALLED)) {
                    missing.push(path);
                }
            }
        });
        assert.deepEqual(missing, []);
    });

    it("can be given for every type of receiver, whose address is a secret", () => {
        const types: string[] = [];
        walk(schema, "", (at, fields) => {
            if (at.startsWith("alerting.receivers.") && "type" in fields && !("ca" in fields)) {
                types.push(JSON.stringify(fieldOf(fields.type)));
            }
        });
        assert.deepEqual(types, []);
    });
});

/** Every object of the schema with its path, each option of a union by itself. */
function walk(
    of: z.ZodType,
    at: string,
    visit: (at: string, fields: Readonly<Record<string, z.ZodType>>) => void,
): void {
    const { schema: inner } = fieldOf(of);
    if (inner instanceof z.ZodObject) {
        const fields = inner.shape as Record<string, z.ZodType>;
        visit(at, fields);
        for (const [key, each] of Object.entries(fields)) {
            walk(each, `${at}${key}.`, visit);
        }
    } else if (inner instanceof z.ZodRecord) {
        walk(inner.valueType as z.ZodType, `${at}<name>.`, visit);
    } else if (inner instanceof z.ZodUnion) {
        for (const each of inner.options as z.ZodType[]) {
            walk(each, at, visit);
        }
    } else if (inner instanceof z.ZodArray) {
        walk(inner.element as z.ZodType, `${at}[].`, visit);
    }
}
