import { HttpEndpoint } from "./httpEndpoint";

export interface Beat {
    readonly text: string;
}

/**
 * A dead man's switch as hosted ones work (Healthchecks, Dead Man's Snitch, Cronitor): any request to its check-in URL
 * counts, and the alarm is raised when none came for an interval and a grace time.
 */
export async function startHeartbeat(host?: string): Promise<{
    inbox: HttpEndpoint<Beat>;
    url: string;
    /** Milliseconds since the last beat, or since the start when none came. */
    silence: () => number;
}> {
    const path = "/ping/5f0c1d6e-4a0b-4ce1-9f3a-2f9c1d6e5f0c";
    const started = Date.now();
    const inbox = await HttpEndpoint.start<Beat>(
        (request) =>
            request.path === path
                ? { answer: { status: 200, body: "OK" }, message: { text: request.text } }
                : { answer: { status: 404, body: "(not found)" }, refusal: "an unknown check" },
        host,
    );
    return {
        inbox,
        url: `${inbox.origin}${path}`,
        silence: () => Date.now() - (inbox.deliveries.at(-1)?.at ?? started),
    };
}
