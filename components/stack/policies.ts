import { AlertContext, alertContext } from "../alerting/prometheusRule";
import type { BackupPolicy } from "../backup/backupStore";
import type { StackConfig } from "./config";
import { externalUrl } from "./ingress";
import { storageClassOf } from "./settings";

/** What every alert of the stack shares. */
export function stackAlerts({
    alerting,
    environment,
    ingress,
    existing,
}: Pick<StackConfig, "alerting" | "environment" | "ingress" | "existing">): AlertContext {
    const grafanaUrl = externalUrl(ingress, "grafana") ?? existing.grafana?.url;
    return alertContext(alerting, environment, grafanaUrl);
}

/** Where the stack's backups go and how long they stay; undefined without a repository. */
export function backupPolicy(config: StackConfig): BackupPolicy | undefined {
    const { repository, schedules } = config.backup;
    return (
        repository && {
            repository,
            folder: `${config.cluster.name}/${config.environment}`,
            credentials: config.existingSecrets.backups ?? config.backupCredentials,
            passwords: config.backupPasswords,
            retention: config.retention.backups,
            drillSchedule: schedules.drill,
            paused: config.components.backup === "off",
            storageClass: storageClassOf(config, "backup"),
            protect: config.dataProtection.protect,
            keepVolumes: config.dataProtection.keepVolumes,
        }
    );
}
