import { ROOT, stackNames } from "../../lab/program/stackFile";
import { recover, recoverRequest } from "./recover";

recover(recoverRequest(process.argv.slice(2), stackNames(ROOT)), ROOT, console.log).catch(
    (error: unknown) => {
        console.error((error as Error).message);
        process.exitCode = 1;
    },
);
