#!/bin/sh
# Checks a restored backup against what its export wrote: the checksum of every file, and the count of each kind.
# RESTORED: the folder.
set -eu

fail() {
    echo "verify: $*" >&2
    exit 1
}

cd "$RESTORED"
[ -s MANIFEST ] || fail "MANIFEST is missing or empty"
sha256sum -c SHA256SUMS >/dev/null || fail "files are not those that were exported"
# A file that nobody summed was not exported.
listed=$(wc -l <SHA256SUMS)
files=$(find . -type f ! -name SHA256SUMS) || fail "the files cannot be listed"
present=$(echo "$files" | wc -l)
[ "$listed" -eq "$present" ] || fail "$present files, and SHA256SUMS has $listed"
while read -r count kind; do
    case $kind in
    *.rdb) [ -s "$kind" ] || fail "$kind is missing or empty" ;;
    *)
        # No file, no folder.
        files=$(find . -type f -path "./$kind/*") || fail "the files of $kind cannot be listed"
        found=$(echo "$files" | sed '/^$/d' | wc -l)
        [ "$found" -eq "$count" ] || fail "$found of $kind, and MANIFEST says $count"
        ;;
    esac
    echo "verify: $count $kind"
done <MANIFEST
