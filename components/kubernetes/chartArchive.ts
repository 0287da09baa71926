import * as fs from "node:fs";
import { gunzipSync } from "node:zlib";

import { parse } from "yaml";

type Values = Readonly<Record<string, unknown>>;

/**
 * The default values in a chart's archive, with those of its subcharts below their names; what the chart says of a
 * subchart goes over the subchart's own. Throws where the file is no such archive.
 */
export function chartValues(archive: string): Values {
    const files = tarFiles(gunzipSync(fs.readFileSync(archive)), /(^|\/)values\.yaml$/);
    const [root] = [...files.keys()].sort((a, b) => a.length - b.length);
    if (root === undefined) {
        throw new Error(`${archive} has no values.yaml`);
    }
    const folder = root.slice(0, -"values.yaml".length);
    const subcharts = [...files.entries()].flatMap(([file, text]) => {
        const [, name] = /^charts\/([^/]+)\/values\.yaml$/.exec(file.slice(folder.length)) ?? [];
        return name ? [[name, read(text)] as const] : [];
    });
    const own = read(files.get(root) ?? "");
    return subcharts.reduce<Values>(
        (values, [name, defaults]) => ({ ...values, [name]: merged(defaults, values[name]) }),
        own,
    );
}

function read(text: string): Values {
    return (parse(text) ?? {}) as Values;
}

function merged(base: unknown, over: unknown): unknown {
    return isMap(base) && isMap(over)
        ? Object.fromEntries(
              [...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => [
                  key,
                  key in over ? merged(base[key], over[key]) : base[key],
              ]),
          )
        : over;
}

function isMap(value: unknown): value is Values {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

const BLOCK = 512;

/** Texts of the files whose names match: https://www.gnu.org/software/tar/manual/html_node/Standard.html. */
function tarFiles(tar: Buffer, names: RegExp): Map<string, string> {
    const files = new Map<string, string>();
    for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
        const field = (from: number, length: number) =>
            tar
                .toString("utf8", at + from, at + from + length)
                .replace(/\0.*$/s, "")
                .trim();
        const size = parseInt(field(124, 12), 8) || 0;
        const prefix = field(345, 155);
        const name = `${prefix ? `${prefix}/` : ""}${field(0, 100)}`;
        if (names.test(name)) {
            files.set(name, tar.toString("utf8", at + BLOCK, at + BLOCK + size));
        }
        at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    }
    return files;
}
