import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { ProgramRun, Registration, runProgram } from "../../../lab/program/program";
import { previewOf, withEnv, withFolder } from "../../../lab/program/runs";
import { readStackFile } from "../../../lab/program/stackFile";
import { refusal } from "../../support/refusal";
import { changed } from "../../support/refusalTable";

describe("Kubernetes context", () => {
    const kubeconfig = { contexts: [{ name: "prod-east" }, { name: "prod-west" }] };
    const withKubeconfig = (
        use: (file: string) => Promise<void>,
        text = JSON.stringify(kubeconfig),
    ): Promise<void> =>
        withFolder((folder) => {
            const file = path.join(folder, "kubeconfig");
            fs.writeFileSync(file, text);
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

    it("is refused when the kubeconfig cannot be read, with its name", () =>
        withKubeconfig(async (file) => {
            const message = await refusal({ stack: "prod", settings }, runProgram);
            assert.ok(message.startsWith(`kubeconfig ${file} cannot be read: `), message);
        }, "contexts: ["));

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

describe("Kubernetes providers", () => {
    const provider = ({ registrations }: ProgramRun, name: string): Registration => {
        const found = registrations.find(
            (each) => each.type === "pulumi:providers:kubernetes" && each.name === name,
        );
        return found ?? assert.fail(`no provider "${name}"`);
    };

    it("take over what is there: what may be is decided before, by the marks", async () => {
        const run = await previewOf("staging");
        for (const name of ["cluster", "cluster-retained"]) {
            assert.equal(provider(run, name).inputs.upsertExistingObjects, "true", name);
        }
    });

    it("of a new stack tell its cluster from others by its name", async () => {
        const change = changed("staging", "cluster", { name: "east" });
        const run = await previewOf("staging", change);
        for (const name of ["cluster", "cluster-retained"]) {
            assert.equal(provider(run, name).inputs.clusterIdentifier, "east", name);
        }
    });
});
