/** Skips the running test, or in a `before` every test of its suite, and has the reason printed at the end of the run. */
export function skip(context: Mocha.Context, reason: string): never {
    const suite: Mocha.Suite | undefined = context.test?.parent;
    const running = context.currentTest ?? context.test;
    for (const holder of context.test?.type === "hook" ? [suite] : [running]) {
        Object.assign(holder ?? {}, { skipReason: reason });
    }
    return context.skip();
}
