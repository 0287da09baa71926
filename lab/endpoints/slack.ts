import { z } from "zod";

import { bodyOf, HttpEndpoint } from "./httpEndpoint";

const PATH = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";

const message = z
    .object({
        channel: z.string().optional(),
        text: z.string().optional(),
        attachments: z
            .array(
                z.object({
                    title: z.string().optional(),
                    title_link: z.union([z.url(), z.literal("")]).optional(),
                    text: z.string().optional(),
                    fallback: z.string().optional(),
                    color: z.string().optional(),
                }),
            )
            // https://api.slack.com/reference/messaging/attachments
            .max(100, "too_many_attachments")
            .optional(),
    })
    .refine(({ text, attachments }) => Boolean(text) || Boolean(attachments?.length), "no_text");

export type SlackMessage = z.output<typeof message>;

/** An incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. */
export async function startSlack(
    host?: string,
): Promise<{ inbox: HttpEndpoint<SlackMessage>; url: string }> {
    const inbox = await HttpEndpoint.start<SlackMessage>((request) => {
        if (request.path !== PATH) {
            return { answer: { status: 404, body: "no_service" }, refusal: "no_service" };
        }
        const body = bodyOf(request, message);
        return "problem" in body
            ? { answer: { status: 400, body: "invalid_payload" }, refusal: body.problem }
            : { answer: { status: 200, body: "ok" }, message: body.message };
    }, host);
    return { inbox, url: `${inbox.origin}${PATH}` };
}
