import * as pulumi from "@pulumi/pulumi";

import type { AlertContext } from "../alerting/prometheusRule";
import type { Scraper } from "../kubernetes/monitors";
import { allowIngress } from "../kubernetes/wiring";
import type { KubePrometheusStack } from "../metrics/kubePrometheusStack";
import { backupAlerts } from "./backupAlerts";
import { BackupJob } from "./backupJob";
import { BackupPolicy, BackupStore } from "./backupStore";
import { grafanaPrograms } from "./grafanaPrograms";
import { prometheusAccount } from "./prometheusAccount";
import { prometheusPrograms, tokenVolume } from "./prometheusPrograms";
import type { BackupSettings } from "./settings";

export interface BackupArgs {
    readonly policy: BackupPolicy;
    /** Cron schedules of the backups, in UTC. */
    readonly schedules: Pick<BackupSettings["schedules"], "grafana" | "prometheus">;
    /** Name of the namespace of what is backed up. */
    readonly namespaceName: string;
    /** The namespace of that name, made before. */
    readonly namespace: pulumi.Input<string>;
    readonly metrics: KubePrometheusStack;
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/** Bytes enough for text: dashboards, rules and configurations. */
const SCRATCH = "1Gi";

/**
 * Backups of the platform: what people made in Grafana, and the resources and generated configurations of the
 * Prometheus Operator; a restore drill of each, and the alerts on both. Elasticsearch makes its own snapshots, and
 * each Redis namespace its own backups. Leaves the repositories.
 */
export class Backup extends pulumi.ComponentResource {
    public readonly store: BackupStore;

    constructor(name: string, args: BackupArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Backup", name, {}, opts);
        const { policy, namespaceName, namespace } = args;
        this.store = new BackupStore(
            `${name}-store`,
            { policy, namespaceName, namespace },
            { parent: this },
        );
        if (!policy.paused) {
            this.backUp(name, args);
        }
        this.registerOutputs({});
    }

    /** The jobs, their drills, and the alerts on both. */
    private backUp(name: string, args: BackupArgs): void {
        const { policy, schedules, namespaceName, namespace, metrics, alerts, scraper } = args;
        const child = { parent: this };
        const { store } = this;
        const common = { policy, store, scratch: SCRATCH };
        const { grafana } = metrics;
        const count = grafana ? 2 : 1;
        const ofGrafana =
            grafana &&
            new BackupJob(
                `${name}-grafana`,
                {
                    ...common,
                    source: "grafana",
                    turn: { index: 0, count },
                    schedule: schedules.grafana,
                    ...grafanaPrograms(grafana, grafana.adminSecret),
                },
                child,
            );
        if (grafana && ofGrafana) {
            allowIngress(
                "backup-to-grafana",
                { from: [...ofGrafana.workloads], to: [grafana] },
                child,
            );
        }
        const prometheus = new BackupJob(
            `${name}-prometheus`,
            {
                ...common,
                source: "prometheus",
                turn: { index: count - 1, count },
                schedule: schedules.prometheus,
                serviceAccount: prometheusAccount(
                    `${name}-prometheus`,
                    namespace,
                    metrics.generatedSecrets.map(({ secret }) => secret),
                    child,
                ),
                volumes: [tokenVolume()],
                ...prometheusPrograms(namespaceName, metrics.generatedSecrets),
            },
            child,
        );
        backupAlerts(
            `${name}-alerts`,
            {
                namespaceName,
                namespace,
                ages: [...(ofGrafana ? [ofGrafana.ages] : []), prometheus.ages],
                alerts,
                scraper,
            },
            child,
        );
    }
}
