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

# job HOST: the Job of a pod, whose host has the pod's name: the Job's, and an end of its own.
job() {
    echo "${1%-*}"
}

# holders: `dead`, `shared` or `exclusive` and the host of each lock. restic calls a lock of another host dead after 30
# minutes, and a pod that is made anew has another name; but no Job has two pods at once, so its earlier ones are dead.
holders() {
    locks=$(restic list locks --no-lock) || fail "the locks of $RESTIC_REPOSITORY cannot be listed"
    for id in $locks; do
        # One that cannot be read is gone when it is looked at again, or not ours to judge.
        lock=$(restic cat lock "$id" --no-lock 2>/dev/null) || lock='{"hostname":"unknown","exclusive":true}'
        host=$(echo "$lock" | jq -r .hostname)
        if [ "$(job "$host")" = "$(job "$(hostname)")" ]; then
            echo "dead $host"
        else
            echo "$lock" | jq -r 'if .exclusive then "exclusive" else "shared" end + " " + .hostname'
        fi
    done
}

# free WHICH: waits for the holders of locks, "any" or those that let no other in, and removes what dead pods left.
free() {
    while true; do
        restic unlock
        held=$(holders) || exit
        others=$(echo "$held" | awk -v which="$1" '$1 == "exclusive" || ($1 == "shared" && which == "any") { print $2 }')
        [ -n "$others" ] || break
        echo "store: waits for" $others
        sleep 5
    done
    # There is no removing of one alone.
    case $held in
    *shared*) ;;
    *dead*) restic unlock --remove-all ;;
    esac
}

# No lock: one that a killed pod left must not look like a repository that is missing. With a wrong password, or an
# unreachable bucket, `init` fails too, and says why.
restic cat config --no-lock >/dev/null 2>&1 || restic init
free exclusive
restic backup --host backup .
# Before anything is deleted: a damaged repository keeps all that it has.
free any
restic check
# Of what is older, the newest stays: a repository is never emptied.
restic forget --group-by '' --keep-within "$KEEP_WITHIN" --keep-last 1 --prune
