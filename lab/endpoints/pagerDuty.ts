import { z } from "zod";

import { bodyOf, byteLength, HttpEndpoint } from "./httpEndpoint";

/** https://developer.pagerduty.com/docs/send-alert-event, with its limits. */
const event = z
    .object({
        routing_key: z.string().length(32),
        event_action: z.enum(["trigger", "acknowledge", "resolve"]),
        dedup_key: z.string().min(1).max(255).optional(),
        client: z.string().optional(),
        client_url: z.string().optional(),
        links: z.array(z.object({ href: z.url(), text: z.string().optional() })).optional(),
        payload: z
            .object({
                summary: z.string().min(1).max(1024),
                source: z.string().min(1),
                severity: z.enum(["critical", "error", "warning", "info"]),
                timestamp: z.string().optional(),
                component: z.string().optional(),
                group: z.string().optional(),
                class: z.string().optional(),
                custom_details: z.unknown().optional(),
            })
            .optional(),
    })
    .refine(({ event_action, payload }) => event_action !== "trigger" || payload !== undefined, {
        error: "a trigger needs a payload",
    })
    .refine(({ event_action, dedup_key }) => event_action === "trigger" || dedup_key, {
        error: "what is not a trigger needs a dedup_key",
    });

export type PagerDutyEvent = z.output<typeof event>;

/** The Events API v2. Takes events of one integration (routing) key. */
export async function startPagerDuty(
    routingKey: string,
    host?: string,
): Promise<{
    inbox: HttpEndpoint<PagerDutyEvent>;
    url: string;
}> {
    const inbox = await HttpEndpoint.start<PagerDutyEvent>((request) => {
        const refuse = (why: string, status = 400) => ({
            answer: {
                status,
                body: {
                    status: "invalid event",
                    message: "Event object is invalid",
                    errors: [why],
                },
            },
            refusal: why,
        });
        if (request.path !== "/v2/enqueue") {
            return refuse(`the path ${request.path}`, 404);
        }
        // 512 KB, says the documentation.
        if (byteLength(request.text) > 512 * 1024) {
            return refuse("an event of more than 512 KB", 413);
        }
        const body = bodyOf(request, event);
        if ("problem" in body) {
            return refuse(body.problem);
        }
        if (body.message.routing_key !== routingKey) {
            return refuse("'routing_key' is invalid");
        }
        const { dedup_key } = body.message;
        const accepted = { status: "success", message: "Event processed", dedup_key };
        return { answer: { status: 202, body: accepted }, message: body.message };
    }, host);
    return { inbox, url: `${inbox.origin}/v2/enqueue` };
}
