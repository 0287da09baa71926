import { valueAt } from "../program/objects";
import type { Asked, Held, Reply } from "./elasticStack";

type Json = Record<string, unknown>;

/** What Elasticsearch answers when it is asked for something: https://www.elastic.co/docs/api/doc/elasticsearch/. */
export function readElastic({ path }: Asked, { documents }: Held): Reply {
    if (path.startsWith("/_cluster/health")) {
        return ok({ status: "green", timed_out: false });
    }
    const stored = documents.get(path) as Json | undefined;
    const [, api = "", ...rest] = path.split("/");
    const name = rest[rest.length - 1] ?? "";
    if (path.endsWith("/_options")) {
        const options = documents.get(path);
        const stream = rest[0] ?? "";
        return options
            ? ok({ data_streams: [{ name: stream, options }] })
            : missing(`no such index [${stream}]`);
    }
    if (!stored) {
        return missing(`${name} missing`);
    }
    switch (api) {
        case "_ilm":
            return ok({ [name]: { version: 1, policy: withPhaseDefaults(stored.policy as Json) } });
        case "_slm":
            return ok({ [name]: { version: 1, policy: stored, stats: {} } });
        case "_snapshot":
            return ok({ [name]: { uuid: "4k7f", ...(asText(stored) as Json) } });
        case "_component_template":
            return ok({
                component_templates: [{ name, component_template: templateAsText(stored) }],
            });
        case "_index_template":
            return ok({
                index_templates: [
                    {
                        name,
                        index_template: {
                            ...templateAsText(stored),
                            data_stream: { hidden: false, allow_custom_routing: false },
                        },
                    },
                ],
            });
        default:
            return ok({ data_streams: [stored] });
    }
}

/** What Elasticsearch does when it is told something, and what it refuses. */
export function writeElastic({ method, path, text }: Asked, { documents }: Held): Reply {
    const [, api = "", ...rest] = path.split("/");
    const name = rest[rest.length - 1] ?? "";
    const body = (text === "" ? {} : JSON.parse(text)) as Json;
    const has = (key: string) => documents.has(key);
    if (method === "DELETE") {
        return documents.delete(path) ? ok({ acknowledged: true }) : missing(name);
    }
    if (name === "_verify") {
        return has(`/_snapshot/${rest[0] ?? ""}`)
            ? ok({ nodes: { a: { name: "a" } } })
            : missing(name);
    }
    if (name === "_rollover") {
        return has(`/_data_stream/${api}`) ? ok({ lazy: true }) : missing(`no such index [${api}]`);
    }
    const problem = refusal(api, name, body, has);
    if (problem) {
        return {
            status: 400,
            body: { error: { type: "illegal_argument_exception", reason: problem } },
        };
    }
    if (api === "_data_stream" && name !== "_options") {
        if (has(path)) {
            return { status: 400, body: { error: { type: "resource_already_exists_exception" } } };
        }
        const template = documents.get(`/_index_template/${name}`);
        const settings = (valueAt(template, "composed_of") as string[])
            .map((each) => documents.get(`/_component_template/${each}`))
            .map((each) => valueAt(each, "template", "settings", "index", "lifecycle", "name"));
        const ilm_policy = settings.find((each) => each !== undefined);
        documents.set(path, { name, template: name, ilm_policy, generation: 1 });
        documents.set(`${path}/_options`, valueAt(template, "template", "data_stream_options"));
    } else {
        documents.set(path, body);
    }
    return ok({ acknowledged: true });
}

function refusal(
    api: string,
    name: string,
    body: Json,
    has: (path: string) => boolean,
): string | undefined {
    switch (api) {
        case "_ilm":
            return body.policy ? undefined : "Required [policy]";
        case "_slm":
            return has(`/_snapshot/${String(body.repository)}`)
                ? undefined
                : `no such repository [${String(body.repository)}]`;
        case "_index_template": {
            const unknown = (body.composed_of as string[]).filter(
                (each) => !has(`/_component_template/${each}`),
            );
            return unknown.length > 0
                ? `index template [${name}] specifies component templates [${unknown.join(",")}] that do not exist`
                : undefined;
        }
        case "_data_stream":
            return name === "_options" || has(`/_index_template/${name}`)
                ? undefined
                : `no matching index template found for data stream [${name}]`;
        default:
            return undefined;
    }
}

function withPhaseDefaults(policy: Json): Json {
    const phases = Object.entries(policy.phases as Record<string, Json>).map(([phase, content]) => [
        phase,
        { min_age: "0ms", ...content },
    ]);
    return { ...policy, phases: Object.fromEntries(phases) as Json };
}

function templateAsText(stored: Json): Json {
    const template = stored.template as Json;
    const settings = template.settings ? { settings: asText(template.settings) } : {};
    return { ...stored, template: { ...template, ...settings } };
}

/** Elasticsearch keeps settings as text. */
function asText(value: unknown): unknown {
    return typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asText(each)]))
        : String(value);
}

function ok(body: object): Reply {
    return { status: 200, body };
}

function missing(reason: string): Reply {
    return { status: 404, body: { error: { type: "resource_not_found_exception", reason } } };
}
