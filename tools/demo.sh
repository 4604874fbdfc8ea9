#!/bin/sh
# The sample shop from files to pages: import, fit, replay, report; then serve unless told "once".
set -eu
winback=build/release/winback
shop=build/demo/shop
replay=build/demo/replay
mkdir -p build/demo
if [ -f build/demo/complete ]; then
    echo "winback: the sample shop is imported and replayed already (rm -rf build/demo to begin again)"
else
    echo "winback: starting from scratch in build/demo"
    rm -rf "$shop" "$replay"
    $winback import examples/online-retail/orders.csv.gz --map examples/online-retail/mapping.yaml --data "$shop"
    $winback fit mbg-nbd --data "$shop" --until 2011-09-10 --unit week
    $winback replay --data "$shop" --playbook playbook --out "$replay" --days 90 >/dev/null
    touch build/demo/complete
fi
$winback report --data "$replay"
if [ "${1:-serve}" = serve ]; then
    echo
    exec $winback serve --data "$replay" --port 8080 --sign-in
fi
