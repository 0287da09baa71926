import { z } from "zod";

import { bodyOf, byteLength, HttpEndpoint, Verdict } from "./httpEndpoint";

const utf8 = (limit: number) =>
    z
        .string()
        .min(1, "empty content")
        .refine((text) => byteLength(text) <= limit, `longer than ${limit} bytes`);

/** https://developer.work.weixin.qq.com/document/path/90236: longer text is cut, with the links at its end. */
const appMessage = z
    .discriminatedUnion("msgtype", [
        z.object({
            msgtype: z.literal("text"),
            touser: z.string().optional(),
            toparty: z.string().optional(),
            totag: z.string().optional(),
            agentid: z.coerce.number().int(),
            text: z.object({ content: utf8(2048) }),
        }),
        z.object({
            msgtype: z.literal("markdown"),
            touser: z.string().optional(),
            toparty: z.string().optional(),
            totag: z.string().optional(),
            agentid: z.coerce.number().int(),
            markdown: z.object({ content: utf8(2048) }),
        }),
    ])
    .refine(({ touser, toparty, totag }) => touser || toparty || totag, "nobody to send it to");

export type WeComAppMessage = z.output<typeof appMessage>;

export interface WeComApp {
    readonly corpId: string;
    readonly secret: string;
    readonly agentId: number;
}

/** The API of an enterprise application: a token for the secret, and messages for the token. */
export async function startWeComApp(
    app: WeComApp,
    host?: string,
): Promise<{
    inbox: HttpEndpoint<WeComAppMessage>;
    /** With the slash at its end, as Alertmanager's `api_url` needs it. */
    url: string;
}> {
    const token = "token-of-two-hours";
    const inbox = await HttpEndpoint.start<WeComAppMessage>((request) => {
        if (request.path === "/cgi-bin/gettoken") {
            const { query } = request;
            if (query.get("corpid") !== app.corpId) {
                return refused(40013, "invalid corpid");
            }
            if (query.get("corpsecret") !== app.secret) {
                return refused(40001, "invalid credential");
            }
            return {
                answer: {
                    status: 200,
                    body: { errcode: 0, errmsg: "ok", access_token: token, expires_in: 7200 },
                },
            };
        }
        if (request.path !== "/cgi-bin/message/send") {
            return { answer: { status: 404, body: "" }, refusal: `the path ${request.path}` };
        }
        if (request.query.get("access_token") !== token) {
            return refused(40014, "invalid access_token");
        }
        const body = bodyOf(request, appMessage);
        if ("problem" in body) {
            return refused(40008, body.problem);
        }
        if (body.message.agentid !== app.agentId) {
            return refused(40056, "invalid agentid");
        }
        return accepted(body.message);
    }, host);
    return { inbox, url: `${inbox.origin}/cgi-bin/` };
}

/** https://developer.work.weixin.qq.com/document/path/91770. */
const robotMessage = z.discriminatedUnion("msgtype", [
    z.object({ msgtype: z.literal("text"), text: z.object({ content: utf8(2048) }) }),
    z.object({ msgtype: z.literal("markdown"), markdown: z.object({ content: utf8(4096) }) }),
]);

export type WeComRobotMessage = z.output<typeof robotMessage>;

/** The webhook of a robot in a group chat. It answers 200 whatever happens; `errcode` tells. */
export async function startWeComRobot(host?: string): Promise<{
    inbox: HttpEndpoint<WeComRobotMessage>;
    url: string;
}> {
    const key = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa";
    const inbox = await HttpEndpoint.start<WeComRobotMessage>((request) => {
        if (request.path !== "/cgi-bin/webhook/send") {
            return { answer: { status: 404, body: "" }, refusal: `the path ${request.path}` };
        }
        if (request.query.get("key") !== key) {
            return refused(93000, "invalid webhook url");
        }
        const body = bodyOf(request, robotMessage);
        return "problem" in body ? refused(40058, body.problem) : accepted(body.message);
    }, host);
    return { inbox, url: `${inbox.origin}/cgi-bin/webhook/send?key=${key}` };
}

/** The answer of a robot that was called more than 20 times in a minute. */
export const WECOM_TOO_FAST = {
    status: 200,
    body: { errcode: 45009, errmsg: "api freq out of limit" },
};

function accepted<T>(message: T): Verdict<T> {
    return { answer: { status: 200, body: { errcode: 0, errmsg: "ok" } }, message };
}

function refused(errcode: number, errmsg: string): Verdict<never> {
    return {
        answer: { status: 200, body: { errcode, errmsg } },
        refusal: `${errcode} ${errmsg}`,
    };
}
