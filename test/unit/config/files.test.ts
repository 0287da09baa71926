import assert from "node:assert/strict";
import fs from "node:fs";
import * as path from "node:path";
import { mock } from "node:test";

import { CHARTS } from "../../../components/versions";
import { runProgram } from "../../support/program";
import { refusal } from "../../support/refusal";
import { previewOf, withEnv, withFolder } from "../../support/runs";
import { readStackFile } from "../../support/stackFile";

const archives = Object.values(CHARTS).map(({ chart, version }) => `${chart}-${version}.tgz`);

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

describe("Kubernetes context", () => {
    const kubeconfig = { contexts: [{ name: "prod-east" }, { name: "prod-west" }] };
    const withKubeconfig = (use: (file: string) => Promise<void>): Promise<void> =>
        withFolder((folder) => {
            const file = path.join(folder, "kubeconfig");
            fs.writeFileSync(file, JSON.stringify(kubeconfig));
            return withEnv("KUBECONFIG", file, () => use(file));
        });
    const settings = { ...readStackFile("prod"), kubeContext: "prod-eats" };

    it("is refused when no kubeconfig has it, with those that there are", () =>
        withKubeconfig(async (file) => {
            const message = await refusal({ stack: "prod", settings }, runProgram);
            assert.deepEqual(message.split("\n"), [
                `The configuration of stack "prod" has 1 problem; nothing was registered.`,
                `  observability:kubeContext: got "prod-eats"; did you mean "prod-east"? a context of ${file}: prod-east, prod-west`,
                "Edit Pulumi.prod.yaml; docs/configuration.md describes every key.",
            ]);
        }));

    it("is that of both providers when the kubeconfig has it", () =>
        withKubeconfig(async () => {
            const { registrations } = await runProgram({
                stack: "prod",
                settings: { ...settings, kubeContext: "prod-east" },
            });
            const contexts = registrations
                .filter(({ type }) => type === "pulumi:providers:kubernetes")
                .map(({ inputs }) => inputs.context);
            assert.deepEqual(contexts, ["prod-east", "prod-east"]);
        }));

    it("is not guessed when it is not set: the providers then reach no cluster", async () => {
        const { registrations } = await previewOf("prod", { kubeContext: "" });
        const providers = registrations.filter(
            ({ type }) => type === "pulumi:providers:kubernetes",
        );
        assert.equal(providers.length, 2);
        for (const { inputs, name } of providers) {
            const given = JSON.parse(inputs.kubeconfig as string) as { clusters: unknown[] };
            assert.deepEqual(given.clusters, [], name);
            assert.equal(inputs.context, undefined, name);
        }
    });
});

describe("Stack file", () => {
    it("is refused when a key comes twice: one of the two would be lost", () => {
        const text = "config:\n  observability:environment: a\n  observability:environment: b\n";
        const read = mock.method(fs, "readFileSync", () => text);
        try {
            assert.throws(() => readStackFile("prod"), /Map keys must be unique at line 3/);
        } finally {
            read.mock.restore();
        }
    });
});
