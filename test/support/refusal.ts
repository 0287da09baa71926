import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";

import * as pulumi from "@pulumi/pulumi";

import { ProgramOptions, ProgramRun } from "../../lab/program/program";
import { isolatedRun } from "../../lab/program/runs";

/**
 * Runs a stack that must be refused, and gives the refusal's text. Fails when the program ends otherwise, and when it
 * registered anything before: an update would have begun.
 */
export async function refusal(
    options: ProgramOptions,
    run: (options: ProgramOptions) => Promise<ProgramRun> = isolatedRun,
): Promise<string> {
    const message = await failure(options, run);
    assert.deepEqual(registered(), [], "nothing may be registered before the refusal");
    return message;
}

/** Runs a stack whose program must end itself with a text for the user, and gives the text. */
export async function failure(
    options: ProgramOptions,
    run: (options: ProgramOptions) => Promise<ProgramRun> = isolatedRun,
): Promise<string> {
    const error = await withoutUnhandledRejections(async () => {
        try {
            await run(options);
            return undefined;
        } catch (reason) {
            // What was registered before the error is still on its way to the engine.
            await pulumi.runtime.disconnect();
            return reason;
        }
    });
    assert.ok(error instanceof Error, `stack "${options.stack}" was accepted`);
    assert.ok(pulumi.RunError.isInstance(error), `it failed by itself: ${error.stack}`);
    return error.message;
}

/** What reached the engine's stand-in in the last run, beside the stack itself. */
export function registered(): string[] {
    const monitor = pulumi.runtime.getMonitor() as unknown as {
        getRegisteredResources(): ReadonlyMap<string, unknown>;
    };
    return [...monitor.getRegisteredResources().keys()].filter(
        (urn) => !urn.includes("::pulumi:pulumi:Stack::"),
    );
}

/** A program that throws rejects more promises than the one that is awaited. */
export async function withoutUnhandledRejections<T>(act: () => Promise<T>): Promise<T> {
    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", () => undefined);
    try {
        const result = await act();
        for (let turn = 0; turn < 3; turn++) {
            await setImmediate();
        }
        return result;
    } finally {
        process.removeAllListeners("unhandledRejection");
        listeners.forEach((listener) => process.on("unhandledRejection", listener));
    }
}
