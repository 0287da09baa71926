# For programs that source it: questions to the Redis of an instance. REDISCLI_AUTH: its password; REDISCLI_USER: whose
# it is, without it the user default's. TLS_FOLDER: with ca.crt, of an instance with TLS.

# ask MEMBER COMMAND...: no answer and an error reply fail.
ask() {
    member=$1
    shift
    # Without a limit, a pod that is gone holds the job up until its own. Not in a pipe, which would hide the failure.
    reply=$(timeout 30 redis-cli ${TLS_FOLDER:+--tls --cacert "$TLS_FOLDER/ca.crt"} ${REDISCLI_USER:+--user "$REDISCLI_USER"} \
        -e -h "${member%:*}" -p "${member##*:}" "$@" </dev/null) || return
    echo "$reply" | tr -d '\r'
}

# field NAME: the value of `NAME:value` on the standard input.
field() {
    sed -n "s/^$1://p"
}

# cluster_enabled MEMBER: 0 or 1; fails when it does not tell.
cluster_enabled() {
    cluster_info=$(ask "$1" INFO cluster) || return
    enabled=$(echo "$cluster_info" | field cluster_enabled)
    case $enabled in
    0 | 1) echo "$enabled" ;;
    *) return 1 ;;
    esac
}
