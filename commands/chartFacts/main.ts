import * as fs from "node:fs";
import * as path from "node:path";

import { CHARTS } from "../../components/versions";
import { CHART_PODS } from "../../lab/charts/chartPods";
import { CHART_FACTS_FILE, ChartFacts } from "../../lab/charts/facts";
import { releases } from "../../lab/program/objects";
import { adapterRun, everyPartRun, previewOf, withFolder } from "../../lab/program/runs";
import { ROOT } from "../../lab/program/stackFile";
import { run } from "../../lab/tools/commands";
import { tool } from "../../lab/tools/goTools";
import { renderManifests } from "../preview/manifests";
import { factsOf } from "./facts";

/** Charts refuse a Kubernetes that is too old; without a cluster, Helm takes its own for one. */
const KUBE_VERSION = "1.34.0";

/** `npm run chart-facts`: writes what only the archives of the charts tell. CHARTS_DIR is the folder with them. */
async function main(): Promise<void> {
    const folder = process.env.CHARTS_DIR;
    const wanted = Object.values(CHARTS).filter(({ chart }) => CHART_PODS[chart]);
    const missing = wanted.filter(
        ({ chart, version }) => !folder || !fs.existsSync(archive(folder, chart, version)),
    );
    if (folder === undefined || missing.length > 0) {
        throw new Error(
            [
                `CHARTS_DIR must name a folder with the archives of the charts; it is ${folder ?? "not set"}, and these are missing:`,
                ...missing.map(
                    ({ chart, version, repository }) =>
                        `  helm pull ${chart} --repo ${repository} --version ${version} --destination ${folder ?? "charts"}`,
                ),
            ].join("\n"),
        );
    }
    const helm = await tool("helm");
    // What is off by default has its values as well: without them a chart brings more than we install.
    const runs = [await previewOf("prod"), await everyPartRun(), await adapterRun()];
    const facts: Record<string, ChartFacts> = {};
    for (const { chart, version } of wanted) {
        const [found] = runs.flatMap((each) =>
            releases(each)
                .filter((release) => release.chart === chart)
                .map((release) => ({ release, registrations: each.registrations })),
        );
        if (found === undefined) {
            throw new Error(`no stack installs the chart ${chart}: its values are not known`);
        }
        const { release } = found;
        const files = renderManifests(found.registrations);
        const file = archive(folder, chart, version);
        const { name } = release;
        const template = ["template", name, file, "--kube-version", KUBE_VERSION];
        facts[chart] = await withFolder(async (temporary) => {
            const values = path.join(temporary, "values.yaml");
            fs.writeFileSync(
                values,
                files[`${release.namespace}/helm-values-${name}.yaml`] ?? "{}",
            );
            return factsOf(chart, version, {
                ours: await run(helm, [...template, "--values", values]),
                plain: await run(helm, template),
                values: await run(helm, ["show", "values", file]),
            });
        });
    }
    fs.writeFileSync(CHART_FACTS_FILE, `${JSON.stringify(facts, null, 4)}\n`);
    console.log(`wrote ${path.relative(ROOT, CHART_FACTS_FILE)}`);
}

function archive(folder: string, chart: string, version: string): string {
    return path.join(folder, `${chart}-${version}.tgz`);
}

if (require.main === module) {
    main().catch((error: unknown) => {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 1;
    });
}
