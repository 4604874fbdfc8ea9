#!/bin/sh
# Configures and builds one preset of CMakePresets.json with a progress line; -j2 fits 2 cores.
set -eu
preset=${1:-release}
export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR="$PWD" NINJA_STATUS="[%f/%t %p] "
echo "winback: building ($preset)"
mkdir -p build
if ! cmake --preset "$preset" >"build/configure-$preset.log" 2>&1; then
    tail -n 20 "build/configure-$preset.log" >&2
    exit 1
fi
cmake --build --preset "$preset" -j "${JOBS:-$(nproc)}"
if [ "$preset" = release ]; then
    ln -sf src/cli/winback build/release/winback
fi
