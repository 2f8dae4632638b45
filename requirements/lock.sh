#!/bin/sh
# Renew the hash-locked requirements from their .in files; no index or file address is written.
set -eu
cd "$(dirname "$0")"
uv=../.venv/bin/uv
for kind in uv main test lab data journey; do
  case $kind in data|journey) deps=--no-deps ;; *) deps= ;; esac
  "$uv" pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 $deps \
    --no-header --no-annotate "$kind.in" -o "$kind.txt"
done
