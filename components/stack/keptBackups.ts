import type { Recorded } from "./recordedState";

const STORE = /^redis-(.+)-backups-store$/;
const STORE_TYPE = "observability:index:BackupStore";

/**
 * Namespaces of Redis whose backups the state has, by the store's name in the program. They outlive what they are of:
 * the last instance that asks for a backup takes neither the claim nor the key with it. A store of which
 * `allowReplace` names the claim or the key is given up.
 */
export function keptBackupStores(
    recorded: readonly Recorded[],
    allowReplace: readonly string[],
): string[] {
    return recorded
        .filter(({ type }) => type === STORE_TYPE)
        .filter(({ name }) => !allowReplace.some((each) => each.startsWith(`${name}-`)))
        .flatMap(({ name }) => STORE.exec(name)?.[1] ?? []);
}
