import type {
    AbsenceStep,
    Call,
    CheckStep,
    Json,
    ResourceStep,
    SavedObject,
    SavedObjectsStep,
} from "../setup/plan";
import { Answer, Patience, Refusal, Sent, sendPatiently, Server } from "./client";
import { differences, valueAt } from "./compare";

export type Outcome = "created" | "changed" | "removed" | "unchanged" | "as expected";

const ANSWERED = (answer: Answer) => answer.status < 300 || answer.status === 404;

/** Makes a resource what it should be, reads it back, and fails when it is not. */
export async function applyResource(
    server: Server,
    step: ResourceStep,
    patience: Patience,
): Promise<Outcome> {
    const before = await readResource(server, step, patience);
    if (before !== undefined && differences(step.expected, before).length === 0) {
        return "unchanged";
    }
    let refusal: Refusal | undefined;
    try {
        await sendPatiently(server, toSend(step.write), patience);
    } catch (error) {
        if (!(error instanceof Refusal)) {
            throw error;
        }
        // A creation whose answer was lost is refused the second time.
        refusal = error;
    }
    const wrong = differences(step.expected, await readResource(server, step, patience));
    if (refusal && wrong.length > 0) {
        throw refusal;
    }
    fail(wrong, "was written, and reads differently");
    if (before === undefined) {
        return "created";
    }
    for (const stream of step.rollOver ?? []) {
        const call = { method: "POST", path: `/${stream}/_rollover?lazy=true` };
        // The first one makes the stream, so that it may not be there yet.
        await sendPatiently(server, call, patience, ANSWERED);
    }
    return "changed";
}

/** Deletes what must not be there, and fails when it still is. */
export async function remove(
    server: Server,
    { path, at }: AbsenceStep,
    patience: Patience,
): Promise<Outcome> {
    const read = { read: { method: "GET", path }, at } as const;
    if ((await readResource(server, read, patience)) === undefined) {
        return "unchanged";
    }
    await sendPatiently(server, { method: "DELETE", path }, patience, ANSWERED);
    const rest = await readResource(server, read, patience);
    fail(rest === undefined ? [] : [JSON.stringify(rest)], "was deleted, and is still there");
    return "removed";
}

async function readResource(
    server: Server,
    step: Pick<ResourceStep, "read" | "at">,
    patience: Patience,
): Promise<unknown> {
    const answer = await sendPatiently(server, toSend(step.read), patience, ANSWERED);
    return answer.status === 404 ? undefined : valueAt(parse(answer), step.at);
}

/** Asks until the answer has what is expected. */
export async function check(server: Server, step: CheckStep, patience: Patience): Promise<Outcome> {
    const good = (answer: Answer) =>
        answer.status < 300 && differences(step.expected, parse(answer)).length === 0;
    await sendPatiently(server, toSend(step.call), patience, good);
    return "as expected";
}

/** Imports saved objects, and reads back that each is there with its title and its references. */
export async function importSavedObjects(
    server: Server,
    { objects }: SavedObjectsStep,
    patience: Patience,
): Promise<Outcome> {
    const before = await exportSavedObjects(server, objects, patience);
    if (before && differences(asText(objects), asText(before)).length === 0) {
        return "unchanged";
    }
    const boundary = "observability-saved-objects";
    const answer = await sendPatiently(
        server,
        {
            method: "POST",
            path: "/api/saved_objects/_import?overwrite=true",
            contentType: `multipart/form-data; boundary=${boundary}`,
            body: [
                `--${boundary}`,
                'Content-Disposition: form-data; name="file"; filename="objects.ndjson"',
                "Content-Type: application/ndjson",
                "",
                ...objects.map((object) => JSON.stringify(object)),
                `--${boundary}--`,
                "",
            ].join("\r\n"),
        },
        patience,
    );
    const result = parse(answer);
    // Kibana answers 200 even when it took nothing.
    fail(differences({ success: true, successCount: objects.length }, result), answer.body);
    const after = await exportSavedObjects(server, objects, patience);
    fail(
        differences(essence(objects), essence(after ?? [])),
        "was imported, and reads differently",
    );
    return before ? "changed" : "created";
}

/** The objects as Kibana has them, sorted; undefined when one is not there. */
async function exportSavedObjects(
    server: Server,
    objects: readonly SavedObject[],
    patience: Patience,
): Promise<SavedObject[] | undefined> {
    const body = JSON.stringify({
        objects: objects.map(({ type, id }) => ({ type, id })),
        excludeExportDetails: true,
    });
    const sent = { method: "POST", path: "/api/saved_objects/_export", body };
    // 400 is Kibana's answer for an object that is not there.
    const answer = await sendPatiently(server, sent, patience, ({ status }) =>
        [200, 400].includes(status),
    );
    if (answer.status === 400) {
        return undefined;
    }
    const found = answer.body.split("\n").filter((text) => text.trim() !== "");
    return found.map((text) => JSON.parse(text) as SavedObject);
}

/** What an import must keep; Kibana's migrations may change the rest. */
function essence(objects: readonly SavedObject[]): Json {
    return byId(objects, ({ attributes, references }) => ({
        title: attributes.title ?? null,
        references: [...references].map(({ type, id }) => `${type} ${id}`).sort(),
    }));
}

/** Everything that we wrote, by object. */
function asText(objects: readonly SavedObject[]): Json {
    return byId(objects, ({ attributes, references }) => ({ attributes, references }));
}

function byId(objects: readonly SavedObject[], pick: (object: SavedObject) => Json): Json {
    return Object.fromEntries(
        objects.map((object) => [`${object.type} ${object.id}`, pick(object)] as const),
    );
}

function toSend({ method, path, body }: Call): Sent {
    return { method, path, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

function parse(answer: Answer): unknown {
    try {
        return JSON.parse(answer.body) as unknown;
    } catch {
        throw new Error(`an answer that is no JSON: ${answer.body.slice(0, 500)}`);
    }
}

function fail(wrong: readonly string[], what: string): void {
    if (wrong.length > 0) {
        throw new Error(`${what}\n${wrong.map((each) => `    ${each}`).join("\n")}`);
    }
}
