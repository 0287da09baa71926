/** Top-level keys whose values are secret, and are never shown. */
export const SECRET_KEYS = [
    "receiverSecrets",
    "snapshotCredentials",
    "backupCredentials",
    "backupPasswords",
    "redisPasswords",
] as const;
export type SecretKey = (typeof SECRET_KEYS)[number];
