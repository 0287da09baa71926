import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Readable, Writable } from "node:stream";

import { eventually, isOnPath } from "../../lab/tools/commands";

type Answer = Readonly<Record<string, unknown>>;

/** A page in headless Chromium, which is told what to do as https://chromedevtools.github.io/devtools-protocol/ says. */
export interface Page {
    /** Evaluates JavaScript, waits for its promise, and returns its value. */
    evaluate(expression: string): Promise<unknown>;
    /** In pixels; a phone's screen has more dots than pixels, which are left out. */
    resize(width: number, height: number): Promise<void>;
    /** A PNG of what is on the screen. */
    screenshot(): Promise<Buffer>;
}

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Calls a function with a page that shows a file. Throws when no Chromium is there. */
export async function withPage(file: string, use: (page: Page) => Promise<void>): Promise<void> {
    const program = process.env.CHROMIUM ?? NAMES.find((name) => isOnPath(name));
    if (program === undefined) {
        throw new Error(
            `there is none of ${NAMES.join(", ")} on the PATH: install Debian's package \`chromium\`, or name one with CHROMIUM`,
        );
    }
    const profile = fs.mkdtempSync(path.join(path.dirname(file), "profile-"));
    const child = spawn(
        program,
        [
            ...["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"],
            ...["--hide-scrollbars", "--font-render-hinting=none", "--disable-lcd-text"],
            ...["--force-color-profile=srgb", "--allow-file-access-from-files", "--lang=en-US"],
            ...["--no-first-run", `--user-data-dir=${profile}`, "about:blank"],
        ],
        {
            stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
            env: { ...process.env, TZ: "UTC" },
        },
    );
    const [, , , input, output] = child.stdio as unknown as [0, 0, 0, Writable, Readable];
    const waiting = new Map<number, (answer: Answer) => void>();
    const fail = new Promise<never>((_, reject) => {
        child.on("error", reject);
        child.on("exit", (code) => reject(new Error(`${program} ended with ${String(code)}`)));
    });
    fail.catch(() => undefined);
    const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
    let rest = "";
    output.setEncoding("utf8");
    output.on("data", (text: string) => {
        const messages = (rest + text).split("\0");
        rest = messages.pop() ?? "";
        for (const each of messages) {
            const { id, ...answer } = JSON.parse(each) as { id?: number } & Answer;
            waiting.get(id ?? 0)?.(answer);
        }
    });
    let last = 0;
    const send = async (method: string, params: object, sessionId?: string): Promise<Answer> => {
        const id = ++last;
        const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
        input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
        const { error, result } = await Promise.race([answered, fail]);
        waiting.delete(id);
        if (error) {
            throw new Error(`${method}: ${JSON.stringify(error)}`);
        }
        return result as Answer;
    };
    try {
        const { targetId } = await send("Target.createTarget", { url: `file://${file}` });
        const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
        const ask = (method: string, params: object = {}) =>
            send(method, params, sessionId as string);
        const evaluate = async (expression: string): Promise<unknown> => {
            const { result, exceptionDetails } = (await ask("Runtime.evaluate", {
                expression,
                awaitPromise: true,
                returnByValue: true,
            })) as {
                result: { value?: unknown };
                exceptionDetails?: { text: string; exception?: { description?: string } };
            };
            if (exceptionDetails) {
                const { text, exception } = exceptionDetails;
                throw new Error(exception?.description ?? text);
            }
            return result.value;
        };
        // Until then there is an empty document.
        await eventually(
            "the page",
            60,
            async () =>
                (await evaluate("window.loaded && window.loaded.then(() => true)")) as
                    true | undefined,
            100,
        );
        await use({
            evaluate,
            resize: async (width, height) => {
                await ask("Emulation.setDeviceMetricsOverride", {
                    ...{ width, height, deviceScaleFactor: 1, mobile: false },
                });
            },
            screenshot: async () => {
                const { data } = await ask("Page.captureScreenshot", { format: "png" });
                return Buffer.from(data as string, "base64");
            },
        });
    } finally {
        // It tidies up, and then its helpers write no more into the profile.
        send("Browser.close", {}).catch(() => undefined);
        const killed = setTimeout(() => child.kill("SIGKILL"), 10_000);
        await ended;
        clearTimeout(killed);
        fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
}
