import { PROBES_JOB } from "../../alerting/rules/probes";
import { seconds } from "../../settings/duration";
import { DashboardDefinition, linkTo, logQuery, logsLink, runbooks } from "../definition";
import { betterFrom, stat, table, timeseries, words, worseFrom } from "../model/panels";
import { bottom, now, query, top } from "../model/queries";
import { IN_PLACE, places, valuesOf } from "../model/variables";
import { alertMarks, firingTable } from "./firing";

const JOB = `job="${PROBES_JOB}"`;
const HERE = `${IN_PLACE}, ${JOB}, probe=~"$probe"`;
const BY = "by (probe, instance)";
const ALERTS = `${IN_PLACE}, probe=~"$probe", alertname=~"ProbeFailed|Certificate.*"`;

const of = (metric: string) => `min ${BY} (${metric}{${HERE}})`;
const answers = of("probe_success");
const LEFT = `${of("probe_ssl_earliest_cert_expiry")} - time()`;
const took = `max ${BY} (probe_duration_seconds{${HERE}})`;
/** Share of the probes of some time that were answered. */
const share = (window: string) => `avg ${BY} (avg_over_time(probe_success{${HERE}}[${window}]))`;
const PHASES = `max by (phase) (probe_http_duration_seconds{${HERE}})`;

export const probes: DashboardDefinition = {
    uid: "probes",
    title: "Platform / Probes",
    description:
        "Which endpoints answer from within the cluster, how fast, and which certificate ends next.",
    tags: ["platform"],
    needs: ["probes"],
    content: (context) => {
        const { CertificateExpiring, CertificateAboutToExpire } = context.alerts;
        const soon = seconds(CertificateAboutToExpire.left);
        const expiring = seconds(CertificateExpiring.left);
        const left = betterFrom([soon, "orange"], [expiring, "green"]);
        return {
            variables: [
                // Of a server whose certificate is watched, nothing else is stored than when that ends.
                ...places("up"),
                valuesOf({
                    name: "probe",
                    label: "Probe",
                    series: `up{${IN_PLACE}, ${JOB}}`,
                }),
            ],
            annotations: [alertMarks(ALERTS)],
            links: [
                ...linkTo(context, "alerts", "Alerts"),
                ...logsLink(
                    context,
                    logQuery({
                        namespace: context.namespaces.monitoring,
                        pod: "blackbox-exporter-*",
                    }),
                    "containers",
                ),
            ],
            rows: [
                {
                    panels: [
                        stat({
                            title: "Do not answer",
                            description: "Endpoints that do not answer as they should, now.",
                            unit: "none",
                            queries: [now(`count(${answers} == 0) or vector(0)`)],
                            thresholds: worseFrom([1, "red"]),
                            links: runbooks(context, "ProbeFailed"),
                        }),
                        stat({
                            title: "Answer",
                            description: "Endpoints that answer as they should.",
                            unit: "none",
                            queries: [now(`count(${answers} == 1) or vector(0)`)],
                            plain: true,
                        }),
                        stat({
                            title: "Slowest",
                            description:
                                "How long the slowest probe took, its connection and TLS included; after 5 s it has failed.",
                            unit: "s",
                            queries: [now(`max(${took})`)],
                            plain: true,
                        }),
                        stat({
                            title: "Next certificate",
                            description:
                                "Time until the first of all certificates ends. Orange is where CertificateExpiring fires, red where CertificateAboutToExpire does.",
                            unit: "dtdurations",
                            width: 5,
                            queries: [now(`min(${LEFT})`)],
                            thresholds: left,
                            noValue: "none",
                            links: runbooks(
                                context,
                                "CertificateExpiring",
                                "CertificateAboutToExpire",
                            ),
                        }),
                        stat({
                            title: "Expiring",
                            description: `Certificates with less than ${CertificateExpiring.left} left.`,
                            unit: "none",
                            queries: [now(`count(${LEFT} < ${expiring}) or vector(0)`)],
                            thresholds: worseFrom([1, "orange"]),
                            links: runbooks(context, "CertificateExpiring"),
                        }),
                        table({
                            title: "Endpoints",
                            description:
                                "Whether each answers, how often it did within a day, and how long it takes; of certificates, how long they are valid. Of servers in the cluster, only the certificates are looked at.",
                            width: 16,
                            height: 11,
                            queries: [
                                { expr: answers },
                                { expr: share("1d") },
                                { expr: took },
                                { expr: of("probe_http_status_code") },
                                { expr: LEFT },
                            ],
                            labels: { probe: { title: "Probe", width: 160 }, instance: "Endpoint" },
                            values: [
                                {
                                    title: "Answers",
                                    mappings: words({ 0: ["NO", "red"], 1: ["yes", "green"] }),
                                    width: 80,
                                },
                                {
                                    title: "Of a day",
                                    unit: "percentunit",
                                    decimals: 2,
                                    width: 90,
                                },
                                { title: "Took", unit: "s", width: 90 },
                                { title: "HTTP", width: 70 },
                                {
                                    title: "Certificate for",
                                    unit: "dtdurations",
                                    width: 130,
                                    thresholds: left,
                                },
                            ],
                            sort: "Answers",
                            ascending: true,
                            noValue: "nothing is asked",
                        }),
                        firingTable(context, {
                            title: "Alerts",
                            description: "What fires on these endpoints.",
                            width: 8,
                            height: 11,
                            matchers: ALERTS,
                            labels: ["probe"],
                        }),
                    ],
                },
                {
                    title: "Over time",
                    panels: [
                        timeseries({
                            title: "Answered",
                            description: "Share of the probes of 5 minutes that were answered.",
                            unit: "percentunit",
                            min: 0,
                            max: 1,
                            queries: [query(bottom(share("5m")), "{{probe}} {{instance}}")],
                        }),
                        timeseries({
                            title: "Time of an answer",
                            description: "Of the slowest endpoints, with connection and TLS.",
                            unit: "s",
                            min: 0,
                            queries: [query(top(took), "{{probe}} {{instance}}")],
                        }),
                        timeseries({
                            title: "What the time goes into",
                            description:
                                "The longest of all pages: the name, the connection, TLS, the answer's begin and its text.",
                            unit: "s",
                            min: 0,
                            queries: [query(PHASES, "{{phase}}")],
                            noValue: "no page is asked",
                        }),
                        timeseries({
                            title: "Certificates",
                            description:
                                "How long those that end first are valid. The dashed lines are where alerts fire.",
                            unit: "dtdurations",
                            width: 24,
                            queries: [query(bottom(LEFT), "{{probe}} {{instance}}")],
                            thresholds: left,
                            noValue: "none",
                            links: runbooks(
                                context,
                                "CertificateExpiring",
                                "CertificateAboutToExpire",
                            ),
                        }),
                    ],
                },
            ],
        };
    },
};
