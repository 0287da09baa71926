import type { Reply } from "../support/elasticNode/request";

interface Failure {
    readonly type: string;
    readonly reason: string;
}

/** A bulk request with one document; `more` of it is its id, for example. */
export function bulk(
    operation: "create" | "index",
    index: string,
    document: object,
    more: object = {},
): string {
    const head = { [operation]: { _index: index, ...more } };
    return `${JSON.stringify(head)}\n${JSON.stringify(document)}\n`;
}

/**
 * The action that a user was refused with 403, of the request or, in a bulk answer, of its document. Undefined when
 * nothing was.
 */
export function refusedAction({ status, text }: Reply): string | undefined {
    const { error, items = [] } = JSON.parse(text) as {
        error?: Failure;
        items?: readonly Readonly<Record<string, { status: number; error?: Failure }>>[];
    };
    const [item] = items.flatMap((each) => Object.values(each));
    const failure = status === 403 ? error : item?.status === 403 ? item.error : undefined;
    if (failure === undefined) {
        return undefined;
    }
    return /^action \[(.+?)\] is unauthorized for user/.exec(failure.reason)?.[1] ?? failure.reason;
}
