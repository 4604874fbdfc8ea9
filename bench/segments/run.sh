#!/bin/sh
# Installs the peers and prints the table: bench/segments/run.sh [BUILD] [options of peers.py …]
set -eu
build=${1:-build/bench}
[ $# -gt 0 ] && shift
missing=""
for package in postgresql postgresql-client sqlite3 python3-venv; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" -eq 0 ]; then sudo=""; else sudo="sudo"; fi
    echo "winback: installing$missing"
    # shellcheck disable=SC2086
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
venv=$build/segments-peers
if [ ! -x "$venv/bin/python3" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet "duckdb==1.4.3" "psycopg[binary]==3.2.13"
fi
exec "$venv/bin/python3" bench/segments/peers.py "$build/bench/segments/winback_segments" \
    --folder "$build/segments-data" "$@"
