# For programs that source it: a Redis of the pod's own with the data of one RDB file, on a socket and a port of the
# pod. Needs fail(). DATABASES: of the instance, without it Redis' 16. TLS_FOLDER: with ca.crt, tls.crt and tls.key, where
# keys go on to an instance with TLS.

scratch=$(mktemp -d)
socket=$scratch/redis.sock
server=

stop_server() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    server=
}

cleanup() {
    stop_server
    rm -rf "$scratch"
}
trap cleanup EXIT

# own COMMAND...: asks that Redis, which has no password; an error reply fails.
own() {
    env -u REDISCLI_AUTH redis-cli -e -s "$socket" "$@"
}

# loaded FIELD: a number of $persistence, which is INFO persistence.
loaded() {
    echo "$persistence" | tr -d '\r' | sed -n "s/^$1:\([0-9]*\)$/\1/p"
}

# load FILE KEYS [PORT]: starts it, and fails unless every key came.
load() {
    cp "$RESTORED/$1" "$scratch/dump.rdb"
    # MIGRATE speaks what members of a cluster do, whether this is one or not; redis-cli asks where it imports from in plain.
    # With fewer databases than the file has, the server ends.
    redis-server --bind 127.0.0.1 --port "${3:-0}" ${TLS_FOLDER:+--tls-cluster yes --tls-ca-cert-file "$TLS_FOLDER/ca.crt"} \
        ${TLS_FOLDER:+--tls-cert-file "$TLS_FOLDER/tls.crt" --tls-key-file "$TLS_FOLDER/tls.key"} \
        --unixsocket "$socket" --dir "$scratch" --save '' \
        --appendonly no --databases "${DATABASES:-16}" >"$scratch/log" &
    server=$!
    # The server answers LOADING until every key is there, and ends on a damaged file.
    until own PING >/dev/null 2>&1; do
        kill -0 "$server" 2>/dev/null || fail "$1 cannot be loaded: $(tail -n 5 "$scratch/log")"
        sleep 0.2
    done
    persistence=$(own INFO persistence) || fail "the Redis with $1 does not tell how many keys it loaded"
    # A key may have expired since the backup; it counts as restored. A number that is not there is none of both.
    found=$(loaded rdb_last_load_keys_loaded) expired=$(loaded rdb_last_load_keys_expired)
    [ -n "$found" ] && [ -n "$expired" ] || fail "the Redis with $1 does not tell how many keys it loaded"
    found=$((found + expired))
    [ "$found" -eq "$2" ] || fail "$1 gave $found keys, and MANIFEST says $2"
}
