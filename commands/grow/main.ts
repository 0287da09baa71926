import { schema } from "../../components/stack/config";
import { declaredVolumes } from "../../components/stack/volumes";
import { formatProblems } from "../../components/settings/problems";
import { readSettings } from "../../components/settings/read";
import {
    PROJECT,
    ROOT,
    stackNames,
    stackSettings,
    readStackFile,
} from "../../lab/program/stackFile";
import { growRequest } from "./arguments";
import { Grower, loadClient } from "./grow";
import { planLines } from "./plan";

/** The keys that say how large something is. */
const sizes = schema.pick({
    kubeContext: true,
    cluster: true,
    namespaces: true,
    prometheus: true,
    alertmanager: true,
    grafana: true,
    elasticsearch: true,
    redis: true,
    backup: true,
});

/** `npm run grow -- STACK [--yes]`: what claims are not as the stack file says, and growing them. */
async function main(): Promise<void> {
    const { stack, yes } = growRequest(process.argv.slice(2), stackNames(ROOT));
    const settings = readSizes(stack);
    if (settings.kubeContext === "") {
        throw new Error(
            `kubeContext of stack "${stack}" is not set: npx pulumi config set kubeContext CONTEXT --stack ${stack}`,
        );
    }
    const client = await loadClient();
    const kubeconfig = new client.KubeConfig();
    kubeconfig.loadFromDefault();
    kubeconfig.setCurrentContext(settings.kubeContext);
    const grower = new Grower(client, kubeconfig, declaredVolumes(settings), (line) =>
        console.log(line),
    );
    const plan = await grower.plan();
    console.log(`Claims of stack "${stack}" in context ${settings.kubeContext}:`);
    planLines(plan).forEach((line) => console.log(line));
    process.exitCode = plan.refused.length > 0 ? 1 : 0;
    if (plan.grow.length + plan.restart.length === 0) {
        return;
    }
    if (!yes) {
        console.log(`Nothing was changed. npm run grow -- ${stack} --yes does it.`);
        return;
    }
    await grower.run();
    console.log("Done. Now: npx pulumi up, which brings the limits that follow the size.");
}

function readSizes(stack: string): (typeof sizes)["_output"] {
    const { config } = stackSettings(readStackFile(stack, ROOT));
    const input = Object.fromEntries(
        Object.keys(sizes.shape).flatMap((key) => {
            const text = config[`${PROJECT}:${key}`];
            return text === undefined
                ? []
                : [[key, key === "kubeContext" ? text : (JSON.parse(text) as unknown)]];
        }),
    );
    const { problems, value } = readSettings(sizes, input, []);
    if (problems.length > 0) {
        throw new Error(formatProblems(problems, PROJECT, stack));
    }
    return value as (typeof sizes)["_output"];
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
