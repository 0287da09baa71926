#!/bin/sh
# Stores an export in its restic repository, and forgets what is older than the retention.
# RESTIC_REPOSITORY, RESTIC_PASSWORD and what the repository's kind needs; EXPORT: the folder; KEEP_WITHIN: such as 30d.
set -eu

fail() {
    echo "store: $*" >&2
    exit 1
}

cd "$EXPORT"
[ -s MANIFEST ] || fail "$EXPORT/MANIFEST is missing or empty: nothing was exported"
# Of every file, so that the drill can tell what a restore gave back.
sums=$(find . -type f ! -name SHA256SUMS -exec sha256sum {} +) || fail "a file of $EXPORT cannot be read"
echo "$sums" | sort -k 2 >SHA256SUMS

# With a wrong password, or an unreachable bucket, `init` fails too, and says why.
restic cat config >/dev/null 2>&1 || restic init
# Locks that a killed job left; those of running ones stay.
restic unlock
restic backup --host backup .
# Before anything is deleted: a damaged repository keeps all that it has.
restic check
# Of what is older, the newest stays: a repository is never emptied.
restic forget --group-by '' --keep-within "$KEEP_WITHIN" --keep-last 1 --prune
