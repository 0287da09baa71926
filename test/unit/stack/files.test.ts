import assert from "node:assert/strict";
import fs from "node:fs";
import * as path from "node:path";

import { CHARTS } from "../../../components/versions";
import { previewOf, withFolder } from "../../../lab/program/runs";
import { readStackFile } from "../../../lab/program/stackFile";
import { refusal } from "../../support/refusal";

const { keda, prometheusAdapter, ...always } = CHARTS;
const archiveOf = ({ chart, version }: { readonly chart: string; readonly version: string }) =>
    `${chart}-${version}.tgz`;
/** Of the charts that every stack with everything on has. */
const archives = Object.values(always).map(archiveOf);

/** Calls a function with a folder of empty archives of all charts but those left out. */
function withCharts<T>(missing: string, use: (folder: string) => Promise<T>): Promise<T> {
    return withFolder((folder) => {
        archives
            .filter((archive) => archive !== missing)
            .forEach((archive) => fs.writeFileSync(path.join(folder, archive), ""));
        return use(folder);
    });
}

describe("Folder of chart archives", () => {
    it("is used for every release when it holds every archive", () =>
        withCharts("", async (folder) => {
            const run = await previewOf("staging", { charts: { source: folder } });
            const charts = run.registrations
                .filter(({ type }) => type === "kubernetes:helm.sh/v3:Release")
                .map(({ inputs }) => inputs.chart as string);
            // The CRDs of the Redis operator come from its chart too.
            assert.deepEqual(charts.sort(), archives.map((a) => path.join(folder, a)).sort());
        }));

    it("needs the archive of a provider of autoscaling only where it is chosen", () =>
        withCharts("", async (folder) => {
            for (const [provider, chart] of [
                ["keda", keda],
                ["prometheus-adapter", prometheusAdapter],
            ] as const) {
                const settings = {
                    ...readStackFile("prod"),
                    charts: { source: folder },
                    autoscaling: { provider },
                };
                const message = await refusal({ stack: "prod", settings });
                assert.match(message, /has 1 problem;/);
                assert.ok(message.includes(path.join(folder, archiveOf(chart))), message);
            }
        }));

    it("is refused when an archive is missing, with the archive's name", () =>
        withCharts(archives[0] ?? "", async (folder) => {
            const settings = { ...readStackFile("prod"), charts: { source: folder } };
            const message = await refusal({ stack: "prod", settings });
            const file = path.join(folder, archives[0] ?? "");
            assert.match(message, /has 1 problem;/);
            assert.ok(
                message.includes(
                    `; a folder with every chart archive, and ${file} does not exist: fetch it with \`helm pull\`, or use "repository" or a mirror's URL\n`,
                ),
                message,
            );
            assert.match(message, /^ {2}observability:charts\.source: got "/m);
            assert.match(message, /^Edit Pulumi\.prod\.yaml; /m);
        }));
});

describe("Stack file", () => {
    it("is refused when a key comes twice: one of the two would be lost", () =>
        withFolder((folder) => {
            fs.writeFileSync(
                path.join(folder, "Pulumi.prod.yaml"),
                "config:\n  observability:environment: a\n  observability:environment: b\n",
            );
            assert.throws(
                () => readStackFile("prod", folder),
                /line 3: got YAML that cannot be read \(DUPLICATE_KEY: Map keys must be unique\)/,
            );
            return Promise.resolve();
        }));
});
