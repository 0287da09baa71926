import type { Labels } from "../kubernetes/labels";

/**
 * A dashboard of Grafana: the uid, which is fixed in its JSON and part of its address, and its variables with the
 * label of an alert that each takes its value from.
 */
export interface Dashboard {
    readonly uid: string;
    readonly variables: Readonly<Record<string, string>>;
}

/** The dashboards that alerts link to. These are kube-prometheus-stack's, whose uids the chart fixes. */
export const DASHBOARDS = {
    /** Kubernetes / Compute Resources / Pod */
    pod: {
        uid: "6581e46e4e5c7ba40a07646395ef7b23",
        variables: { namespace: "namespace", pod: "pod" },
    },
    /** Kubernetes / Compute Resources / Namespace (Pods) */
    namespacePods: {
        uid: "85a562078cdf77779eaa1add43ccec1e",
        variables: { namespace: "namespace" },
    },
    /** Kubernetes / Compute Resources / Namespace (Workloads) */
    namespaceWorkloads: {
        uid: "a87fb0d919ec0ea5f6543124e16c42a5",
        variables: { namespace: "namespace" },
    },
    /** Prometheus / Overview */
    prometheus: { uid: "9fa0d141-d019-4ad7-8bc5-42196ee308bd", variables: {} },
} as const satisfies Readonly<Record<string, Dashboard>>;

/**
 * Its address in a Grafana, as the template of an annotation: the variables are the labels of the alert. Templates see
 * those of the expression only, hence the ones that the rule itself adds.
 */
export function dashboardUrl(
    grafanaUrl: string,
    { uid, variables }: Dashboard,
    added: Labels = {},
): string {
    const query = Object.entries(variables)
        .map(([variable, label]) => {
            const value = added[label];
            const text = value ? encodeURIComponent(value) : `{{ $labels.${label} | urlquery }}`;
            return `var-${variable}=${text}`;
        })
        .join("&");
    return `${grafanaUrl.replace(/\/+$/, "")}/d/${uid}${query && `?${query}`}`;
}
