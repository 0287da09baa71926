import { z } from "zod";

import type { Capacity } from "../settings/capacity";
import { seconds } from "../settings/duration";
import type { Part, SettingsOf } from "../settings/part";
import { Problem, show } from "../settings/problems";
import { broken } from "../settings/read";
import { bytes, gibibytes, volumeSize } from "../settings/quantity";
import {
    ca,
    memory,
    name,
    objectName,
    pods,
    region,
    scrapeInterval,
    url,
    volume,
    whole,
} from "../settings/scalars";
import { signIn, smtp } from "./grafanaSettings";
import { secretReference } from "./secretReference";
import { UNREAD_EXPORTER_METRICS } from "./unreadExporterMetrics";

/** A pattern of whole names, which drops one metric at least, and none that something reads. */
export const redisMetricPattern = z
    .string({ error: "allowed: a regular expression of whole names of redis_exporter's metrics" })
    .superRefine((pattern, context) => {
        // Loaded by the few who have a pattern of their own: it takes longer than the rest of the settings.
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- only then
        const { patternProblem } = require("./exporterMetricPattern") as PatternModule;
        const message = patternProblem(pattern);
        if (message !== undefined) {
            context.addIssue({ code: "custom", message });
        }
    })
    .meta({ kind: "pattern", dialect: "RE2" });
type PatternModule = typeof import("./exporterMetricPattern");

/** Prometheus with no series at all takes a part of it; what comes with them is asked for below. */
const MINIMUM_MEMORY = "256Mi";

/** Of names of metrics, which Prometheus reads. */
const pattern = z
    .string({ error: "allowed: a regular expression of whole names" })
    .superRefine((each, context) => {
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
        const { syntaxProblem } = require("./exporterMetricPattern") as PatternModule;
        const message = syntaxProblem(each);
        if (message !== undefined) {
            context.addIssue({ code: "custom", message });
        }
    })
    .meta({ kind: "pattern", dialect: "RE2" });

const remoteWrite = z
    .strictObject({
        url: url.describe("Where samples are sent"),
        basicAuthSecret: objectName
            .describe("Secret in the namespace of Prometheus with `username` and `password`")
            .optional(),
        bearerToken: secretReference
            .meta({ kind: "name and key of a Secret", whole: true })
            .describe("In the same namespace")
            .optional(),
        sigv4Region: region
            .describe("Region of Amazon's service, whose role the pod has")
            .optional(),
        ca: ca.describe("Authority of the service's certificate").optional(),
        keep: pattern
            .meta({ otherwise: "everything" })
            .describe("Names of the metrics that are sent")
            .optional(),
    })
    .refine(
        ({ basicAuthSecret, bearerToken, sigv4Region }) =>
            [basicAuthSecret, bearerToken, sigv4Region].filter(Boolean).length <= 1,
        { error: "allowed: one of basicAuthSecret, bearerToken and sigv4Region" },
    );

export type RemoteWriteSettings = z.output<typeof remoteWrite>;

export const grafanaKey = z
    .strictObject({
        storageSize: volume.describe("Volume"),
        signIn: signIn
            .meta({ otherwise: "the password of `admin`" })
            .describe("How people [sign in](components/grafana.md)")
            .optional(),
        smtp: smtp
            .meta({ otherwise: "no mail" })
            .describe("Server through which Grafana sends mail: invitations, and alerts of its own")
            .optional(),
    })
    .describe("Volume, how people sign in, and mail");

const keys = {
    prometheus: z
        .strictObject({
            replicas: pods().describe("Pods, on different nodes when more than one"),
            storageSize: volume.describe("Volume of each pod"),
            memory: memory(MINIMUM_MEMORY, "Prometheus itself takes as much").describe(
                "Request and limit",
            ),
            scrapeInterval: scrapeInterval.describe("For targets that name none").default("30s"),
            expectedSeries: whole(1).describe(
                "Active series that the volume is sized for: series / scrape interval x retention x 2 bytes must fit into 85 % of it",
            ),
            remoteWrite: z
                .record(name, remoteWrite)
                .describe("Where samples go beside its own volume, by a name of your own")
                .default({}),
            dropRedisMetrics: z
                .array(redisMetricPattern)
                .meta({ kind: "list of patterns", otherwise: "what nothing here reads" })
                .describe(
                    "Metrics of redis_exporter that are not stored: regular expressions of whole names, without `_bucket`, `_sum` and `_count`; `[]` keeps all. See [metric catalogue](components/metric-catalogue.md#what-is-not-stored)",
                )
                .default([...UNREAD_EXPORTER_METRICS]),
        })
        .describe(
            "Replicas, volume, memory, the series that the volume is sized for, and metrics that are not stored",
        ),
    alertmanager: z
        .strictObject({
            replicas: pods().describe("Pods, which form a cluster"),
            storageSize: volume.describe("Volume of each pod: silences and what was sent"),
        })
        .describe("Replicas and volume"),
    grafana: grafanaKey,
};

