/** Skips the running test, or in a `before` every test of its suite; the reason is printed at the end of the run. */
export function skip(context: Mocha.Context, reason: string): never {
    const runnable = context.test;
    const inHook = runnable instanceof Object && "type" in runnable && runnable.type === "hook";
    const holder = inHook ? runnable.parent : (context.currentTest ?? runnable);
    Object.assign(holder ?? {}, { skipReason: reason });
    return context.skip();
}
