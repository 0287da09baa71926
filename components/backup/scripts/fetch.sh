#!/bin/sh
# Restores a backup of a repository, the newest, into a scratch folder, and refuses an old or damaged one.
# RESTIC_REPOSITORY, RESTIC_PASSWORD; RESTORED: the folder to make; MAX_AGE_SECONDS: how old the newest may be;
# without it, any age. SNAPSHOT: the id of an older one.
set -eu

fail() {
    echo "fetch: $*" >&2
    exit 1
}

export TZ=UTC
# Reads everything that the repository holds. No lock: a drill writes nothing, and needs no right to.
restic check --no-lock --read-data
snapshots=$(restic snapshots --no-lock --json) || fail "the backups of $RESTIC_REPOSITORY cannot be listed"
newest=$(echo "$snapshots" | jq -r 'map(.time) | max // empty')
[ -n "$newest" ] || fail "$RESTIC_REPOSITORY holds no backup"
age=$(jq -n --arg time "$newest" 'now - ($time | sub("\\.[0-9]+"; "") | fromdateiso8601) | floor')
[ -z "${MAX_AGE_SECONDS:-}" ] || [ "$age" -le "$MAX_AGE_SECONDS" ] ||
    fail "the newest backup, of $newest, is $age s old; allowed: $MAX_AGE_SECONDS s"

scratch=$(mktemp -d "${RESTORED}.XXXXXX")
restic restore --no-lock "${SNAPSHOT:-latest}" --target "$scratch"
# restic restores the whole path that was backed up.
manifest=$(find "$scratch" -name MANIFEST)
[ -f "$manifest" ] || fail "the backup of $newest holds no MANIFEST"
mv "$(dirname "$manifest")" "$RESTORED"
rm -rf "$scratch"
echo "fetch: ${SNAPSHOT:-the newest, of $newest, $age s old}"
