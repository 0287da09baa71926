#!/bin/sh
# Writes every key of a restored backup into the running instance: keys of the same name are overwritten, others stay. Then
# counts what is there. The backup may be of an instance of another mode.
# RESTORED: the folder; MEMBERS: HOST:PORT of every Redis of the instance; REDISCLI_AUTH: its password.
# LOCAL_PORT: of the pod's own Redis, for an instance that is a cluster. TLS_FOLDER: with ca.crt, tls.crt and tls.key, of an
# instance with TLS.
set -eu

fail() {
    echo "restore: $*" >&2
    exit 1
}

folder=$(dirname "$0")
sh "$folder/verify-files.sh"
. "$folder/redis-client.sh"
. "$folder/redis-server.sh"

# masters: the members that take writes, a line each.
masters() {
    for each in $MEMBERS; do
        # One that does not answer is no target; with a cluster, `import` needs all of its masters.
        role=$(ask "$each" INFO replication 2>/dev/null) || continue
        [ "$(echo "$role" | field role)" != master ] || echo "$each"
    done
}

# Keys may hold any byte: they go from server to server, and not through this shell. Gives how many went.
COPY='
local count = 0
redis.call("SELECT", ARGV[3])
local cursor = "0"
repeat
    local page = redis.call("SCAN", cursor, "COUNT", 500)
    cursor = page[1]
    if #page[2] > 0 then
        redis.call("MIGRATE", ARGV[1], ARGV[2], "", ARGV[3], 60000, "COPY", "REPLACE", "AUTH", ARGV[4],
            "KEYS", unpack(page[2]))
        count = count + #page[2]
    end
until cursor == "0"
return count'

# copy HOST:PORT: every key of every database, to the one master.
copy() {
    total=0
    keyspace=$(own INFO keyspace) || fail "the Redis with $file does not tell its databases"
    for database in $(echo "$keyspace" | tr -d '\r' | sed -n 's/^db\([0-9]*\):.*/\1/p'); do
        count=$(own EVAL "$COPY" 0 "${1%:*}" "${1##*:}" "$database" "$REDISCLI_AUTH") ||
            fail "$1 did not take $file: $count"
        total=$((total + count))
    done
    echo "restore: $total keys into $1"
}

# import HOST:PORT: every key, each to the shard that it belongs to.
import() {
    keyspace=$(own INFO keyspace) || fail "the Redis with $file does not tell its databases"
    others=$(echo "$keyspace" | tr -d '\r' | sed -n 's/^db\([1-9][0-9]*\):.*/\1/p')
    [ -z "$others" ] || fail "$file has keys in the databases" $others "and a cluster has database 0 alone"
    count=$(own DBSIZE) || fail "the Redis with $file does not tell its keys"
    redis-cli ${TLS_FOLDER:+--tls --cacert "$TLS_FOLDER/ca.crt"} --cluster import "$1" --cluster-from "127.0.0.1:$LOCAL_PORT" --cluster-copy --cluster-replace \
        >"$scratch/import" 2>&1 || fail "the cluster of $1 did not take $file: $(tail -n 5 "$scratch/import")"
    echo "restore: $count keys into the cluster of $1"
}

# lasting: of INFO keyspace on the standard input, how many keys have no end of their own.
lasting() {
    tr -d '\r' | awk -F'[:=,]' '/^db[0-9]+:/ { sum += $3 - $5 } END { print sum + 0 }'
}

# held: how many such keys the instance has.
held() {
    held=0
    for each in $targets; do
        keyspace=$(ask "$each" INFO keyspace) || fail "$each does not tell how many keys it has"
        held=$((held + $(echo "$keyspace" | lasting)))
    done
}

targets=$(masters)
[ -n "$targets" ] || fail "no Redis of $MEMBERS is a master that answers"
first=$(echo "$targets" | head -n 1)
clustered=$(cluster_enabled "$first") || fail "$first does not tell whether it is of a cluster"
[ "$clustered" = 1 ] || [ "$targets" = "$first" ] || fail "more than one master: $(echo $targets)"

written=0
while read -r keys file; do
    if [ "$clustered" = 1 ]; then
        load "$file" "$keys" "$LOCAL_PORT"
        import "$first"
    else
        load "$file" "$keys"
        copy "$first"
    fi
    keyspace=$(own INFO keyspace) || fail "the Redis with $file does not tell its keys"
    written=$((written + $(echo "$keyspace" | lasting)))
    stop_server
done <"$RESTORED/MANIFEST"
held
[ "$held" -ge "$written" ] ||
    fail "$written keys without an end were written, and $held are there: the instance evicts, or clients delete"
echo "restore: counted, $written keys without an end were written, and the instance holds $held"
