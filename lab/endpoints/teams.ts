import { z } from "zod";

import { bodyOf, byteLength, HttpEndpoint } from "./httpEndpoint";

const PATH = "/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke";
const SIGNATURE = "uO0-sVlYnHBxXBr_b0pXxwXHfvlTpRDQKvmWlS5vCVE";

/** https://learn.microsoft.com/en-us/connectors/teams/#request-body-schema, https://adaptivecards.io/explorer/. */
const message = z.object({
    type: z.literal("message"),
    attachments: z
        .array(
            z.object({
                contentType: z.literal("application/vnd.microsoft.card.adaptive"),
                contentUrl: z.null(),
                content: z.object({
                    $schema: z.literal("http://adaptivecards.io/schemas/adaptive-card.json"),
                    type: z.literal("AdaptiveCard"),
                    version: z.string().regex(/^1\.[0-5]$/),
                    body: z
                        .array(
                            z.object({
                                type: z.literal("TextBlock"),
                                text: z.string().min(1),
                                color: z
                                    .enum([
                                        "Default",
                                        "Dark",
                                        "Light",
                                        "Accent",
                                        "Good",
                                        "Warning",
                                        "Attention",
                                    ])
                                    .optional(),
                            }),
                        )
                        .min(1),
                }),
            }),
        )
        .min(1),
});

export type TeamsMessage = z.output<typeof message>;

/** A workflow "when a Teams webhook request is received", whose URL carries its signature. */
export async function startTeams(
    host?: string,
): Promise<{ inbox: HttpEndpoint<TeamsMessage>; url: string }> {
    const inbox = await HttpEndpoint.start<TeamsMessage>((request) => {
        if (request.path !== PATH || request.query.get("sig") !== SIGNATURE) {
            const error = { code: "DirectApiAuthorizationRequired", message: "no signature" };
            return { answer: { status: 401, body: { error } }, refusal: error.message };
        }
        // A message of Teams is at most 28 KB.
        if (byteLength(request.text) > 28 * 1024) {
            return { answer: { status: 413, body: "" }, refusal: "more than 28 KB" };
        }
        const body = bodyOf(request, message);
        return "problem" in body
            ? { answer: { status: 400, body: body.problem }, refusal: body.problem }
            : { answer: { status: 202, body: "" }, message: body.message };
    }, host);
    const query = `api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${SIGNATURE}`;
    return { inbox, url: `${inbox.origin}${PATH}?${query}` };
}
