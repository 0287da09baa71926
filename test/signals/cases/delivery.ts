import { AlertCase, firing, quiet } from "../alertCase";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const FLAGGER = {
    job: "flagger",
    pod: "flagger-0",
    container: "flagger",
    endpoint: "http",
    instance: "10.0.5.1:8080",
};
const web = { namespace: "shop", name: "web" };

/** 0 in progress, 1 succeeded, 2 failed; Flagger's monitor honours its labels. */
function canary(status: History, pod = FLAGGER.pod): Series {
    return series("flagger_canary_status", { ...FLAGGER, pod, ...web }, status);
}

/** Requests to shop/web that a sidecar has counted. */
function requests(
    code: string,
    perMinute: History,
    reporter: "source" | "destination" = "destination",
): Series {
    const labels = {
        job: "envoy-stats",
        namespace: reporter === "source" ? "ingress" : "shop",
        pod: `${reporter}-0`,
        reporter,
        response_code: code,
        destination_service_namespace: "shop",
        destination_service_name: "web",
    };
    return series("istio_requests_total", labels, perMinute);
}
function rejects(over: History): Series {
    const labels = { job: "istiod", namespace: "istio-system", pod: "istiod-0" };
    return series("pilot_total_xds_rejects", labels, over);
}
const climb = (perMinute: number) => ({ from: 0, perMinute });

/** An application of Argo CD, whose monitor honours its labels. */
function application(over: Readonly<Record<string, History>>): Series[] {
    const labels = {
        job: "argocd-application-controller",
        pod: "argocd-application-controller-0",
        instance: "10.0.6.1:8082",
        namespace: "argocd",
        name: "shop",
        project: "default",
        dest_namespace: "shop",
    };
    return Object.entries(over).map(([state, history]) => {
        const [sync_status = "", health_status = "", repo = "a"] = state.split(" ");
        return series("argocd_app_info", { ...labels, sync_status, health_status, repo }, history);
    });
}
const argocd = (summary: string, description: string) => [
    { labels: { namespace: "argocd", name: "shop" }, summary, description },
];

const argocdCases: readonly AlertCase[] = [
    firing(
        "ArgocdApplicationOutOfSync",
        "nobody synchronizes it, while its health comes and goes",
        {
            series: application({
                "Synced Healthy": from("5m", "gone"),
                "OutOfSync Healthy": between("5m", "10m", 1, "gone"),
                "OutOfSync Progressing b": from("10m", 1, "gone"),
            }),
            severity: "warning",
            at: "20m",
            alerts: argocd(
                "Argo CD: argocd/shop is out of sync",
                "The application argocd/shop has differed from Git for 15m: nobody synchronizes it, or it cannot be.",
            ),
            until: "1h",
        },
    ),
    quiet("ArgocdApplicationOutOfSync", "it is synchronized within 15 minutes", {
        series: application({
            "Synced Healthy": between("5m", "20m", "gone"),
            "OutOfSync Healthy": between("5m", "20m", 1, "gone"),
        }),
        until: "1h",
    }),
    firing("ArgocdApplicationDegraded", "what it deploys has failed", {
        series: application({
            "Synced Healthy": from("5m", "gone"),
            "Synced Degraded": from("5m", 1, "gone"),
        }),
        severity: "warning",
        at: "20m",
        alerts: argocd(
            "Argo CD: argocd/shop is degraded",
            "Something that the application argocd/shop deploys has failed, or has not become ready, for 15m.",
        ),
        until: "1h",
    }),
    quiet("ArgocdApplicationDegraded", "a rollout is in progress, or it is suspended", {
        series: application({
            "Synced Progressing": from("1h", "gone"),
            "Synced Suspended": from("1h", 1, "gone"),
        }),
        until: "3h",
    }),
    quiet("ArgocdApplicationDegraded", "it recovers within 15 minutes", {
        series: application({ "Synced Degraded": between("5m", "20m", 1, "gone") }),
        until: "1h",
    }),
];

/** Flagger, Istio and Argo CD. */
export const deliveryCases: readonly AlertCase[] = [
    ...argocdCases,
    firing("FlaggerCanaryFailed", "its analysis has failed", {
        series: [canary(from("5m", 2, 0))],
        severity: "warning",
        at: "6m",
        alerts: [
            {
                labels: web,
                summary: "The canary shop/web has failed",
                description:
                    "Flagger has taken the new version of shop/web back: its analysis failed. The old version serves.",
            },
        ],
        until: "1h",
    }),
    quiet("FlaggerCanaryFailed", "it is in progress, and succeeds", {
        series: [canary(from("30m", 1, 0))],
        until: "1h",
    }),
    quiet("FlaggerCanaryFailed", "the next version starts within a minute", {
        series: [canary(between("5m", "6m", 2, 0))],
        until: "1h",
    }),
    firing("FlaggerCanaryStuck", "it is in progress, and Flagger itself restarts meanwhile", {
        series: [canary(from("1h", "gone", 0)), canary(from("1h", 0, "gone"), "flagger-1")],
        severity: "warning",
        at: "2h",
        alerts: [
            {
                labels: web,
                summary: "The canary shop/web does not come to an end",
                description:
                    "The analysis of shop/web has been in progress for 2h: two versions serve at once.",
            },
        ],
        until: "3h",
    }),
    quiet("FlaggerCanaryStuck", "it comes to an end just before 2 hours are over", {
        series: [canary(from("2h", 1, 0))],
        until: "3h",
    }),
    firing("IstioHighErrorRate", "more than 5 % of the answers are errors", {
        series: [requests("503", climb(5.1)), requests("200", climb(94.9))],
        severity: "warning",
        at: "330s",
        alerts: [
            {
                labels: {
                    namespace: "shop",
                    destination_service_namespace: "shop",
                    destination_service_name: "web",
                },
                summary: "shop/web answers with errors",
                description: "5.1% of the answers of shop/web have been 5xx for 5m, more than 5 %.",
            },
        ],
        until: "1h",
    }),
    quiet("IstioHighErrorRate", "less than 5 % of the answers are errors", {
        series: [requests("503", climb(4.9)), requests("200", climb(95.1))],
        until: "1h",
    }),
    quiet("IstioHighErrorRate", "clients ask for what is not there", {
        series: [requests("404", climb(60)), requests("200", climb(40))],
        until: "1h",
    }),
    quiet(
        "IstioHighErrorRate",
        "the caller's sidecar counts errors that never reached the service",
        {
            series: [requests("503", climb(60), "source"), requests("200", climb(40))],
            until: "1h",
        },
    ),
    quiet("IstioHighErrorRate", "all fails for less than 5 minutes", {
        series: [requests("503", from("5m", 6, 0)), requests("200", climb(10))],
        until: "1h",
    }),
    firing("IstioConfigRejected", "a proxy refuses what istiod sends, again and again", {
        series: [rejects(climb(6))],
        severity: "warning",
        at: "630s",
        alerts: [
            {
                labels: { namespace: "istio-system" },
                summary: "Proxies of Istio refuse their configuration",
                description:
                    "Proxies have refused 0.10 configurations per second from istiod in istio-system for 10m: they go on with the last one that they took.",
            },
        ],
        until: "1h",
    }),
    quiet("IstioConfigRejected", "one was refused, and put right", {
        series: [rejects(from("10m", 3, 0))],
        until: "1h",
    }),
    quiet("IstioConfigRejected", "istiod restarts, and its counter with it", {
        series: [rejects(from("10m", 0, 300))],
        until: "1h",
    }),
];
