#!/bin/sh
# Restores a backup into a Grafana of its own, and reads back every dashboard.
# RESTORED: the folder; GRAFANA_COMMAND: what starts Grafana; its settings are its own variables, GF_*.
set -eu

fail() {
    echo "drill: $*" >&2
    exit 1
}

folder=$(dirname "$0")
sh "$folder/verify-files.sh"

export GRAFANA_URL="http://127.0.0.1:$GF_SERVER_HTTP_PORT" GRAFANA_LOGIN=admin:admin RESTORE_PROVISIONED=yes
scratch=$(mktemp -d)
log=$scratch/log
$GRAFANA_COMMAND >"$log" 2>&1 &
server=$!
cleanup() {
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT
until curl -sf -o "$scratch/answer" "$GRAFANA_URL/api/health"; do
    kill -0 "$server" 2>/dev/null || fail "Grafana does not start: $(tail -n 5 "$log")"
    sleep 0.5
done

sh "$folder/restore-grafana.sh"
count=0
for file in "$RESTORED"/dashboards/*.json "$RESTORED"/provisioned-dashboards/*.json; do
    [ -e "$file" ] || continue
    uid=$(basename "$file" .json)
    curl -sf -o "$scratch/answer" -u "$GRAFANA_LOGIN" "$GRAFANA_URL/api/dashboards/uid/$uid" ||
        fail "dashboard $uid did not come back"
    count=$((count + 1))
done
[ "$count" -gt 0 ] || fail "not one dashboard in the backup"
echo "drill: $count dashboards came back"
