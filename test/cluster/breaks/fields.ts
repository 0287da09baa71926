import type { KubeClient, LiveObject } from "../../../lab/cluster/kubeClient";
import { ApiError } from "../../../lab/cluster/kubeTransport";
import { describeObject } from "../stack";
import type { Place } from "../wiring/places";
import { withValue } from "./break";
import { PublishedSchemas } from "./schema";

const UNKNOWN = "unknownField";

/** One field of an object that no API server may take. */
export interface WrongField {
    readonly object: LiveObject;
    readonly what: string;
    /** Of the field, as the API server writes it: `.spec.containers[name="x"].image`. */
    readonly path: RegExp;
    readonly broken: LiveObject;
}

/** An unknown field, and one of a wrong type, each as deep in the object as its schema lists the fields. */
export async function wrongFields(
    schemas: PublishedSchemas,
    live: LiveObject,
): Promise<WrongField[]> {
    const object = written(live);
    const { closed, scalars } = await schemas.typed(object);
    const holder = deepest(closed.filter(ofTheProgram));
    const scalar = deepest(scalars.filter(ofTheProgram));
    return [
        ...(holder ? [wrong(object, [...holder.path, UNKNOWN], "unknown")] : []),
        ...(scalar ? [wrong(object, scalar.path, { of: "a wrong type" })] : []),
    ];
}

function wrong(object: LiveObject, path: readonly string[], value: unknown): WrongField {
    const broken = withValue(object, path, value) as LiveObject;
    const steps = path.map((each) => (/^\d+$/.test(each) ? String.raw`\[[^\]]*\]` : `\\.${each}`));
    return { object, what: path.join("."), path: new RegExp(`: ${steps.join("")}: `), broken };
}

/** Without what the API server adds. */
function written(live: LiveObject): LiveObject {
    const { name, namespace, labels, annotations } = live.metadata;
    return { ...live, status: undefined, metadata: { name, namespace, labels, annotations } };
}

/** Every kind has the same metadata, and without kind and version there is no object. */
function ofTheProgram({ path: [first = ""] }: Place): boolean {
    return !["metadata", "apiVersion", "kind"].includes(first);
}

function deepest(all: readonly Place[]): Place | undefined {
    return [...all].sort((a, b) => b.path.length - a.path.length).find(() => true);
}

/** Wrong fields that the API server takes, or refuses without naming them. */
export async function accepted(
    client: KubeClient,
    fields: readonly WrongField[],
): Promise<string[]> {
    const all = fields.map(async ({ object, what, path, broken }) => {
        try {
            await client.apply(broken, "wrong-field", { dryRun: true });
            return [`${describeObject(object)}: ${what} is accepted`];
        } catch (error) {
            if (!(error instanceof ApiError)) {
                throw error;
            }
            return path.test(error.message)
                ? []
                : [`${describeObject(object)}: ${what}: ${error.message}`];
        }
    });
    return (await Promise.all(all)).flat();
}
