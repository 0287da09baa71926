import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { makeImage } from "../../../lab/cluster/node/image";
import { imagesNamed } from "../../../lab/cluster/node/images";
import { run } from "../../../lab/tools/commands";

const NAME = "registry.example.org/shell:1.0";

describe("an image that is made on this machine", () => {
    let folder: string;

    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-image-"));
    });

    afterEach(() => fs.rmSync(folder, { recursive: true }));

    const make = (place: string): Promise<string> =>
        makeImage(
            { names: [NAME], programs: { "usr/bin/sh": "/bin/sh" }, entrypoint: ["sh"] },
            path.join(folder, place),
        );

    it("has the name that manifests ask for, and its programs with their libraries", async () => {
        const archive = await make("one");
        const manifest = await run("tar", ["-xOf", archive, "manifest.json"]);
        assert.deepEqual(JSON.parse(manifest), [
            { Config: "config.json", RepoTags: [NAME], Layers: ["layer.tar"] },
        ]);
        const files = await run("tar", ["-tf", path.join(folder, "one", "layer.tar")]);
        assert.match(files, /^\.\/usr\/bin\/sh$/m);
        // A program of Debian cannot start without it.
        assert.match(files, /\/ld-linux[^/]*$/m);
    });

    it("is byte-identical when it is made again", async () => {
        const [first, second] = [await make("one"), await make("two")];
        assert.ok(fs.readFileSync(first).equals(fs.readFileSync(second)));
    });

    it("is refused with those that can be made when its programs are not known", async () => {
        await assert.rejects(
            imagesNamed(["docker.io/grafana/grafana:13.2.0"]),
            /no image docker\.io\/grafana\/grafana can be made here, only .*prometheus\/node-exporter/,
        );
    });
});
