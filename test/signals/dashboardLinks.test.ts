import assert from "node:assert/strict";

import { alertSettings, AlertName } from "../../components/alerting/rules/settings";
import { renderDashboards } from "../../components/dashboards/dashboards";
import { SHOWN_PARTS } from "../../components/dashboards/definition";
import type { DashboardJson } from "../../components/dashboards/model/types";
import { dashboardsPart } from "../../components/dashboards/settings";
import { NAMESPACES } from "../../components/stack/namespaceNames";
import { ALERT_RULES } from "./renderedRules";

/** kube-prometheus-stack's: its pods of a namespace, its workloads, a pod, and Prometheus. */
const CHART = {
    namespacePods: "85a562078cdf77779eaa1add43ccec1e",
    namespaceWorkloads: "a87fb0d919ec0ea5f6543124e16c42a5",
    pod: "6581e46e4e5c7ba40a07646395ef7b23",
    prometheus: "9fa0d141-d019-4ad7-8bc5-42196ee308bd",
};

/** The dashboard of each alert's subject, and what is chosen there. */
const EXPECTED: Readonly<Record<string, readonly AlertName[]>> = {
    "redis-instance namespace": ["RedisNamespaceDown"],
    "redis-instance namespace,instance": [
        "RedisInstanceDown",
        "RedisPodsMissing",
        "RedisMasterDown",
        "RedisSplitBrain",
        "RedisReplicasDisconnected",
        "RedisKeysLost",
    ],
    "redis-instance namespace,instance,pod": [
        "RedisExporterDown",
        "RedisHighMemoryUsage",
        "RedisMemoryForecast",
        "RedisHighConnections",
        "RedisReplicaLinkDown",
        "RedisReplicationLag",
        "RedisFailoverHappened",
        "RedisPersistenceFailing",
        "RedisRejectedConnections",
        "RedisConnectionsExhausted",
        "RedisEvictions",
        "RedisFragmentation",
        "RedisBlockedClients",
    ],
    "redis-sentinel namespace,instance": ["RedisSentinelQuorumLost", "RedisSentinelsDisagree"],
    "redis-sentinel namespace,instance,pod": ["RedisSentinelNotWatching"],
    "redis-cluster namespace,instance": [
        "RedisClusterDown",
        "RedisClusterSlotsNotServed",
        "RedisClusterSlotsFailing",
    ],
    "redis-performance namespace,instance": ["RedisHighLatency"],
    "redis-performance namespace,instance,pod": ["RedisMainThreadBusy", "RedisSlowCommands"],
    "redis-operator": ["RedisOperatorDown", "RedisOperatorNoLeader", "RedisOperatorReconcileStuck"],
    "redis-operator controller": ["RedisOperatorHighReconcileErrors"],
    "redis-operator namespace": ["RedisReconcileSkipped"],
    "flux namespace,kind": [
        "FluxReconciliationFailed",
        "FluxGitRepositorySyncFailed",
        "FluxStalled",
        "FluxSuspended",
        "FluxReleaseRolledBack",
        "FluxReconcileOverdue",
    ],
    flux: ["FluxStateMissing"],
    "rollouts namespace,deployment": [
        "DeploymentNotReady",
        "FlaggerCanaryFailed",
        "FlaggerCanaryStuck",
    ],
    "application namespace": ["HorizontalPodAutoscalerInactive", "IstioHighErrorRate"],
    [`${CHART.namespaceWorkloads} namespace`]: ["AutoscalingErrors", "AutoscalingQueueUnknown"],
    "logs-pipeline": [
        "ElasticsearchUnreachable",
        "ElasticsearchRed",
        "ElasticsearchYellow",
        "ElasticsearchDiskLow",
        "ElasticsearchDiskFull",
        "ElasticsearchHeapHigh",
        "ElasticsearchRejections",
        "ElasticsearchIlmFailed",
        "ElasticsearchSnapshotFailed",
        "ElasticsearchSnapshotOld",
        "ElasticsearchSnapshotMissing",
        "ElasticsearchRepositoryLost",
        "FluentBitRecordsLost",
        "FluentBitRetryStorm",
        "FluentBitBufferNearlyFull",
        "FluentBitNoOutput",
        "FluentBitLinesSkipped",
    ],
    "traces-pipeline": [
        "JaegerSpansRefused",
        "JaegerSpansLost",
        "JaegerQueueNearlyFull",
        "JaegerStorageFailing",
    ],
    "slo objective": ["ErrorBudgetBurnFast", "ErrorBudgetBurnSlow"],
    "backups namespace": [
        "BackupFailed",
        "BackupTooOld",
        "RestoreDrillFailed",
        "RestoreDrillTooOld",
    ],
    [`${CHART.namespacePods} namespace`]: [
        "TargetMissing",
        "IstioConfigRejected",
        "AutoscalingUnavailable",
    ],
    [`${CHART.pod} namespace,pod`]: ["PodCrashLooping", "HighMemoryUsage", "HighCPUUsage"],
    "argocd namespace,application": ["ArgocdApplicationDegraded", "ArgocdApplicationOutOfSync"],
    "probes probe": ["CertificateAboutToExpire", "CertificateExpiring", "ProbeFailed"],
    // What is scraped and how is Prometheus' own.
    [CHART.prometheus]: [
        "NodeDown",
        "ScrapeJobVanished",
        "ApplicationObjectiveUnmeasured",
        "ApplicationTooManySamples",
    ],
};

describe("the dashboards that alerts link to", () => {
    const dashboards = new Map(
        renderDashboards({
            settings: dashboardsPart.keys.dashboards.parse(undefined),
            alerts: alertSettings.parse({}),
            runbookBaseUrl: "https://example.org/runbooks",
            parts: new Set(SHOWN_PARTS),
            namespaces: NAMESPACES,
            instances: {},
            fluxWithin: "1h",
            slos: {},
        }).map(({ uid, json }) => [uid, JSON.parse(json) as DashboardJson]),
    );
    const links = ALERT_RULES.map(({ alert, dashboard: { uid, variables } }) => ({
        alert,
        uid,
        names: Object.keys(variables),
    }));

    it("are those of their subjects", () => {
        const found = new Map<string, Set<string>>();
        for (const { alert, uid, names } of links) {
            const key = `${uid} ${names.join(",")}`.trim();
            found.set(key, (found.get(key) ?? new Set()).add(alert));
        }
        const sorted = (all: Iterable<readonly [string, Iterable<string>]>) =>
            Object.fromEntries([...all].map(([key, names]) => [key, [...names].sort()]));
        assert.deepEqual(sorted(found), sorted(Object.entries(EXPECTED)));
    });

    it("link its runbook at one of their panels", () => {
        const charts: readonly string[] = Object.values(CHART);
        const missing = links
            .filter(({ uid }) => !charts.includes(uid))
            .filter(({ alert, uid }) => {
                const panels = JSON.stringify(dashboards.get(uid)?.panels);
                return !panels.includes(`https://example.org/runbooks/${alert}.md`);
            })
            .map(({ alert, uid }) => `${uid}: ${alert}`);
        assert.deepEqual([...new Set(missing)], []);
    });

    it("are there by default, with the variables that are set", () => {
        const charts: readonly string[] = Object.values(CHART);
        for (const { alert, uid, names } of links.filter((link) => !charts.includes(link.uid))) {
            const variables = dashboards.get(uid)?.templating.list?.map(({ name }) => name);
            assert.ok(variables, `${alert} links to ${uid}, which is not there`);
            for (const name of names) {
                assert.ok(variables.includes(name), `${alert}: ${uid} has no variable ${name}`);
            }
        }
    });
});
