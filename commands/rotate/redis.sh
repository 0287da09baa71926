# Changes the password of a Redis instance while it serves; docs/rotation.md says when. Run by `sh -c`, in one of its pods:
#   accept MEMBER...  every Redis takes the new password beside the one it has: before the Secret changes.
#   use MEMBER...     replicas and Sentinels use the new one: after the Secret changed, before a pod starts again.
#   settled MEMBER... waits until each Redis is in sync, and each Sentinel has its quorum and knows the replicas: before the next
#                     pod or node goes.
# MEMBER: HOST:PORT of every Redis and Sentinel. REDIS_PASSWORD: what the pod started with. On the standard input: the new
# password; nothing there, for `settled`, is the pod's own. REDIS_TLS_*: the operator's, in a pod with TLS. A pod that starts again knows what the Secret has, and nothing
# else.
set -eu

fail() {
    echo "rotate: $*" >&2
    exit 1
}

step=$1
shift
if read -r new && [ -n "$new" ]; then
    case $new in
    *[!A-Za-z0-9]*) fail "a password is of a-z, A-Z and 0-9" ;;
    esac
    [ "${#new}" -ge 16 ] || fail "a password has 16 characters or more"
else
    [ "$step" = settled ] || fail "no password on the standard input"
    new=$REDIS_PASSWORD
fi

# ask MEMBER COMMAND...: with what the members had; an error reply and no answer fail.
ask() {
    member=$1
    shift
    timeout 30 redis-cli ${REDIS_TLS_CA_CERT:+--tls --cacert "$REDIS_TLS_CA_CERT"} \
        -e -h "${member%:*}" -p "${member##*:}" "$@"
}

# ask_openly MEMBER COMMAND...: without a password; a Sentinel has none.
ask_openly() {
    (unset REDISCLI_AUTH && ask "$@")
}

# role MEMBER: `redis` or `sentinel`.
role() {
    # A Redis refuses the question, and is none for that.
    info=$(ask_openly "$1" INFO server </dev/null 2>&1) || case $info in
    *NOAUTH*) ;;
    *) fail "$1 does not answer" ;;
    esac
    case $info in
    *redis_mode:sentinel*) echo sentinel ;;
    *) echo redis ;;
    esac
}

# masters MEMBER: the names of those that a Sentinel watches.
masters() {
    # Its answer is a list: each master's fields, of which the first is the name.
    told=$(ask_openly "$1" SENTINEL MASTERS </dev/null) || fail "$1 does not tell its masters"
    echo "$told" | awk 'previous == "name" { print } { previous = $0 }'
}

accept() {
    [ "$2" = redis ] || return 0
    printf '>%s' "$new" | ask "$1" -x ACL SETUSER default >/dev/null || fail "$1 did not take the new password"
}

use() {
    if [ "$2" = sentinel ]; then
        watched=$(masters "$1") || exit
        for master in $watched; do
            printf '%s' "$new" |
                ask_openly "$1" -x SENTINEL SET "$master" auth-pass >/dev/null ||
                fail "$1 did not take the new password of $master"
        done
    else
        printf '%s' "$new" | ask "$1" -x CONFIG SET masterauth >/dev/null || fail "$1 did not take the new password"
    fi
}

# known_replicas MEMBER MASTER: how many replicas a Sentinel knows that it could make the master.
known_replicas() {
    ask_openly "$1" SENTINEL REPLICAS "$2" </dev/null 2>/dev/null | awk '
        previous == "flags" { well = $0 == "slave" }
        previous == "master-link-status" && $0 == "ok" && well { count++ }
        { previous = $0 }
        END { print count + 0 }'
}

# lacks MEMBER: what it is not settled for; nothing when it is. A restarted replica begins as a master of its own.
lacks() {
    kind=$(role "$1" 2>/dev/null) || {
        echo "it does not answer"
        return
    }
    if [ "$kind" = sentinel ]; then
        watched=$(masters "$1" 2>/dev/null) || watched=
        [ -n "$watched" ] || echo "it watches no master"
        for master in $watched; do
            answer=$(ask_openly "$1" SENTINEL CKQUORUM "$master" </dev/null 2>&1) || echo "$answer"
            # A replica that it does not know when the master goes follows a Redis that is gone, and nobody mends that.
            known=$(known_replicas "$1" "$master")
            [ "$known" -ge "$((redis - 1))" ] || echo "it knows $known replicas of $((redis - 1))"
        done
        return
    fi
    info=$(ask "$1" INFO replication </dev/null 2>&1) || {
        echo "it does not tell: $info"
        return
    }
    case $info in
    *role:master*connected_slaves:0*) echo "it is a master without a replica" ;;
    *role:master* | *master_link_status:up*) ;;
    *) echo "it is not in sync with its master" ;;
    esac
}

# settled MEMBER: waits for five minutes.
settled() {
    tries=0
    lacked=$(lacks "$1")
    while [ -n "$lacked" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || fail "$1 is not settled: $lacked"
        sleep 1
        lacked=$(lacks "$1")
    done
}

if [ "$step" = settled ]; then
    export REDISCLI_AUTH="$new"
    redis=0
    for each; do
        settled "$each"
        [ "$(role "$each")" = sentinel ] || redis=$((redis + 1))
    done
    # Once more: now it is known how many replicas a Sentinel must know.
    for each; do
        settled "$each"
        echo "rotate: $each: settled"
    done
    exit
fi
export REDISCLI_AUTH="$REDIS_PASSWORD"
for each; do
    kind=$(role "$each") || exit
    case $step in
    accept | use) "$step" "$each" "$kind" ;;
    *) fail "the step is accept, use or settled" ;;
    esac
    # What it takes is seen, not believed.
    if [ "$kind" = redis ]; then
        answer=$(REDISCLI_AUTH=$new && ask "$each" PING </dev/null) || fail "$each refuses it"
        [ "$answer" = PONG ] || fail "$each: $answer"
    fi
    echo "rotate: $each: $step, done"
done