export type MetricsSettings = SettingsOf<typeof keys>;
type PrometheusSettings = MetricsSettings["prometheus"];

interface Retention {
    readonly retention: { readonly metrics: string };
}

interface Hosts {
    readonly ingress: {
        readonly enabled: boolean;
        readonly hosts: { readonly grafana?: string | undefined };
    };
}

/** Prometheus, Alertmanager and Grafana. */
export const metricsPart: Part<typeof keys, MetricsSettings & Retention & Hosts> = {
    keys,
    platformProblems: (settings) =>
        broken(settings, [volumeProblems, memoryProblems, signInProblems]),
};

/** A provider sends the browser back to where people reach Grafana. */
function signInProblems({ grafana, ingress }: MetricsSettings & Hosts): Problem[] {
    return grafana.signIn === undefined || (ingress.enabled && Boolean(ingress.hosts.grafana))
        ? []
        : [
              {
                  path: "grafana.signIn",
                  got: `provider "${grafana.signIn.provider}" and no address of Grafana`,
                  allowed:
                      "set ingress.enabled and ingress.hosts.grafana: the provider sends people back there",
              },
          ];
}

/**
 * Bytes per sample: the upper end of "1-2 bytes per sample" in
 * https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects.
 */
const BYTES_PER_SAMPLE = 2;

/** The share of the volume for blocks: retentionSize does not count the WAL and a compaction's copy. */
const PROMETHEUS_FILL = 0.85;

/** Prometheus: retention x series / interval x bytes per sample, against the volume. */
export function prometheusVolume(
    prometheus: Pick<PrometheusSettings, "expectedSeries" | "scrapeInterval" | "storageSize">,
    retention: string,
): Capacity {
    const samplesPerSecond = prometheus.expectedSeries / seconds(prometheus.scrapeInterval);
    const needed = seconds(retention) * samplesPerSecond * BYTES_PER_SAMPLE;
    return {
        needed,
        usable: bytes(prometheus.storageSize) * PROMETHEUS_FILL,
        volumeFor: needed / PROMETHEUS_FILL,
    };
}

/**
 * Memory for a series that is written now: "around 3kB per series in the head" in
 * https://www.robustperception.io/why-does-prometheus-use-so-much-ram. Queries come on top of it.
 */
const BYTES_PER_SERIES = 3000;

function memoryProblems({
    prometheus: { memory: given, expectedSeries },
}: MetricsSettings): Problem[] {
    const needed = expectedSeries * BYTES_PER_SERIES;
    return needed <= bytes(given)
        ? []
        : [
              {
                  path: "prometheus.memory",
                  got: show(given),
                  allowed: `${Math.ceil(needed / 2 ** 20)}Mi or more: each of ${expectedSeries} expectedSeries takes some 3 kB, before anybody asks for one`,
              },
          ];
}

function volumeProblems({ prometheus, retention }: MetricsSettings & Retention): Problem[] {
    const { needed, usable, volumeFor } = prometheusVolume(prometheus, retention.metrics);
    return needed <= usable
        ? []
        : [
              {
                  path: "retention.metrics",
                  got: show(retention.metrics),
                  allowed: `${prometheus.expectedSeries} series for ${retention.metrics} need ${gibibytes(needed)} and prometheus.storageSize ${prometheus.storageSize} leaves ${gibibytes(usable)}: shorten it, or set storageSize to ${volumeSize(volumeFor)} or more; grow claims that are there already first (docs/volumes.md)`,
              },
          ];
}
