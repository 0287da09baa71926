#!/bin/sh
# Lets every Redis and Sentinel of an instance use the certificate that its Secret has by now. Redis reads it again while
# it serves. A Sentinel reads it at its start alone: one that has run for long starts again, one after the other.
# MEMBERS: HOST:PORT of every Redis; SENTINELS: of every Sentinel, or nothing; REDISCLI_AUTH: the password of Redis;
# TLS_FOLDER: with ca.crt; SENTINEL_SECONDS: for how long a Sentinel runs at most; WAIT_SECONDS: for one that starts again.
set -eu

fail() {
    echo "reload: $*" >&2
    exit 1
}

# ask MEMBER COMMAND...: no answer and an error reply fail.
ask() {
    member=$1
    shift
    timeout 30 redis-cli --tls --cacert "$TLS_FOLDER/ca.crt" -e -h "${member%:*}" -p "${member##*:}" "$@" </dev/null
}

# ask_openly MEMBER COMMAND...: a Sentinel has no password.
ask_openly() {
    (unset REDISCLI_AUTH && ask "$@")
}

failed=
for each in $MEMBERS; do
    # The same path again is what makes Redis read the three files again.
    path=$(ask "$each" CONFIG GET tls-cert-file | tail -n 1)
    if [ -n "$path" ] && ask "$each" CONFIG SET tls-cert-file "$path" >/dev/null; then
        echo "reload: $each read its certificate"
    else
        echo "reload: $each did not read its certificate" >&2
        failed="$failed $each"
    fi
done
[ -z "$failed" ] || fail "not every Redis has the certificate of its Secret:$failed"

# watches SENTINEL: whether it sees a master that answers, and another Sentinel.
watches() {
    info=$(ask_openly "$1" INFO sentinel) || return
    echo "$info" | tr -d '\r' | grep -q '^master0:.*status=ok,.*sentinels=\([2-9]\|[0-9][0-9]\)'
}

for each in ${SENTINELS:-}; do
    info=$(ask_openly "$each" INFO server) || fail "$each does not answer"
    uptime=$(echo "$info" | tr -d '\r' | sed -n 's/^uptime_in_seconds://p')
    [ -n "$uptime" ] || fail "$each does not tell for how long it has run"
    if [ "$uptime" -le "$SENTINEL_SECONDS" ]; then
        echo "reload: $each has run for $uptime s"
        continue
    fi
    watches "$each" || fail "$each watches no master with other Sentinels, and is left as it is"
    # It ends before it answers.
    ask_openly "$each" SHUTDOWN >/dev/null 2>&1 || true
    waited=0
    until watches "$each" 2>/dev/null; do
        [ "$waited" -lt "$WAIT_SECONDS" ] || fail "$each watches no master since it started again; the others are left as they are"
        sleep 1
        waited=$((waited + 1))
    done
    echo "reload: $each started again"
done
