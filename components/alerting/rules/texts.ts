/** Templates of annotations: who an alert is about, from its labels. */
export const POD = "{{ $labels.namespace }}/{{ $labels.pod }}";
export const APP = "{{ $labels.namespace }}/{{ $labels.app }}";
export const CONTAINER = `${POD} ({{ $labels.container }})`;

/** A share for a reader: `90 %`. */
export function percent(share: number): string {
    return `${Number((share * 100).toPrecision(6))} %`;
}
