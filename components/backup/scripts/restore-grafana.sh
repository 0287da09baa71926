#!/bin/sh
# Writes a restored backup into a Grafana: folders, dashboards, contact points. What is there already is overwritten.
# RESTORED: the folder; GRAFANA_URL; GRAFANA_LOGIN: USER:PASSWORD.
set -eu

# send METHOD PATH FILE: prints the answer's status.
send() {
    curl -sS -o "$answer" -w '%{http_code}' -u "$GRAFANA_LOGIN" -X "$1" "$GRAFANA_URL$2" \
        -H 'Content-Type: application/json' -H 'X-Disable-Provenance: true' --data-binary "@$3"
}

fail() {
    echo "restore: $1: $2 $(cat "$answer")" >&2
    exit 1
}

# write METHOD PATH FILE [STATUS]: sends a file; a status other than success and the one given ends the restore.
write() {
    status=$(send "$1" "$2" "$3")
    case $status in
    2?? | "${4:-2??}") ;;
    *) fail "$3" "$status" ;;
    esac
}

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
cd "$RESTORED"
for file in folders/*.json; do
    [ -e "$file" ] || continue
    # DEPTH-UID.json: parents come first.
    uid=$(basename "${file#folders/*-}" .json)
    if ! curl -sf -o "$answer" -u "$GRAFANA_LOGIN" "$GRAFANA_URL/api/folders/$uid"; then
        write POST /api/folders "$file"
    fi
done
# Those of files come from their files, but where Grafana has none: RESTORE_PROVISIONED.
for file in dashboards/*.json ${RESTORE_PROVISIONED:+provisioned-dashboards/*.json}; do
    [ ! -e "$file" ] || write POST /api/dashboards/db "$file"
done
for file in contact-points/*.json; do
    [ -e "$file" ] || continue
    uid=$(basename "$file" .json)
    write PUT "/api/v1/provisioning/contact-points/$uid" "$file" 404
    # 404: it is not there yet.
    [ "$status" != 404 ] || write POST /api/v1/provisioning/contact-points "$file"
done
