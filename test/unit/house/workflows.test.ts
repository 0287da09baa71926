import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { ROOT } from "../../../lab/program/stackFile";
import { goVariables } from "../../../lab/tools/toolFamilies";

interface Step {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, string>>;
}

interface Job {
    readonly needs?: string;
    readonly uses?: string;
    readonly environment?: string;
    readonly permissions?: Readonly<Record<string, string>>;
    readonly strategy?: {
        readonly matrix: { readonly stack?: unknown; readonly include?: readonly object[] };
    };
    readonly steps?: readonly Step[];
}

interface Workflow {
    readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = path.join(ROOT, ".github/workflows");
const read = (file: string): Workflow =>
    parse(fs.readFileSync(path.join(FOLDER, file), "utf8")) as Workflow;
const steps = (): [string, Step][] =>
    fs
        .readdirSync(FOLDER)
        .flatMap((file) =>
            Object.values(read(file).jobs).flatMap(({ steps: all = [] }) =>
                all.map((step): [string, Step] => [file, step]),
            ),
        );
/** Families that fetch a Go of their own, since what they pin asks for a newer one. */
const OWN_TOOLCHAIN = ["argocd"];
const goVersions = (): Map<string, string> => {
    const folder = path.join(ROOT, "lab/tools");
    const families = fs
        .readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory());
    const others = families.filter(({ name }) => !OWN_TOOLCHAIN.includes(name));
    return new Map(
        others.map(({ name }) => [name, /^go (\S+)$/m.exec(goMod(name))?.[1] ?? "none"]),
    );
};
const goMod = (family: string): string =>
    fs.readFileSync(path.join(ROOT, "lab/tools", family, "go.mod"), "utf8");

describe("Go", () => {
    it("is of one version in every go.mod: a workflow installs one, and Go then fetches no other", () => {
        const versions = goVersions();
        assert.ok(versions.size >= 12);
        const [newest = ""] = [...new Set(versions.values())].sort().reverse();
        const others = [...versions].filter(([, version]) => version !== newest);
        assert.deepEqual(
            others,
            [],
            `run \`go mod edit -go=${newest}\` in lab/tools/${others.map(([name]) => name).join(", ")}`,
        );
    });

    it("is another only where a go.mod names its toolchain, which its build then fetches", () => {
        for (const family of OWN_TOOLCHAIN) {
            const [, toolchain = ""] = /^toolchain (\S+)$/m.exec(goMod(family)) ?? [];
            assert.match(toolchain, /^go1\.\d+\.\d+$/, family);
            assert.equal(goVariables(family).GOTOOLCHAIN, toolchain);
        }
        for (const family of goVersions().keys()) {
            assert.doesNotMatch(goMod(family), /^toolchain /m, family);
            assert.equal(goVariables(family).GOTOOLCHAIN, process.env.GOTOOLCHAIN, family);
        }
    });

    it("is of the version that the documents name", () => {
        const [version = ""] = goVersions().values();
        const minor = version.split(".").slice(0, 2).join(".");
        for (const file of ["README.md", "CONTRIBUTING.md"]) {
            // A link may stand between the name and the version.
            const text = fs.readFileSync(path.join(ROOT, file), "utf8");
            const named = [...text.matchAll(/\bGo(?:\]\([^)]*\))?\s+(1\.\d+)/g)].map(([, v]) => v);
            assert.deepEqual([...new Set(named)], [minor], file);
        }
    });

    it("is installed by workflows from a go.mod that is there", () => {
        const files = steps()
            .filter(([, { uses }]) => uses?.startsWith("actions/setup-go@"))
            .map(([, step]) => step.with?.["go-version-file"] ?? "");
        assert.ok(files.length > 0);
        for (const file of files) {
            assert.match(file, /^lab\/tools\/[\w-]+\/go\.mod$/);
            assert.ok(fs.existsSync(path.join(ROOT, file)), file);
        }
    });
});

