import { schema } from "../../components/stack/config";
import { formatProblems } from "../../components/settings/problems";
import { readSettings } from "../../components/settings/read";
import {
    PROJECT,
    readStackFile,
    ROOT,
    stackNames,
    stackSettings,
} from "../../lab/program/stackFile";
import { Instances, restoreLines, restoreRequest } from "./arguments";
import { loadClient, Restorer } from "./restore";

const read = schema.pick({ kubeContext: true, redis: true });

/**
 * `npm run restore -- STACK NAMESPACE/SOURCE [NAMESPACE/TARGET]`: a backup of one Redis into it, or into another one of its
 * namespace and of any mode, with a count of what came.
 */
async function main(): Promise<void> {
    const request = restoreRequest(process.argv.slice(2), stackNames(ROOT), instancesOf);
    const { kubeContext } = settingsOf(request.stack);
    if (kubeContext === "") {
        throw new Error(
            `kubeContext of stack "${request.stack}" is not set: npx pulumi config set kubeContext CONTEXT --stack ${request.stack}`,
        );
    }
    console.log(`Stack "${request.stack}" in context ${kubeContext}:`);
    restoreLines(request).forEach((line) => console.log(line));
    if (!request.yes) {
        console.log("Nothing was changed. The same with --yes does it.");
        return;
    }
    const client = await loadClient();
    const kubeconfig = new client.KubeConfig();
    kubeconfig.loadFromDefault();
    kubeconfig.setCurrentContext(kubeContext);
    await new Restorer(client, kubeconfig, (line) => console.log(line)).run(request);
}

function instancesOf(stack: string): Instances {
    return Object.fromEntries(
        Object.entries(settingsOf(stack).redis).map(([namespace, { instances }]) => [
            namespace,
            Object.fromEntries(
                Object.entries(instances).map(([name, { backup }]) => [name, backup !== undefined]),
            ),
        ]),
    );
}

function settingsOf(stack: string): (typeof read)["_output"] {
    const { config } = stackSettings(readStackFile(stack, ROOT));
    const input = Object.fromEntries(
        Object.keys(read.shape).flatMap((key) => {
            const text = config[`${PROJECT}:${key}`];
            return text === undefined
                ? []
                : [[key, key === "kubeContext" ? text : (JSON.parse(text) as unknown)]];
        }),
    );
    const { problems, value } = readSettings(read, input, []);
    if (problems.length > 0) {
        throw new Error(formatProblems(problems, PROJECT, stack));
    }
    return value as (typeof read)["_output"];
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
