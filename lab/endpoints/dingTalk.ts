import { createHmac } from "node:crypto";

import { z } from "zod";

import { bodyOf, byteLength, HttpEndpoint, Request, Verdict } from "./httpEndpoint";

const limited = z
    .string()
    .min(1)
    .refine((text) => byteLength(text) <= 20_000, "longer than 20000 bytes");

/** https://open.dingtalk.com/document/orgapp/custom-bot-send-message-type. */
const message = z.discriminatedUnion("msgtype", [
    z.object({ msgtype: z.literal("text"), text: z.object({ content: limited }) }),
    z.object({
        msgtype: z.literal("markdown"),
        markdown: z.object({ title: z.string().min(1), text: limited }),
    }),
]);

export type DingTalkMessage = z.output<typeof message>;

/** Milliseconds for which a signature is good. */
const SIGNATURE_AGE = 3_600_000;

/** A custom robot with signature check. It answers 200 whatever happens; `errcode` tells. */
export async function startDingTalk(
    signingSecret: string,
    host?: string,
): Promise<{
    inbox: HttpEndpoint<DingTalkMessage>;
    url: string;
}> {
    const token = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const inbox = await HttpEndpoint.start<DingTalkMessage>((request) => {
        if (request.path !== "/robot/send") {
            return { answer: { status: 404, body: "" }, refusal: `the path ${request.path}` };
        }
        if (request.query.get("access_token") !== token) {
            return refused(300001, "token is not exist");
        }
        const problem = signatureProblem(request, signingSecret);
        if (problem) {
            return refused(310000, problem);
        }
        const body = bodyOf(request, message);
        return "problem" in body
            ? refused(40035, body.problem)
            : {
                  answer: { status: 200, body: { errcode: 0, errmsg: "ok" } },
                  message: body.message,
              };
    }, host);
    return { inbox, url: `${inbox.origin}/robot/send?access_token=${token}` };
}

/** The answer of a robot that was called more than 20 times in a minute. */
export const DINGTALK_TOO_FAST = {
    status: 200,
    body: { errcode: 130101, errmsg: "send too fast, exceed 20 times per minute" },
};

/** https://open.dingtalk.com/document/robots/customize-robot-security-settings. */
function signatureProblem({ query }: Request, secret: string): string | undefined {
    const timestamp = query.get("timestamp") ?? "";
    if (!/^\d{13}$/.test(timestamp) || Math.abs(Date.now() - Number(timestamp)) > SIGNATURE_AGE) {
        return "invalid timestamp";
    }
    const sign = createHmac("sha256", secret).update(`${timestamp}\n${secret}`).digest("base64");
    return query.get("sign") === sign ? undefined : "sign not match";
}

function refused(errcode: number, errmsg: string): Verdict<never> {
    return {
        answer: { status: 200, body: { errcode, errmsg } },
        refusal: `${errcode} ${errmsg}`,
    };
}
