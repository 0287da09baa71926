import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext } from "../alerting/prometheusRule";
import { BackupAges, backupRules } from "../alerting/rules/backup";
import type { Scraper } from "../kubernetes/monitors";

export interface BackupAlertsArgs {
    readonly namespaceName: string;
    readonly namespace: pulumi.Input<string>;
    readonly ages: readonly BackupAges[];
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/** The alerts on the backups and drills of one namespace. */
export function backupAlerts(
    name: string,
    { namespaceName, namespace, ages, alerts, scraper }: BackupAlertsArgs,
    opts: pulumi.ComponentResourceOptions,
): AlertRules {
    return new AlertRules(
        name,
        {
            namespace,
            ruleName: "backup",
            groups: [backupRules(namespaceName, ages)],
            alerts,
            scraper,
        },
        opts,
    );
}
