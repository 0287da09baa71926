import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const SHOP = { namespace: "monitoring", probe: "shop", instance: "https://shop.example.com" };

/** What the exporter answers of an endpoint; the address is the endpoint's, wherever the exporter is. */
function answer(metric: string, over: History, labels: object = {}): Series {
    return series(`probe_${metric}`, { job: "probes", ...SHOP, ...labels }, over);
}

const failed: ExpectedAlert = {
    labels: SHOP,
    summary: "shop does not answer",
    description:
        "https://shop.example.com has not answered as it should for 5m, asked from within the cluster.",
};

function expires(validFor: string, left: string): ExpectedAlert {
    return {
        labels: SHOP,
        summary: `A certificate of shop expires in ${validFor}`,
        description: `A certificate that https://shop.example.com sends is valid for ${validFor} more, less than ${left}. After that, nobody who checks it connects.`,
    };
}

const DAY = 86_400;
/** Valid for so many days when the test begins. */
const certificate = (days: number, over?: History): Series =>
    answer("ssl_earliest_cert_expiry", over ?? days * DAY);

/** What is told of every endpoint that is asked. */
export const probeCases: readonly AlertCase[] = [
    firing("ProbeFailed", "an endpoint has stopped answering", {
        series: [
            answer("success", from("5m", 0)),
            answer("success", 1, { probe: "other", instance: "https://other.example.com" }),
        ],
        severity: "critical",
        at: "10m",
        alerts: [failed],
        until: "1h",
    }),
    quiet("ProbeFailed", "it answers again within 5 minutes", {
        series: [answer("success", between("5m", "10m", 0))],
        until: "1h",
    }),
    quiet("ProbeFailed", "the exporter is away, which TargetMissing tells", {
        series: [answer("success", from("5m", "gone"))],
        until: "1h",
    }),
    firing("CertificateExpiring", "it is valid for less than 14 days", {
        // Less from the first moment on that is later than 0.
        series: [certificate(14)],
        severity: "warning",
        at: "3630s",
        alerts: [expires("13d 22h 59m 30s", "14d")],
        until: "3h",
    }),
    quiet("CertificateExpiring", "it is renewed before that", {
        series: [
            certificate(14, [
                ["50m", 14 * DAY],
                ["4h", 90 * DAY],
            ]),
        ],
        until: "3h",
    }),
    quiet("CertificateExpiring", "it is valid for long enough", {
        series: [certificate(15)],
        until: "3h",
    }),
    firing("CertificateAboutToExpire", "it is valid for less than 2 days", {
        series: [certificate(2)],
        severity: "critical",
        at: "3630s",
        alerts: [expires("1d 22h 59m 30s", "2d")],
        until: "3h",
    }),
    quiet("CertificateAboutToExpire", "it is valid for 3 days", {
        series: [certificate(3)],
        until: "3h",
    }),
];
