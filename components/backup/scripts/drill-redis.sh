#!/bin/sh
# Loads every RDB file of a restored backup into a Redis of its own, and counts the keys.
# RESTORED: the folder.
set -eu

fail() {
    echo "drill: $*" >&2
    exit 1
}

folder=$(dirname "$0")
sh "$folder/verify-files.sh"
. "$folder/redis-server.sh"

while read -r keys file; do
    load "$file" "$keys"
    echo "drill: $file gave $found keys"
    stop_server
done <"$RESTORED/MANIFEST"
