import { changed, instances, Refused, refuses } from "../../support/refusalTable";

const cache = (schedule: string, more = {}) =>
    instances({ cache: { mode: "standalone", backup: { schedule }, ...more } });
const volume = (storageSize: string) => ({
    backup: { repository: { type: "volume", storageSize } },
});

describe("Backups in the configuration", () => {
    const cases: Record<string, Refused> = {
        "a schedule that is none": {
            change: cache("daily"),
            says: `redis.orders.instances.cache.backup.schedule: got "daily"; allowed: a cron schedule of five fields in UTC, such as "0 1 * * *": days of the week are 0 (Sunday) to 6 or sun to sat`,
        },
        "a schedule that never comes": {
            change: { backup: { ...volume("30Gi").backup, schedules: { drill: "0 0 30 2 *" } } },
            says: `backup.schedules.drill: got "0 0 30 2 *"; allowed: a cron schedule of five fields in UTC, such as "0 1 * * *": days of the week are 0 (Sunday) to 6 or sun to sat`,
        },
        "a backup of Redis without a place for it": {
            change: { ...cache("0 1 * * *"), backup: {} },
            says: `redis.orders.instances.cache.backup: got a backup without a place; backup.repository, a bucket or a volume, or no backup of this instance`,
        },
        "a place that does not exist": {
            change: { backup: { repository: { type: "ftp" } } },
            says: `backup.repository.type: got "ftp"; allowed: s3, volume`,
        },
        "an endpoint that is no URL": {
            change: { backup: { repository: { type: "s3", endpoint: "s3", bucket: "bucket" } } },
            says: `backup.repository.endpoint: got "s3"; allowed: the http or https URL of a service such as https://s3.example.com: a host, no spaces, no user or password, nothing after the port; or ""`,
        },
        "credentials of no bucket": {
            change: { backupCredentials: { accessKeyId: "key" } },
            says: `backupCredentials: got the credentials of no bucket; nothing, unless backup.repository has type "s3"`,
        },
        "a credential that does not exist": {
            change: { backupCredentials: { accesKeyId: "key" } },
            says: `backupCredentials.accesKeyId: got an unknown key; did you mean "accessKeyId"? allowed: accessKeyId, secretAccessKey`,
        },
        "the key of a namespace without backups": {
            change: { backupPasswords: { order: "key" } },
            says: `backupPasswords.order: got the key of a namespace that has no backups; the namespaces monitoring, prod`,
        },
        "a retention that ends before the next backup comes": {
            change: changed("prod", "retention", { backups: "3d" }),
            says: `backup.schedules.prometheus: got "0 2 * * 0"; a schedule that runs within retention.backups (3d): it pauses for 7d`,
        },
        "a retention that is no duration": {
            change: changed("prod", "retention", { backups: "a month" }),
            says: `retention.backups: got "a month"; allowed: a whole number and a unit of s, m, h, d or w, such as 30s or 7d, at most 36500d`,
        },
        "a volume that the retention fills": {
            // 192Mi x 31 = 5.8Gi, and 85 % of 5Gi are 4.3Gi.
            change: { ...cache("0 1 * * *"), ...volume("5Gi") },
            says: `backup.repository.storageSize: got "5Gi"; backups of namespace "orders" for 30d need up to 5.8Gi and it leaves 4.3Gi: shorten retention.backups, or set it to 7Gi or more (docs/volumes.md)`,
        },
        "a volume that three shards fill": {
            change: { ...cache("0 1 * * *", { mode: "cluster", shards: 3 }), ...volume("7Gi") },
            says: `backup.repository.storageSize: got "7Gi"; backups of namespace "orders" for 30d need up to 17.4Gi and it leaves 6.0Gi: shorten retention.backups, or set it to 21Gi or more (docs/volumes.md)`,
        },
    };
    refuses(cases);
});
