import { z } from "zod";

import { objective, objectiveWindow } from "../alerting/slos/settings";
import { scaling } from "../autoscaling/settings";
import type { Part, SettingsOf } from "../settings/part";
import { podLabels } from "../settings/podLabels";
import { name, namespace, scrapeInterval, text, whole } from "../settings/scalars";
import { applicationProblems, Declared } from "./applicationProblems";

const PORT_NAME = /^(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const PORT = "allowed: the number or the name of a port, such as 9090 or metrics";
const port = z.union(
    [
        whole(1, 65535),
        text({
            kind: "port",
            reader: "Kubernetes' names of ports",
            allowed: PORT.slice("allowed: ".length),
            is: (each) => PORT_NAME.test(each),
            pattern: PORT_NAME,
        }),
    ],
    { error: PORT },
);

const path = text({
    kind: "path",
    reader: "RFC 3986",
    allowed: "a path such as /metrics, without anything after ? or #",
    is: (each) => /^\/[-A-Za-z0-9._~!$&'()*+,;=:@%/]{0,1023}$/.test(each),
});

const METRIC = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const metric = text({
    kind: "name of a metric",
    reader: "Prometheus' names of metrics",
    allowed: "the name of a metric such as http_requests_total",
    is: (each) => METRIC.test(each),
    pattern: METRIC,
});
const label = text({
    kind: "label of a metric",
    reader: "Prometheus' names of labels",
    allowed: "the name of a label of a metric, such as code",
    is: (each) => METRIC.test(each) && !each.startsWith("__"),
    pattern: METRIC,
});

const WITHIN = "allowed: seconds above 0, such as 0.3: a bound of the histogram's buckets";

const slo = z.strictObject({
    availability: z
        .strictObject({
            objective: objective.describe("How many requests must be answered without an error"),
            window: objectiveWindow,
            requests: metric.describe("Counter of requests").default("http_requests_total"),
            status: label
                .describe("Its label with the status, of which those that begin with 5 are errors")
                .default("code"),
        })
        .describe("Share of requests that are not answered by 5xx")
        .optional(),
    latency: z
        .strictObject({
            objective: objective.describe("How many requests must be fast enough"),
            window: objectiveWindow,
            durations: metric
                .describe("Histogram of the seconds that requests take")
                .default("http_request_duration_seconds"),
            within: z
                .number({ error: WITHIN })
                .gt(0, { error: WITHIN })
                .describe("Seconds that a request may take: a bound of one of its buckets"),
        })
        .describe("Share of requests that do not take longer")
        .optional(),
});

const application = z.strictObject({
    selector: podLabels
        .meta({ otherwise: "`app: <name>`" })
        .describe("Labels of its pods, and of its Service with `service`")
        .optional(),
    service: z
        .boolean()
        .describe("Whether the pods behind its Service are scraped, and not all that there are")
        .default(false),
    port: port
        .meta({ kind: "port" })
        .describe(
            "Number of a port that its pods declare, or the name: with `service` of the Service's port",
        ),
    path: path.describe("Of its metrics").default("/metrics"),
    interval: scrapeInterval.describe("Between two scrapes").default("30s"),
    team: name.meta({ otherwise: "`alerting.team`" }).describe("Who owns its alerts").optional(),
    canary: z
        .boolean()
        .describe(
            "Whether Flagger delivers it: then `app: <name>` is its canary and `app: <name>-primary` serves, and the sidecars of both are scraped. Needs `mesh.istio`",
        )
        .default(false),
    mesh: z
        .boolean()
        .meta({ otherwise: "`canary`" })
        .describe(
            "Whether its pods have a sidecar, which is scraped for the requests that Istio counts. Needs `mesh.istio`",
        )
        .optional(),
    slo: slo.describe("Objectives: [metrics](metrics.md#objectives)").prefault({}),
    autoscaling: scaling
        .describe(
            "How many pods its Deployment has; needs `autoscaling.provider`: [autoscaling](components/autoscaling.md)",
        )
        .optional(),
});

export type ApplicationSettings = z.output<typeof application>;

const keys = {
    applications: z
        .record(namespace, z.record(name, application))
        .meta({ entry: "namespace" })
        .describe("Applications that are scraped, by namespace and name: [metrics](metrics.md)")
        .default({}),
    scrape: z
        .strictObject({
            sampleLimit: whole(1)
                .describe(
                    "Samples of one scrape of an application or annotated pod: of more, nothing is taken",
                )
                .default(5000),
            labelLimit: whole(1)
                .describe("Labels of one of its samples: with more, nothing is taken")
                .default(40),
            annotated: z
                .strictObject({
                    enabled: z
                        .boolean()
                        .describe(
                            "Whether pods with `prometheus.io/scrape` are scraped, where no monitor does: [metrics](metrics.md#annotated-pods)",
                        )
                        .default(false),
                    namespaces: z
                        .array(namespace)
                        .min(1)
                        .meta({ otherwise: "all but ours and `kube-*`" })
                        .describe("Only pods of these")
                        .optional(),
                })
                .describe("Pods that ask for it by annotations")
                .prefault({}),
        })
        .describe("Limits of what is not ours, and annotated pods")
        .prefault({}),
};

type Keys = SettingsOf<typeof keys>;
export type Applications = Keys["applications"];
export type ScrapeSettings = Keys["scrape"];

/** Applications beside Redis: what of them is scraped. */
export const applicationsPart: Part<typeof keys, Keys & Declared> = {
    keys,
    problems: applicationProblems,
};
