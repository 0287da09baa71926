import { REGISTER_INSTANCE } from "ts-node";

/**
 * A run loads the program's files afresh, and ts-node would transpile each of them again: most of a run's time. Import
 * this before the first run.
 */
const service = process[REGISTER_INSTANCE];
if (service) {
    const transpile = service.compile.bind(service);
    const known = new Map<string, string>();
    service.compile = (code, fileName, lineOffset) => {
        const key = `${fileName}\n${code}`;
        const output = known.get(key) ?? transpile(code, fileName, lineOffset);
        known.set(key, output);
        return output;
    };
}
