import type { Recorded } from "./recordedState";

const STORE_TYPE = "observability:index:BackupStore";

/**
 * Names of the stores of backups that the state has. They outlive what they are of: neither the last instance that
 * asks for a backup nor `components.backup: off` takes the claim and the key with it. A store of which `allowReplace`
 * names the claim or the key is given up.
 */
export function keptBackupStores(
    recorded: readonly Recorded[],
    allowReplace: readonly string[],
): string[] {
    return recorded
        .filter(({ type }) => type === STORE_TYPE)
        .map(({ name }) => name)
        .filter((name) => !allowReplace.some((each) => each.startsWith(`${name}-`)));
}
