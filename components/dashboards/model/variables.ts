import { PROMETHEUS } from "./queries";
import type { VariableJson } from "./types";

/** Label of a variable for people, and what it may be. */
export interface ValuesOf {
    readonly name: string;
    readonly label: string;
    /** Series whose label gives the values; its matchers name the variables before this one. */
    readonly series: string;
    /** The label of the series; the variable's own name when not given. */
    readonly values?: string;
    readonly description?: string;
    /** Without it several values can be chosen, and All. */
    readonly one?: true;
    readonly regex?: string;
    /** What is chosen at first, where All would be too much and is not offered; All when not given. */
    readonly chosen?: string | undefined;
}

/** Which Prometheus: this cluster's, or one before several. */
export const DATA_SOURCE: VariableJson = {
    type: "datasource",
    name: "datasource",
    label: "Data source",
    description: "The Prometheus of this cluster, or one that asks several",
    query: "prometheus",
    current: { text: "Prometheus", value: "prometheus" },
    refresh: 1,
    multi: false,
    includeAll: false,
};

/** What matches a series with the chosen cluster: `All` also matches where no such label is, as in a cluster's own Prometheus. */
export const IN_CLUSTER = 'cluster=~"$cluster"';
/** The same of the chosen cluster and environment. */
export const IN_PLACE = `${IN_CLUSTER}, environment=~"$environment"`;

/** A label that a series may lack. */
export function optionalLabel(name: string, label: string, series: string): VariableJson {
    return {
        ...valuesOf({ name, label, series }),
        description: `\`All\` includes what has no label \`${name}\``,
        allValue: ".*",
    };
}

/** The values of a label. */
export function valuesOf({
    name,
    label,
    series,
    values = name,
    description,
    one,
    regex,
    chosen,
}: ValuesOf): VariableJson {
    const text = `label_values(${series}, ${values})`;
    return {
        type: "query",
        name,
        label,
        ...(description ? { description } : {}),
        datasource: PROMETHEUS,
        definition: text,
        query: { query: text, refId: `variable-${name}` },
        refresh: 2,
        sort: 1,
        ...(regex ? { regex } : {}),
        ...(one
            ? { multi: false, includeAll: false }
            : {
                  multi: true,
                  includeAll: chosen === undefined,
                  current:
                      chosen === undefined
                          ? { text: "All", value: "$__all" }
                          : { text: [chosen], value: [chosen] },
              }),
    };
}

/**
 * Which Prometheus, cluster and environment. A cluster's own Prometheus knows the environment of alerts, and of what our
 * monitors of Redis scrape; of others it offers none, and `All` takes them.
 */
export function places(series: string): VariableJson[] {
    return [
        DATA_SOURCE,
        optionalLabel("cluster", "Cluster", series),
        optionalLabel("environment", "Environment", `${series}{${IN_CLUSTER}}`),
    ];
}
