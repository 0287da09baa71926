import { runProgram } from "../../lab/program/program";
import { readStackFile } from "../../lab/program/stackFile";

/** Runs staging offline with as many Redis instances as the argument says. */
async function main(count: number): Promise<void> {
    const settings = readStackFile("staging");
    const instance = { mode: "replication", replicas: 3, memory: "256Mi", storageSize: "1Gi" };
    const instances = Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`redis-${i}`, instance]),
    );
    await runProgram({
        stack: "staging",
        settings: { ...settings, redis: { staging: { instances } } },
    });
}

// As in `npm start`.
Error.stackTraceLimit = 0;
void main(Number(process.argv[2]));
