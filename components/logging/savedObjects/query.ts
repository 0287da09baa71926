import type { LogFieldName } from "../logSchema";
import type { GROUPED_TEXTS } from "../setup/templates";

/** A field that Elasticsearch has mapped, and so can be searched. */
export type IndexedField = LogFieldName | `${(typeof GROUPED_TEXTS)[number]}.keyword`;

/** A query in KQL, https://www.elastic.co/docs/explore-analyze/query-filter/languages/kql, and the fields it names. */
export interface Query {
    readonly kql: string;
    readonly fields: readonly IndexedField[];
}

export const everything: Query = { kql: "", fields: [] };

/** The field has one of the values; in a text, the words of one of them in a row. */
export function is(field: IndexedField, ...values: readonly string[]): Query {
    const quoted = values.map((value) => JSON.stringify(value)).join(" or ");
    return { kql: `${field}: ${values.length > 1 ? `(${quoted})` : quoted}`, fields: [field] };
}

export function exists(field: IndexedField): Query {
    return { kql: `${field}: *`, fields: [field] };
}

export function both(...queries: readonly Query[]): Query {
    return joined("and", queries);
}

export function either(...queries: readonly Query[]): Query {
    return joined("or", queries);
}

function joined(operator: string, queries: readonly Query[]): Query {
    return {
        kql: queries.map(({ kql }) => `(${kql})`).join(` ${operator} `),
        fields: queries.flatMap(({ fields }) => fields),
    };
}
