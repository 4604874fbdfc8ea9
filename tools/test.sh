#!/bin/sh
# Builds with warnings as errors and runs every test: rules of the tree, units, scenarios, crash
# and client tests.
set -eu
sh tools/build.sh ci
ln -sf src/cli/winback build/ci/winback
echo "winback: checking the rules of the tree"
python3 tools/tidy.py
echo "winback: running all tests"
ctest --preset ci -j "${JOBS:-$(nproc)}"
