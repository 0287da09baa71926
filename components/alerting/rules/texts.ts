import { unlessAlert } from "../prometheusRule";

/** Templates of annotations: who an alert is about, from its labels. */
export const POD = "{{ $labels.namespace }}/{{ $labels.pod }}";
export const APP = "{{ $labels.namespace }}/{{ $labels.app }}";
export const CONTAINER = `${POD} ({{ $labels.container }})`;

/** A share for a reader: `90 %`. */
export function percent(share: number): string {
    return `${Number((share * 100).toPrecision(6))} %`;
}

/** What cannot be delivered while Elasticsearch is down is not the sender's fault; from its first minute on. */
export const UNLESS_ELASTICSEARCH_DOWN = unlessAlert(
    ["ElasticsearchUnreachable", "ElasticsearchRed"],
    "",
    "15m",
);
