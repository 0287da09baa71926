import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { DASHBOARD_UIDS } from "../../../components/dashboards/uids";
import { CA_FILE } from "../../../components/kubernetes/trust";
import { USER_KEY, USER_PASSWORD_KEY, userSecretName } from "../../../components/redis/redisUsers";
import { ROOT } from "../../../lab/program/stackFile";

const FOLDER = path.join(ROOT, "docs/redis");
const read = (file: string): string => fs.readFileSync(path.join(FOLDER, file), "utf8");
const PROGRAMS = ["node/client.mjs", "go/main.go", "python/client.py", "java/Client.java"];

interface Variable {
    readonly name: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

describe("docs/redis/README.md", () => {
    const page = read("README.md");
    const [, block = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const { env } = parse(block) as { env: readonly Variable[] };

    it("takes from the Secret of a user what is in it", () => {
        const references = env.flatMap(({ valueFrom }) => (valueFrom ? [valueFrom] : []));
        assert.deepEqual(
            references.map(({ secretKeyRef }) => secretKeyRef.key),
            ["host", "port", USER_KEY, USER_PASSWORD_KEY, "sentinelMaster", CA_FILE],
        );
        for (const { secretKeyRef } of references) {
            assert.equal(secretKeyRef.name, userSecretName("carts", "shop", "prod"));
        }
    });

    for (const program of PROGRAMS) {
        it(`links ${program}, which reads these variables and no other of Redis`, () => {
            assert.ok(page.includes(`(clients/${program})`));
            const text = read(`clients/${program}`);
            const named = new Set(text.match(/\bREDIS_[A-Z_]+\b|\bMODE\b/g));
            assert.deepEqual([...named].sort(), env.map(({ name }) => name).sort());
        });
    }

    it("names the versions that the programs ask for", () => {
        const asked = [
            /"(ioredis)": "([\d.]+)"/.exec(read("clients/node/package.json")),
            /(go-redis\/v9) v([\d.]+)/.exec(read("clients/go/go.mod")),
            /(redis)==([\d.]+)/.exec(read("clients/python/requirements.txt")),
            /<artifactId>(jedis)<\/artifactId>\s+<version>([\d.]+)</.exec(
                read("clients/java/pom.xml"),
            ),
        ].map((found) => `${found?.[1]} ${found?.[2]} `);
        assert.deepEqual(
            asked.filter((each) => !page.includes(each)),
            [],
        );
    });

    it("links to what is there, and names dashboards that there are", () => {
        const links = [...page.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = ""]) => link);
        assert.deepEqual(
            links.filter((link) => !fs.existsSync(path.join(FOLDER, link))),
            [],
        );
        const [, watched = ""] = page.split("## What to watch");
        const uids = watched.split("\n## ")[0]?.match(/(?<=`)redis-[a-z]+(?=`)/g) ?? [];
        assert.ok(uids.length > 0);
        assert.deepEqual(
            uids.filter((uid) => !(DASHBOARD_UIDS as string[]).includes(uid)),
            [],
        );
    });
});
