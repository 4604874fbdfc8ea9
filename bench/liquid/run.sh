#!/bin/sh
# Installs liquidjs beside the build and prints the table: bench/liquid/run.sh [BUILD] [ROUNDS]
set -eu
build=${1:-build/bench}
modules=$build/peers
version=10.30.1
mkdir -p "$modules"
if [ ! -d "$modules/node_modules/liquidjs" ]; then
    echo '{"private": true}' >"$modules/package.json"
    npm install --prefix "$modules" --no-audit --no-fund --silent "liquidjs@$version"
fi
node bench/liquid/run.mjs "$build/bench/liquid/winback_liquid_bench" \
    test/data/liquid/liquid_spec.jsonl "$PWD/$modules" "${2:-3}"
