import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { CHARTS } from "../../../components/versions";
import { withEnv, withFolder } from "../../../lab/program/runs";
import { ROOT } from "../../../lab/program/stackFile";
import { tools } from "../../../lab/tools/goTools";
import {
    fingerprint,
    linkerFlags,
    moduleFolder,
    pinnedVersion,
    TOOL_FAMILIES,
} from "../../../lab/tools/toolFamilies";

describe("Tools of the tests", () => {
    it("are all `tool` lines of a go.mod, which pins their versions", () => {
        for (const { folder, packages } of TOOL_FAMILIES) {
            const text = fs.readFileSync(path.join(moduleFolder(folder), "go.mod"), "utf8");
            const lines = text.split("\n").map((line) => line.replace(/^tool /, "").trim());
            for (const [name, source] of Object.entries(packages)) {
                assert.ok(lines.includes(source), `${name}: ${source} in ${folder}/go.mod`);
            }
        }
    });

    it("are kept apart by what they are built from", () => {
        const names = TOOL_FAMILIES.map(fingerprint);
        assert.equal(new Set(names).size, TOOL_FAMILIES.length);
        assert.deepEqual(TOOL_FAMILIES.map(fingerprint), names);
        for (const family of TOOL_FAMILIES) {
            assert.notEqual(fingerprint({ ...family, tags: "other" }), fingerprint(family));
        }
    });

    it("are of the version that the chart runs, where one of its programs is tested", () => {
        const pinned = fs.readFileSync(path.join(ROOT, "lab/charts/pinned.json"), "utf8");
        const version = pinnedVersion("kube-state-metrics", "k8s.io/kube-state-metrics/v2");
        assert.ok(pinned.includes(`/kube-state-metrics:${version}"`), version);
    });

    it("of Kubernetes carry its version, without which charts refuse the cluster", () => {
        const family = TOOL_FAMILIES.find(({ folder }) => folder === "kubernetes");
        assert.ok(family);
        assert.match(
            linkerFlags(family),
            / -X k8s\.io\/component-base\/version\.gitVersion=v1\.\d+\.\d+ /,
        );
    });

    it("are of the version that the chart installs, of KEDA, whose chart has its number", () => {
        const module = "github.com/kedacore/keda/v2";
        assert.equal(pinnedVersion("keda", module), `v${CHARTS.keda.version}`);
    });

    it("name what is missing, and what to do, where there is no Go", async () => {
        await withFolder((cache) =>
            withEnv("XDG_CACHE_HOME", cache, () =>
                withEnv("PATH", "/nowhere", () =>
                    assert.rejects(tools("etcd", "kube-apiserver"), {
                        message:
                            "cannot build etcd, kube-apiserver: there is no `go` on the PATH. Install Go 1.26 or later, " +
                            "or name a binary of each: ETCD, KUBE_APISERVER",
                    }),
                ),
            ),
        );
    });

    it("are taken from the variable of their name; one that is not there is refused", async () => {
        const { execPath } = process;
        await withEnv("KUBE_SCHEDULER", execPath, async () => {
            assert.deepEqual(await tools("kube-scheduler"), { "kube-scheduler": execPath });
        });
        await withEnv("ETCD", "/nowhere/etcd", () =>
            assert.rejects(
                tools("etcd"),
                /^Error: ETCD names \/nowhere\/etcd, which is not there$/,
            ),
        );
    });

    it("leave nothing half built when their build fails", async () => {
        await withFolder(async (folder) => {
            const broken = path.join(folder, "go");
            fs.writeFileSync(broken, "#!/bin/sh\necho 'no such package' >&2\nexit 1\n", {
                mode: 0o755,
            });
            await withEnv("XDG_CACHE_HOME", folder, () =>
                withEnv("PATH", `${folder}:${process.env.PATH}`, () =>
                    assert.rejects(
                        tools("etcd"),
                        /building etcd from .* failed:\nno such package$/,
                    ),
                ),
            );
            const left = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
            assert.deepEqual(
                left.filter((entry) => entry.isFile()).map(({ name }) => name),
                ["go"],
            );
        });
    });
});
