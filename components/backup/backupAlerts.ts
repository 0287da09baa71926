import * as pulumi from "@pulumi/pulumi";

import type { Scraper } from "../kubernetes/monitors";
import type { StackConfig } from "../stack/config";
import { AlertRules } from "../alerting/alertRules";
import { BackupAges, backupRules } from "../alerting/rules/backup";

export interface BackupAlertsArgs {
    readonly config: StackConfig;
    readonly namespaceName: string;
    readonly namespace: pulumi.Input<string>;
    readonly ages: readonly BackupAges[];
    readonly scraper: Scraper;
}

/** The alerts on the backups and drills of one namespace. */
export function backupAlerts(
    name: string,
    { config, namespaceName, namespace, ages, scraper }: BackupAlertsArgs,
    opts: pulumi.ComponentResourceOptions,
): AlertRules {
    return new AlertRules(
        name,
        {
            config,
            namespace,
            ruleName: "backup",
            groups: [backupRules(namespaceName, ages)],
            environment: config.environment,
            team: config.redis[namespaceName]?.team,
            scraper,
        },
        opts,
    );
}
