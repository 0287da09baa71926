#!/bin/sh
# Checks a restored backup of the Prometheus Operator's resources: every file, the rules and the configuration.
# RESTORED: the folder.
set -eu

sh "$(dirname "$0")/verify-files.sh"
cd "$RESTORED"
promtool check rules rule-files/*.json
# What the configuration names, such as files of secrets, is not here.
promtool check config --syntax-only configuration/prometheus.yaml
