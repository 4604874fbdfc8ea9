#!/bin/sh
# Installs the browser's driver once and runs one file of tests against the binary:
# run.sh PATH-TO-WINBACK matrix_test.mjs. Exit 77 (skipped): no browser, or the registry of npm cannot be reached.
set -eu
cd "$(dirname "$0")"
if [ ! -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
    echo "skipped: chromium is not installed (tools/install.sh test installs it)"
    exit 77
fi
# Tests that run beside each other must not install beside each other.
install() {
    [ -f node_modules/axe-core/axe.min.js ] && [ -d node_modules/playwright-core ] && return 0
    npm ci --silent --no-audit --no-fund --ignore-scripts --fetch-timeout=30000 --fetch-retries=1
}
exec 9>.install.lock
flock 9
if ! install; then
    rm -rf node_modules
    echo "skipped: the npm registry cannot be reached, and the browser's driver is not installed"
    exit 77
fi
exec 9>&-
exec node --test-reporter=spec "$2" "$1"