describe("Workflows", () => {
    it("run scripts of package.json that are there", () => {
        const { scripts } = JSON.parse(
            fs.readFileSync(path.join(ROOT, "package.json"), "utf8"),
        ) as { scripts: Record<string, string> };
        const known = [...Object.keys(scripts), "ci"];
        const commands = fs
            .readdirSync(FOLDER)
            .flatMap((file) => [
                ...fs
                    .readFileSync(path.join(FOLDER, file), "utf8")
                    .matchAll(/\bnpm (?:run (?:--silent )?)?([\w:-]+)/g),
            ])
            .map(([, script = ""]) => script)
            .filter((script) => script !== "run");
        assert.ok(commands.length > 10);
        assert.deepEqual(
            commands.filter((script) => !known.includes(script) && script !== "npm"),
            [],
        );
    });

    it("use actions by commit: a tag can be moved", () => {
        const uses = steps().flatMap(([, step]) => step.uses ?? []);
        const loose = uses.filter((each) => !each.startsWith("./"));
        assert.deepEqual(
            loose.filter((each) => !/@[0-9a-f]{40}$/.test(each)),
            [],
        );
    });

    it("know no stack by name", () => {
        for (const [file, job] of [
            ["preview.yml", "preview"],
            ["deploy.yml", "deploy"],
        ] as const) {
            const { strategy } = read(file).jobs[job] ?? {};
            assert.equal(strategy?.matrix.stack, "${{ fromJSON(needs.check.outputs.stacks) }}");
        }
    });

    it("deploy nothing that was not checked", () => {
        const { deploy } = read("deploy.yml").jobs;
        assert.equal(deploy?.needs, "check");
        assert.equal(read("deploy.yml").jobs.check?.uses, "./.github/workflows/check.yml");
    });

    it("preview with an identity of its own, which is not the one that deploys", () => {
        assert.equal(read("preview.yml").jobs.preview?.environment, "${{ matrix.stack }}-preview");
        assert.equal(read("deploy.yml").jobs.deploy?.environment, "${{ matrix.stack }}");
    });

    it("ask for a token of their own identity, and for nothing more than that", () => {
        assert.deepEqual(read("deploy.yml").jobs.deploy?.permissions, {
            contents: "read",
            "id-token": "write",
        });
        assert.deepEqual(read("preview.yml").jobs.preview?.permissions, {
            contents: "read",
            "pull-requests": "write",
            "id-token": "write",
        });
    });

    it("run every ring that a pull request does not run", () => {
        const rings = read("rings.yml").jobs.ring?.strategy?.matrix.include as { ring: string }[];
        assert.deepEqual(rings.map(({ ring }) => ring).sort(), [
            "backup",
            "cluster",
            "drill",
            "edits",
            "elasticsearch",
            "mutation",
            "pipeline",
            "redis",
        ]);
    });

    it("fetch the libraries without which programs of docs/redis are skipped", () => {
        const { ring } = read("rings.yml").jobs;
        const [redis] = (ring?.strategy?.matrix.include ?? []).filter(
            (each) => (each as { ring: string }).ring === "redis",
        ) as { clients?: number; packages?: string }[];
        assert.equal(redis?.clients, 1);
        assert.match(redis?.packages ?? "", /\bmaven\b.*\bpython3-venv\b/);
        const last = ring?.steps?.at(-1) as { env?: Record<string, string> } | undefined;
        assert.equal(last?.env?.CLIENTS_INSTALL, "${{ matrix.clients }}");
    });

    it("build what takes too long for every run of the cluster tests", () => {
        const { ring } = read("rings.yml").jobs;
        const all = (ring?.strategy?.matrix.include ?? []) as { ring: string; slow?: number }[];
        assert.equal(all.find((each) => each.ring === "cluster")?.slow, 1);
        const last = ring?.steps?.at(-1) as { env?: Record<string, string> } | undefined;
        assert.equal(last?.env?.SLOW_TOOLS, "${{ matrix.slow }}");
    });
});
