#!/usr/bin/env bash
# Check the types of examples/ against the packages of their hosts. They are installed from npm into a folder of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-$(mktemp -d)}
source scripts/npm.sh
installed "$folder" --legacy-peer-deps \
    typescript@5 react@18 @types/react@18 @types/node @backstage/core-components @backstage/core-plugin-api \
    @backstage/plugin-search-common @microsoft/sp-webpart-base@1.23.2 @microsoft/teams-js@2.58.0 @slack/bolt
rm -rf "$folder/examples"
cp -r examples "$folder/examples"
"$node" "$folder/node_modules/typescript/bin/tsc" -p "$folder/examples"
echo "the examples have the types of their hosts"
