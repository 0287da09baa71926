/** What the Job of `ElasticsearchSetup` does, as the data that it reads. Types only: nothing of it runs. */

export type Json =
    string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Call {
    readonly method: "GET" | "PUT" | "POST" | "DELETE";
    readonly path: string;
    readonly body?: Json;
}

/** Something that must stand in Elasticsearch as it is written here; what it has beyond that is its defaults. */
export interface ResourceStep {
    readonly kind: "resource";
    readonly name: string;
    readonly read: Call;
    /** Where in the answer of `read` the thing stands. */
    readonly at: readonly (string | number)[];
    readonly expected: Json;
    readonly write: Call;
    /** After a change of this that is not its creation, these data streams begin a new index at the next write. */
    readonly rollOver?: readonly string[];
}

/** A question whose answer must have what is expected. */
export interface CheckStep {
    readonly kind: "check";
    readonly name: string;
    readonly server: "elasticsearch" | "kibana";
    readonly call: Call;
    readonly expected: Json;
}

/** Something that must not be there any more. */
export interface AbsenceStep {
    readonly kind: "absence";
    readonly name: string;
    readonly path: string;
    readonly at: readonly (string | number)[];
}

export interface SavedObject {
    readonly type: string;
    readonly id: string;
    readonly attributes: { readonly [key: string]: Json };
    readonly references: readonly {
        readonly name: string;
        readonly type: string;
        readonly id: string;
    }[];
    readonly [version: string]: Json;
}

/** Kibana's saved objects, imported all at once. */
export interface SavedObjectsStep {
    readonly kind: "savedObjects";
    readonly name: string;
    readonly objects: readonly SavedObject[];
}

export type Step = ResourceStep | CheckStep | AbsenceStep | SavedObjectsStep;

export interface Plan {
    /** How long the Job tries again, in all. */
    readonly deadlineSeconds: number;
    readonly pauseSeconds: number;
    readonly steps: readonly Step[];
}
