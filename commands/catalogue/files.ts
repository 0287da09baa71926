import * as fs from "node:fs";
import * as path from "node:path";

import * as prettier from "prettier";
import { parse } from "yaml";

import { ROOT } from "../../lab/program/stackFile";
import { buildCatalogue, Dump, MetricList } from "./build";
import { recordedMetrics } from "./recorded";

/** Answers of redis_exporter that are checked in, without their help texts. */
export const DUMPS = path.join(ROOT, "commands/catalogue/dumps");
const LISTS = path.join(ROOT, "commands/catalogue/lists");
const DATA = path.join(ROOT, "components/metrics/catalogue/data");

/**
 * Exposers that a folder has dumps of, `<exposer>/<version>/<anything>.prom`, or a chart's rendered rules,
 * `<chart>/<version>/<anything>.yaml`; and those that only have a list. Charts come last: their labels follow from the
 * others.
 */
export function exposersOf(folder: string): string[] {
    const listed = fs.readdirSync(LISTS).map((file) => path.basename(file, ".yaml"));
    const dumped = fs.readdirSync(folder);
    const onlyListed = listed.filter((exposer) => !hasDumps(exposer));
    const recorded = (exposer: string): boolean =>
        readDumps(folder, exposer).some(({ name }) => name.endsWith(".yaml"));
    return [...new Set([...dumped, ...onlyListed])].sort(
        (a, b) => Number(recorded(a)) - Number(recorded(b)) || (a < b ? -1 : 1),
    );
}

/** True where the catalogue rests on dumps, which a folder without them must not overwrite. */
function hasDumps(exposer: string): boolean {
    const file = path.join(DATA, `${exposer}.json`);
    return fs.existsSync(file) && /"\/metrics of /.test(fs.readFileSync(file, "utf8"));
}

/** An exposer's file of the catalogue, formatted like every file of this repository. */
export async function catalogueFile(
    folder: string,
    exposer: string,
): Promise<{ file: string; content: string }> {
    const file = path.join(DATA, `${exposer}.json`);
    const dumps = readDumps(folder, exposer);
    const [rules] = dumps.filter(({ name }) => name.endsWith(".yaml"));
    const catalogue = rules
        ? recordedMetrics(exposer, rules.version, rules.text)
        : buildCatalogue(exposer, dumps, readList(exposer));
    const options = await prettier.resolveConfig(file);
    const text = JSON.stringify(catalogue);
    return { file, content: await prettier.format(text, { ...options, filepath: file }) };
}

function readDumps(folder: string, exposer: string): (Dump & { readonly name: string })[] {
    const versions = path.join(folder, exposer);
    return fs.existsSync(versions)
        ? fs.readdirSync(versions).flatMap((version) =>
              fs.readdirSync(path.join(versions, version)).map((file) => ({
                  name: file,
                  version,
                  text: fs.readFileSync(path.join(versions, version, file), "utf8"),
              })),
          )
        : [];
}

function readList(exposer: string): MetricList | undefined {
    const file = path.join(LISTS, `${exposer}.yaml`);
    return fs.existsSync(file) ? (parse(fs.readFileSync(file, "utf8")) as MetricList) : undefined;
}
