import { runProgram } from "../../lab/program/program";
import { readStackFile } from "../../lab/program/stackFile";

/** Fewer than a namespace takes: the addresses of all its Services are variables of each pod. */
const PER_NAMESPACE = 100;

/** Runs staging offline with as many Redis instances as the argument says. */
async function main(count: number): Promise<void> {
    const settings = readStackFile("staging");
    const instance = { mode: "replication", replicas: 3, memory: "256Mi", storageSize: "1Gi" };
    const redis: Record<string, { instances: Record<string, object> }> = {};
    for (let i = 0; i < count; i++) {
        const namespace = i < PER_NAMESPACE ? "staging" : `team-${Math.floor(i / PER_NAMESPACE)}`;
        redis[namespace] ??= { instances: {} };
        redis[namespace].instances[`redis-${i}`] = instance;
    }
    await runProgram({ stack: "staging", settings: { ...settings, redis } });
}

// As in `npm start`.
Error.stackTraceLimit = 0;
void main(Number(process.argv[2]));
