#!/bin/sh
# Installs the npm clients once and runs them against the binary. Exit 77 (skipped): the registry
# cannot be reached.
set -eu
cd "$(dirname "$0")"
if [ ! -d node_modules/@segment/analytics-node ]; then
    if ! npm install --no-save --no-package-lock --silent --no-audit --no-fund --ignore-scripts \
        --fetch-timeout=30000 --fetch-retries=1; then
        rm -rf node_modules
        echo "skipped: the npm registry cannot be reached, and the clients are not installed"
        exit 77
    fi
fi
exec node run.mjs "$1"
