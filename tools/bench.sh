#!/bin/sh
# Every benchmark, each beside its reference in the same run; prints to stdout. For figures worth
# keeping run it on a quiet machine: docs/performance.md says how they were made.
set -eu
build=build/bench
only=${ONLY:-}

run() {  # name, command …
    name=$1
    shift
    case "$name" in *"$only"*) ;; *) return 0 ;; esac
    printf '\n== %s\n' "$name"
    "$@" 2>/dev/null
}

for bench in "$build"/src/*/*_bench; do
    run "$(basename "$bench")" "$bench" --benchmark_min_time=0.3
done

# Durable ingest over HTTP: a fresh server and the load generator on the same machine.
http_ingest() {
    folder=$(mktemp -d)
    winback=$build/src/cli/winback
    key=$($winback key create --data "$folder/data" --kind write)
    $winback serve --data "$folder/data" --port 0 >"$folder/log" &
    server=$!
    while ! grep -q '^listening' "$folder/log"; do
        kill -0 $server || exit 1
        sleep 0.1
    done
    port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$folder/log")
    "$build"/bench/load/winback_load --port "$port" --key "$key" --connections 8 --batch 100 --seconds "${LOAD_SECONDS:-8}"
    kill -TERM $server
    wait $server || true
    rm -rf "$folder"
}
run http_ingest http_ingest

# Liquid beside liquidjs, template by template.
run liquid_peer sh bench/liquid/run.sh "$build" "${ROUNDS:-3}"
