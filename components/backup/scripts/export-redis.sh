#!/bin/sh
# Writes one RDB file for each shard of a Redis, from a replica where one is in sync.
# MEMBERS: HOST:PORT of every Redis of the instance; REDISCLI_AUTH: its password, of REDISCLI_USER; EXPORT: the folder to write to;
# ALLOW_EMPTY: "true" when an instance without a key is no failure. TLS_FOLDER: with ca.crt, of an instance with TLS.
# A pipe has the status of its last command, and not every `sh` knows pipefail: what may fail is never read by a pipe.
set -eu

fail() {
    echo "export: $*" >&2
    exit 1
}

folder=$(dirname "$0")
. "$folder/redis-client.sh"

# shard_of MEMBER: the id of its master; outside of a cluster there is one shard.
shard_of() {
    clustered=$(cluster_enabled "$1") || return
    if [ "$clustered" = 0 ]; then
        echo 0
        return
    fi
    nodes=$(ask "$1" CLUSTER NODES) || return
    id=$(echo "$nodes" | awk '$3 ~ /myself/ { print ($4 == "-") ? $1 : $4 }')
    [ -n "$id" ] || return
    echo "$id"
}

# candidate MEMBER: its line of `SHARD RANK MEMBER`, or why there is none; a replica in sync ranks before a master.
candidate() {
    info=$(ask "$1" INFO replication) && [ -n "$info" ] || {
        echo "export: $1 does not answer" >&2
        return
    }
    case $(echo "$info" | field role):$(echo "$info" | field master_link_status) in
    slave:up) rank=1 ;;
    master:*) rank=2 ;;
    *)
        echo "export: $1 is a replica that is not in sync" >&2
        return
        ;;
    esac
    shard=$(shard_of "$1") || {
        echo "export: $1 does not tell its shard" >&2
        return
    }
    echo "$shard $rank $1"
}

# require_all_shards SOURCES: every shard that holds slots must be there, since a part of a cluster is no backup of it.
require_all_shards() {
    first=$(echo "$1" | awk 'NR == 1 { print $3 }')
    clustered=$(cluster_enabled "$first") || fail "$first does not tell whether it is of a cluster"
    if [ "$clustered" = 0 ]; then
        return
    fi
    info=$(ask "$first" CLUSTER INFO) || fail "$first does not tell the state of its cluster"
    state=$(echo "$info" | field cluster_state)
    [ "$state" = ok ] || fail "cluster_state is $state"
    nodes=$(ask "$first" CLUSTER NODES) || fail "$first does not tell the shards of its cluster"
    # Slots come after eight other fields. A master without one holds nothing, and stands for no other.
    missing=$(
        { echo "$1" | sed 's/^/source /' && echo "$nodes"; } | awk '
            $1 == "source" { found[$2] = 1; next }
            $3 ~ /master/ && NF > 8 { shards++; if (!($1 in found)) missing = missing " " $2 }
            END { if (!shards) print "every one"; else if (missing) print missing }'
    )
    [ -z "$missing" ] || fail "shards of the cluster cannot be read: $missing"
}

mkdir -p "$EXPORT"
# The checker is the server under another name, which the image may lack.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
ln -s "$(command -v redis-server)" "$tools/redis-check-rdb"

for each in $MEMBERS; do
    candidate "$each" >>"$tools/candidates"
done
sort "$tools/candidates" >"$tools/sorted"
sources=$(awk '!seen[$1]++' "$tools/sorted")
[ -n "$sources" ] || fail "no Redis of $MEMBERS can be read"
require_all_shards "$sources"

total=0
shard=0
echo "$sources" >"$tools/sources"
while read -r _ _ source; do
    file=shard-$shard.rdb
    redis-cli ${TLS_FOLDER:+--tls --cacert "$TLS_FOLDER/ca.crt"} ${REDISCLI_USER:+--user "$REDISCLI_USER"} \
        -e -h "${source%:*}" -p "${source##*:}" --rdb "$EXPORT/$file" </dev/null
    report=$("$tools/redis-check-rdb" "$EXPORT/$file") || fail "the RDB of $source is damaged: $report"
    keys=$(echo "$report" | sed -n 's/^\[info\] \([0-9]*\) keys read$/\1/p')
    [ -n "$keys" ] || fail "the keys of $source could not be counted: $report"
    echo "$keys $file" >>"$EXPORT/MANIFEST"
    echo "export: $keys keys of $source"
    total=$((total + keys))
    shard=$((shard + 1))
done <"$tools/sources"
[ "$total" -gt 0 ] || [ "$ALLOW_EMPTY" = true ] || fail "not one key; set allowEmpty if that is right"
