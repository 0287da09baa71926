import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { run } from "../../tools/commands";

/** An image as it is made on this machine. */
export interface Image {
    /** Under which manifests ask for it, with its tag. */
    readonly names: readonly string[];
    /** Programs of this machine by their path in the image, with the libraries that they need. */
    readonly programs: Readonly<Record<string, string>>;
    readonly entrypoint: readonly string[];
}

/** Makes an image archive in a folder, as https://github.com/moby/docker-image-spec has it; returns its path. */
export async function makeImage(
    { names, programs, entrypoint }: Image,
    folder: string,
): Promise<string> {
    const root = path.join(folder, "root");
    fs.mkdirSync(path.join(root, "tmp"), { recursive: true });
    fs.chmodSync(path.join(root, "tmp"), 0o1777);
    for (const [target, source] of Object.entries(programs)) {
        copy(source, path.join(root, target));
        for (const library of await libraries(source)) {
            copy(library, path.join(root, library));
        }
    }
    const layer = path.join(folder, "layer.tar");
    await tar(root, layer, ".");
    const digest = createHash("sha256").update(fs.readFileSync(layer)).digest("hex");
    const config = {
        architecture: process.arch === "x64" ? "amd64" : process.arch,
        os: "linux",
        rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
        config: { Entrypoint: entrypoint, Env: ["PATH=/usr/local/bin:/usr/bin:/bin"] },
    };
    const manifest = [{ Config: "config.json", RepoTags: names, Layers: ["layer.tar"] }];
    fs.writeFileSync(path.join(folder, "config.json"), JSON.stringify(config));
    fs.writeFileSync(path.join(folder, "manifest.json"), JSON.stringify(manifest));
    const archive = path.join(folder, "image.tar");
    await tar(folder, archive, "manifest.json", "config.json", "layer.tar");
    return archive;
}

/** The shared libraries of a program, and what loads them; none of a static one. */
async function libraries(program: string): Promise<string[]> {
    const printed = await run("ldd", [program]).catch(() => "");
    return [...printed.matchAll(/(\/\S+) \(0x/g)].map(([, file]) => file ?? "");
}

function copy(source: string, target: string): void {
    if (!fs.existsSync(target)) {
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.copyFileSync(fs.realpathSync(source), target);
        fs.chmodSync(target, 0o755);
    }
}

function tar(folder: string, archive: string, ...names: readonly string[]): Promise<string> {
    const owner = ["--owner=0", "--group=0", "--numeric-owner"];
    return run("tar", [
        "-C",
        folder,
        "-cf",
        archive,
        ...owner,
        "--mtime=@0",
        "--sort=name",
        ...names,
    ]);
}
