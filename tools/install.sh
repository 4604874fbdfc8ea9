#!/bin/sh
# Installs what is missing of Debian's packages for: build | test | bench. Says so in one line.
set -eu
case "${1:-build}" in build|test|bench) ;; *) echo "usage: tools/install.sh build|test|bench" >&2; exit 2 ;; esac

packages="g++ cmake ninja-build ccache mold pkg-config librocksdb-dev libboost1.81-dev libsimdjson-dev
 nlohmann-json3-dev libfyaml-dev libssl-dev libsodium-dev libhowardhinnant-date-dev libicu-dev
 libnlopt-dev libnlopt-cxx-dev libabsl-dev libre2-dev libcli11-dev libspdlog-dev libfmt-dev
 libqrencode-dev libcurl4-openssl-dev libxxhash-dev zlib1g-dev tzdata ca-certificates"
# The pages' one script of others comes from npm.
command -v npm >/dev/null 2>&1 || packages="$packages nodejs npm"
if [ "$1" = test ]; then
    packages="$packages libgtest-dev librapidcheck-dev python3 python3-venv python3-aiosmtpd openssl
     chromium fonts-noto-core"
fi
if [ "$1" = bench ]; then
    packages="$packages libbenchmark-dev python3"
fi

missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" -eq 0 ]; then sudo=""; else sudo="sudo"; fi
    echo "winback: installing $(echo "$missing" | wc -w) Debian packages that are missing"
    log=$(mktemp)
    # shellcheck disable=SC2086
    if ! { DEBIAN_FRONTEND=noninteractive $sudo apt-get update -qq &&
           DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        echo "winback: the packages above could not be installed; mend that and run the command again" >&2
        exit 1
    fi
    rm -f "$log"
fi
