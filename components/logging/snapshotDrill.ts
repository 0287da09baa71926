import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { AlertContext } from "../alerting/prometheusRule";
import { backupAlerts } from "../backup/backupAlerts";
import { podLabels } from "../backup/backupPods";
import { DEADLINE, scheduledJob, SLACK } from "../backup/scheduledJob";
import { contentHash } from "../kubernetes/contentHash";
import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { allowIngress, clusterUrl } from "../kubernetes/wiring";
import { intervals } from "../settings/schedule";
import type { Elasticsearch } from "./elasticsearch";
import { DRILL_PREFIX } from "./elasticsearchRoles";
import { STREAMS } from "./logSchema";
import { programFiles } from "./programFiles";
import { programPod } from "./programPod";
import type { DrillPlan } from "./programs/drillPlan";
import { SNAPSHOT_INTERVAL, SNAPSHOT_POLICY } from "./setup/lifecycle";
import { REPOSITORY } from "./setup/snapshotRepository";

const SOURCE = "elasticsearch";
/** What is left of a run's time is for cleaning up. */
const CLEANUP_SECONDS = 300;
const PAUSE_SECONDS = 5;

export interface SnapshotDrillArgs {
    /** Cron, in UTC. */
    readonly schedule: string;
    readonly namespaceName: string;
    /** The namespace of that name, made before. */
    readonly namespace: pulumi.Input<string>;
    readonly elasticsearch: Elasticsearch;
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/**
 * The restore drill of Elasticsearch's snapshots: a CronJob that restores indices of the newest one beside the others,
 * counts and deletes them, and the alerts on it. Leaves nothing.
 */
export class SnapshotDrill extends pulumi.ComponentResource {
    constructor(name: string, args: SnapshotDrillArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:SnapshotDrill", name, {}, opts);
        const { schedule, namespaceName, namespace, elasticsearch, alerts, scraper } = args;
        const child = { parent: this };
        const labels = podLabels("drill", SOURCE);
        const files = {
            ...programFiles("drill"),
            "plan.json": JSON.stringify(drillPlan(), undefined, 2),
        };
        const configMap = new k8s.core.v1.ConfigMap(
            `${name}-files`,
            {
                metadata: {
                    name: `${SOURCE}-drill-${contentHash(JSON.stringify(files), 10)}`,
                    namespace,
                    labels: PART_OF,
                },
                data: files,
                immutable: true,
            },
            child,
        );
        scheduledJob(
            name,
            {
                cronJob: `drill-${SOURCE}`,
                namespace,
                schedule,
                template: programPod({
                    podLabels: labels,
                    program: "drill",
                    configMap: configMap.metadata.name,
                    servers: {
                        elasticsearch: {
                            url: clusterUrl(elasticsearch.endpoint),
                            ca: { configMap: { name: elasticsearch.caConfigMap } },
                        },
                    },
                    userSecret: elasticsearch.users.restoreDrill.secret,
                }),
            },
            child,
        );
        allowIngress(
            "drill-to-elasticsearch",
            { from: [{ namespace, podLabels: labels }], to: [elasticsearch.endpoint] },
            child,
        );
        const ages = [{ source: SOURCE, drill: intervals(schedule).longest + SLACK }];
        backupAlerts(`${name}-alerts`, { namespaceName, namespace, ages, alerts, scraper }, child);
        this.registerOutputs({});
    }
}

export function drillPlan(): DrillPlan {
    return {
        repository: REPOSITORY,
        prefix: DRILL_PREFIX,
        policy: SNAPSHOT_POLICY,
        streams: Object.values(STREAMS),
        maxAgeSeconds: SNAPSHOT_INTERVAL + SLACK,
        deadlineSeconds: DEADLINE - CLEANUP_SECONDS,
        pauseSeconds: PAUSE_SECONDS,
    };
}
