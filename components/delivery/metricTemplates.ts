import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ApplicationObjectives } from "../alerting/slos/applicationSlos";
import { bound } from "../alerting/slos/applicationSlos";
import { PART_OF } from "../kubernetes/labels";

/** An application that Flagger delivers, with what it promises. */
export interface Delivered {
    readonly namespaceName: string;
    readonly applicationName: string;
    readonly slo: ApplicationObjectives;
}

/**
 * A MetricTemplate of each objective of applications that Flagger delivers: the analysis of a new version counts what the
 * objective counts, of the canary's pods. Needs Flagger's CRDs; leaves nothing.
 */
export function metricTemplates(
    delivered: readonly Delivered[],
    { namespace, address }: { readonly namespace: string; readonly address: pulumi.Input<string> },
    opts: pulumi.CustomResourceOptions,
): void {
    for (const { namespaceName, applicationName, slo } of delivered) {
        for (const [objective, query] of Object.entries(templateQueries(slo))) {
            const name = `${namespaceName}.${applicationName}-${objective}`;
            new k8s.apiextensions.CustomResource(
                `flagger-${name}`,
                {
                    apiVersion: "flagger.app/v1beta1",
                    kind: "MetricTemplate",
                    metadata: { name, namespace, labels: PART_OF },
                    spec: { provider: { type: "prometheus", address }, query },
                },
                opts,
            );
        }
    }
}

/** Flagger's own pattern for the pods of a canary's Deployment: https://docs.flagger.app/usage/metrics#prometheus. */
const CANARY = `namespace="{{ namespace }}", pod=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"`;

/** Percent of requests that are good, by the objective's name. Without requests there is no value, and no verdict. */
export function templateQueries({
    availability,
    latency,
}: ApplicationObjectives): Record<string, string> {
    const rate = (series: string, matcher?: string) =>
        `sum(rate(${series}{${CANARY}${matcher ? `, ${matcher}` : ""}}[{{ interval }}]))`;
    return {
        ...(availability
            ? {
                  availability: `100 * (${rate(availability.requests, `${availability.status}!~"5.."`)} or 0 * ${rate(availability.requests)}) / (${rate(availability.requests)} > 0)`,
              }
            : {}),
        ...(latency
            ? {
                  latency: `100 * ${rate(`${latency.durations}_bucket`, `le="${bound(latency.within)}"`)} / (${rate(`${latency.durations}_count`)} > 0)`,
              }
            : {}),
    };
}
