#!/bin/sh
# Writes one RDB file for each shard of a Redis, from a replica where one is in sync.
# MEMBERS: HOST:PORT of every Redis of the instance; REDISCLI_AUTH: its password; EXPORT: the folder to write to;
# ALLOW_EMPTY: "true" when an instance without a key is no failure.
set -eu

fail() {
    echo "export: $*" >&2
    exit 1
}

# ask MEMBER COMMAND...: an error reply fails too.
ask() {
    member=$1
    shift
    # Without a limit, a pod that is gone holds the job up until its own.
    timeout 30 redis-cli -e -h "${member%:*}" -p "${member##*:}" "$@" | tr -d '\r'
}

# field NAME: the value of `NAME:value` on the standard input.
field() {
    sed -n "s/^$1://p"
}

# shard_of MEMBER: the id of its master; outside of a cluster there is one shard.
shard_of() {
    if [ "$(ask "$1" INFO cluster | field cluster_enabled)" = 1 ]; then
        ask "$1" CLUSTER NODES | awk '$3 ~ /myself/ { print ($4 == "-") ? $1 : $4 }'
    else
        echo 0
    fi
}

# Lines of `SHARD RANK MEMBER`; a replica in sync ranks before a master.
candidates() {
    for each in $MEMBERS; do
        if ! info=$(ask "$each" INFO replication) || [ -z "$info" ]; then
            echo "export: $each does not answer" >&2
            continue
        fi
        role=$(echo "$info" | field role)
        link=$(echo "$info" | field master_link_status)
        case $role:$link in
        slave:up) echo "$(shard_of "$each") 1 $each" ;;
        master:*) echo "$(shard_of "$each") 2 $each" ;;
        *) echo "export: $each is a replica that is not in sync" >&2 ;;
        esac
    done
}

# Every shard that holds slots must be there: a part of a cluster is no backup of it.
require_all_shards() {
    first=$(echo "$1" | awk 'NR == 1 { print $3 }')
    [ "$(ask "$first" INFO cluster | field cluster_enabled)" = 1 ] || return 0
    info=$(ask "$first" CLUSTER INFO)
    state=$(echo "$info" | field cluster_state)
    size=$(echo "$info" | field cluster_size)
    [ "$state" = ok ] || fail "cluster_state is $state"
    found=$(echo "$1" | wc -l)
    [ "$found" -ge "$size" ] || fail "$found of $size shards answer"
}

mkdir -p "$EXPORT"
# The checker is the server under another name, which the image may lack.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
ln -s "$(command -v redis-server)" "$tools/redis-check-rdb"

sources=$(candidates | sort | awk '!seen[$1]++')
[ -n "$sources" ] || fail "no Redis of $MEMBERS can be read"
require_all_shards "$sources"

total=0
shard=0
for source in $(echo "$sources" | awk '{ print $3 }'); do
    file=shard-$shard.rdb
    redis-cli -e -h "${source%:*}" -p "${source##*:}" --rdb "$EXPORT/$file"
    report=$("$tools/redis-check-rdb" "$EXPORT/$file") || fail "the RDB of $source is damaged: $report"
    keys=$(echo "$report" | sed -n 's/^\[info\] \([0-9]*\) keys read$/\1/p')
    [ -n "$keys" ] || fail "the keys of $source could not be counted: $report"
    echo "$keys $file" >>"$EXPORT/MANIFEST"
    echo "export: $keys keys of $source"
    total=$((total + keys))
    shard=$((shard + 1))
done
[ "$total" -gt 0 ] || [ "$ALLOW_EMPTY" = true ] || fail "not one key; set allowEmpty if that is right"
