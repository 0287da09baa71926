import { seconds } from "../settings/duration";
import { NAMESPACES } from "../stack/namespaceNames";
import { gibibytes, volumeSize } from "../settings/quantity";
import { intervals } from "../settings/schedule";
import { redisBackupVolume } from "../redis/redisCapacity";
import { Problem, show } from "../settings/problems";
import type { Settings } from "../stack/schema";

/** The rules between backups, where they go and how long they stay. Returns every problem. */
export function backupProblems(settings: Settings): Problem[] {
    return [
        ...credentialProblems(settings),
        ...passwordProblems(settings),
        ...retentionProblems(settings),
        ...Object.keys(settings.redis).flatMap((namespace) =>
            namespaceProblems(settings, namespace),
        ),
    ];
}

function credentialProblems({ backup, backupCredentials }: Settings): Problem[] {
    if (Object.keys(backupCredentials).length === 0 || backup.repository?.type === "s3") {
        return [];
    }
    return [
        {
            path: "backupCredentials",
            got: "the credentials of no bucket",
            allowed: `nothing, unless backup.repository has type "s3"`,
        },
    ];
}

function passwordProblems({ backupPasswords, cluster, redis }: Settings): Problem[] {
    const allowed = [
        ...(cluster.role === "owner" ? [NAMESPACES.monitoring] : []),
        ...Object.keys(redis),
    ];
    return Object.keys(backupPasswords)
        .filter((namespace) => !allowed.includes(namespace))
        .map((namespace) => ({
            path: `backupPasswords.${namespace}`,
            got: "the key of a namespace that has no backups",
            allowed: `the namespaces ${allowed.join(", ")}`,
        }));
}

/** Every schedule that a stack uses, by where it is set. */
function schedules({ backup, cluster, redis }: Settings): [string, string][] {
    const { grafana, prometheus } = backup.schedules;
    const platform: [string, string][] = [
        ["backup.schedules.grafana", grafana],
        ["backup.schedules.prometheus", prometheus],
    ];
    const instances = Object.entries(redis).flatMap(([namespace, each]) =>
        Object.entries(each.instances).flatMap(([name, instance]): [string, string][] =>
            instance.backup
                ? [
                      [
                          `redis.${namespace}.instances.${name}.backup.schedule`,
                          instance.backup.schedule,
                      ],
                  ]
                : [],
        ),
    );
    return [...(cluster.role === "owner" ? platform : []), ...instances];
}

function retentionProblems(settings: Settings): Problem[] {
    // Less than a day is a problem of its own.
    if (!settings.backup.repository || seconds(settings.retention.backups) < 86400) {
        return [];
    }
    const kept = settings.retention.backups;
    return schedules(settings)
        .filter(([, schedule]) => intervals(schedule).longest > seconds(kept))
        .map(([path, schedule]) => ({
            path,
            got: show(schedule),
            allowed: `a schedule that runs within retention.backups (${kept}): it pauses for ${Math.ceil(intervals(schedule).longest / 86400)}d`,
        }));
}

function namespaceProblems(settings: Settings, namespace: string): Problem[] {
    const { repository } = settings.backup;
    const instances = Object.entries(settings.redis[namespace]?.instances ?? {}).filter(
        ([, { backup }]) => backup,
    );
    if (!repository) {
        return instances.map(([name]) => ({
            path: `redis.${namespace}.instances.${name}.backup`,
            got: "a backup without a place",
            allowed: "backup.repository, a bucket or a volume, or no backup of this instance",
        }));
    }
    if (repository.type !== "volume") {
        return [];
    }
    const volume = redisBackupVolume(
        instances.map(([, instance]) => instance),
        settings.retention,
        repository.storageSize,
    );
    if (volume.needed <= volume.usable) {
        return [];
    }
    return [
        {
            path: "backup.repository.storageSize",
            got: show(repository.storageSize),
            allowed: `backups of namespace "${namespace}" for ${settings.retention.backups} need up to ${gibibytes(volume.needed)} and it leaves ${gibibytes(volume.usable)}: shorten retention.backups, or set it to ${volumeSize(volume.volumeFor)} or more`,
        },
    ];
}
