import type { Asked, Held, Reply } from "./elasticStack";

interface Reference {
    readonly type: string;
    readonly id: string;
}

interface Imported extends Reference {
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly references: readonly Reference[];
}

/** What Kibana answers: https://www.elastic.co/docs/api/doc/kibana/group/endpoint-saved-objects. */
export function answerKibana(asked: Asked, { savedObjects }: Held): Reply {
    const { method, path } = asked;
    if (`${method} ${path}` === "GET /api/status") {
        return { status: 200, body: { status: { overall: { level: "available" } } } };
    }
    if (!asked.kibanaHeader) {
        return { status: 400, body: { message: "Request must contain a kbn-xsrf header." } };
    }
    if (`${method} ${path}` === "POST /api/saved_objects/_export") {
        const { objects } = JSON.parse(asked.text) as { objects: Reference[] };
        const found = objects.map((each) => savedObjects.get(key(each)));
        return found.includes(undefined)
            ? {
                  status: 400,
                  body: { statusCode: 400, message: "Error fetching objects to export" },
              }
            : { status: 200, body: found.map((each) => JSON.stringify(each)).join("\n") };
    }
    if (`${method} ${path}` === "POST /api/saved_objects/_import") {
        return importObjects(asked, savedObjects);
    }
    return { status: 404, body: { statusCode: 404, message: "Not Found" } };
}

function importObjects(
    { text, contentType, query }: Asked,
    savedObjects: Map<string, Record<string, unknown>>,
): Reply {
    const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(contentType)?.[1];
    const part = boundary ? text.split(`--${boundary}`)[1] : undefined;
    const file = part?.split("\r\n\r\n").slice(1).join("\r\n\r\n");
    if (file === undefined || !/name="file"; filename="[^"]+\.ndjson"/.test(part ?? "")) {
        return { status: 415, body: { message: "Unsupported Media Type" } };
    }
    const objects = file
        .split(/\r?\n/)
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line) as Imported);
    const known = (reference: Reference) =>
        savedObjects.has(key(reference)) || objects.some((each) => key(each) === key(reference));
    const broken = objects.filter(
        (each) =>
            !each.references.every(known) ||
            (savedObjects.has(key(each)) && query.get("overwrite") !== "true"),
    );
    // 200 even when nothing was taken.
    if (broken.length > 0) {
        const errors = broken.map(({ type, id }) => ({ type, id, error: { type: "conflict" } }));
        return { status: 200, body: { success: false, successCount: 0, errors } };
    }
    for (const each of objects) {
        savedObjects.set(key(each), { ...each, version: "WzEsMV0=", managed: false });
    }
    return { status: 200, body: { success: true, successCount: objects.length } };
}

function key({ type, id }: Reference): string {
    return `${type} ${id}`;
}
