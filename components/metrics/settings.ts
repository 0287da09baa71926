import { z } from "zod";

import type { Capacity } from "../settings/capacity";
import { seconds } from "../settings/duration";
import type { Part, SettingsOf } from "../settings/part";
import { Problem, show, suggestion } from "../settings/problems";
import { bytes, gibibytes, volumeSize } from "../settings/quantity";
import { ca, duration, name, quantity, url } from "../settings/scalars";
import { exposerMetrics } from "./catalogue/catalogue";
import { UNREAD_EXPORTER_METRICS } from "./unreadExporterMetrics";

const EXPOSER = "redis-exporter";

/** A pattern of whole names, of which redis_exporter has at least one: a mistyped one would drop nothing. */
export const redisMetricPattern = z.string().refine((text) => matched(text).length > 0, {
    error: (issue) => {
        const near = suggestion(String(issue.input), names());
        return `allowed: a regular expression of whole names of redis_exporter's metrics; ${near}see components/metrics/catalogue/data/${EXPOSER}.json`;
    },
});

function matched(pattern: string): string[] {
    try {
        const whole = new RegExp(`^(?:${pattern})$`);
        return names().filter((name) => whole.test(name));
    } catch {
        return [];
    }
}

function names(): string[] {
    return Object.keys(exposerMetrics(EXPOSER).metrics);
}

/** A key of a Secret. */
const secretKey = z.strictObject({ name: z.string().min(1), key: z.string().min(1) });

const remoteWrite = z
    .strictObject({
        url: url.describe("Where samples are sent"),
        basicAuthSecret: z
            .string()
            .min(1)
            .describe("Secret in the namespace of Prometheus with `username` and `password`")
            .optional(),
        bearerToken: secretKey
            .meta({ kind: "name and key of a Secret", whole: true })
            .describe("In the same namespace")
            .optional(),
        sigv4Region: z
            .string()
            .min(1)
            .describe("Region of Amazon's service, whose role the pod has")
            .optional(),
        ca: ca.describe("Authority of the service's certificate").optional(),
        keep: z
            .string()
            .refine(isPattern, { error: "allowed: a regular expression of whole names" })
            .meta({ kind: "pattern", otherwise: "everything" })
            .describe("Names of the metrics that are sent")
            .optional(),
    })
    .refine(
        ({ basicAuthSecret, bearerToken, sigv4Region }) =>
            [basicAuthSecret, bearerToken, sigv4Region].filter(Boolean).length <= 1,
        { error: "allowed: one of basicAuthSecret, bearerToken and sigv4Region" },
    );

export type RemoteWriteSettings = z.output<typeof remoteWrite>;

function isPattern(text: string): boolean {
    try {
        return new RegExp(`^(?:${text})$`) instanceof RegExp;
    } catch {
        return false;
    }
}

const keys = {
    prometheus: z
        .strictObject({
            replicas: z.int().min(1).describe("Pods, on different nodes when more than one"),
            storageSize: quantity.describe("Volume of each pod"),
            memory: quantity.describe("Request and limit"),
            scrapeInterval: duration.describe("For targets that name none").default("30s"),
            expectedSeries: z
                .int()
                .min(1)
                .describe(
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
            replicas: z.int().min(1).describe("Pods, which form a cluster"),
            storageSize: quantity.describe("Volume of each pod: silences and what was sent"),
        })
        .describe("Replicas and volume"),
    grafana: z.strictObject({ storageSize: quantity.describe("Volume") }).describe("Volume"),
};

export type MetricsSettings = SettingsOf<typeof keys>;
type PrometheusSettings = MetricsSettings["prometheus"];

interface Retention {
    readonly retention: { readonly metrics: string };
}

/** Prometheus, Alertmanager and Grafana. */
export const metricsPart: Part<typeof keys, MetricsSettings & Retention> = {
    keys,
    platformProblems: volumeProblems,
};

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
