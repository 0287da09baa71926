import { z } from "zod";

import { bodyOf, HttpEndpoint } from "./httpEndpoint";

const labels = z.record(z.string(), z.string());

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. */
const message = z.object({
    version: z.literal("4"),
    groupKey: z.string().min(1),
    truncatedAlerts: z.int(),
    status: z.enum(["firing", "resolved"]),
    receiver: z.string().min(1),
    groupLabels: labels,
    commonLabels: labels,
    commonAnnotations: labels,
    externalURL: z.string(),
    alerts: z
        .array(
            z.object({
                status: z.enum(["firing", "resolved"]),
                labels,
                annotations: labels,
                startsAt: z.iso.datetime({ offset: true }),
                endsAt: z.iso.datetime({ offset: true }),
                generatorURL: z.string(),
                fingerprint: z.string().min(1),
            }),
        )
        .min(1),
});

export type WebhookMessage = z.output<typeof message>;

/** A receiver of Alertmanager's own messages, behind a URL that is the secret. */
export async function startWebhook(host?: string): Promise<{
    inbox: HttpEndpoint<WebhookMessage>;
    url: string;
}> {
    const path = "/alerts/2f9c1d6e";
    const inbox = await HttpEndpoint.start<WebhookMessage>((request) => {
        if (request.path !== path) {
            return { answer: { status: 404, body: "" }, refusal: `the path ${request.path}` };
        }
        const body = bodyOf(request, message);
        return "problem" in body
            ? { answer: { status: 400, body: body.problem }, refusal: body.problem }
            : { answer: { status: 200, body: "" }, message: body.message };
    }, host);
    return { inbox, url: `${inbox.origin}${path}` };
}
