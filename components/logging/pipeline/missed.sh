#!/bin/sh
# Before Fluent Bit starts: links what was rotated since it last read, so that it reads the rest of it, too.
# LOGS: the kubelet's links, which lead to current files alone; STATE: Fluent Bit's folder with the positions.
set -eu

# A file that was read to its end is read again if it was written to within these seconds before Fluent Bit ended: lines that
# it had not got to. What comes twice has the same id, and is one document.
MARGIN=600

missed="$STATE/missed"
rm -rf "$missed"
mkdir -p "$missed"

# The last position that was written down. Without any, nothing has been read here, and the past is left alone.
last=0
for file in "$STATE"/*.db "$STATE"/*.db-wal; do
    [ -e "$file" ] || continue
    time=$(stat -c %Y "$file")
    [ "$time" -le "$last" ] || last=$time
done
[ "$last" -gt 0 ] || exit 0

linked=0 compressed=0
for link in "$LOGS"/*.log; do
    current=$(readlink -f "$link") || continue
    # <restarts>.log.<time of the rotation>, and .gz a rotation later.
    for rotated in "$current".*; do
        [ -f "$rotated" ] && [ "$(stat -c %Y "$rotated")" -ge $((last - MARGIN)) ] || continue
        case $rotated in
        *.tmp) ;;
        *.gz) compressed=$((compressed + 1)) ;;
        *)
            folder="$missed/${rotated#"$current".}"
            mkdir -p "$folder"
            ln -s "$rotated" "$folder/${link##*/}"
            linked=$((linked + 1))
            ;;
        esac
    done
done
echo "missed: $linked rotated files to read on; $compressed compressed meanwhile, of which lines may be lost"
