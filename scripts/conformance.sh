#!/usr/bin/env bash
# Run the conformance suite of the Model Context Protocol against the product and against the suite's own tools on the
# same wiring. The suite is installed from npm into a folder of its own; a failure that conformance/*.yml does not name,
# or one that it names and that is gone, is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-$(mktemp -d)}
source scripts/npm.sh
installed "$folder" @modelcontextprotocol/conformance@0.1.16
.venv/bin/expertfinder demo --home "$folder/home" >/dev/null
EXPERTFINDER_ASSISTANTS=true .venv/bin/expertfinder serve --insecure-demo --home "$folder/home" --port 8765 &
product=$!
.venv/bin/python scripts/conformance/fixtures.py 8766 &
wiring=$!
trap 'kill $product $wiring' EXIT
for port in 8765 8766; do
    for _ in $(seq 120); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
        sleep 0.5
    done
done
suite() {
    "$node" "$folder/node_modules/@modelcontextprotocol/conformance/dist/index.js" server \
        --url "http://127.0.0.1:$1/mcp" --suite all --expected-failures "scripts/conformance/$2.yml"
}
suite 8765 product
suite 8766 wiring
