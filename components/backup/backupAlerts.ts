import * as pulumi from "@pulumi/pulumi";

import type { Scraper } from "../common/monitors";
import type { StackConfig } from "../config";
import { AlertRules } from "../monitoring/alertRules";
import { BackupAges, backupRules } from "../monitoring/rules/backup";

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
