#!/usr/bin/env bash
# Makes .venv with every pinned requirement and this package in it, editable. Does nothing where that is so already:
# .venv remembers the sum of the pins it was made from, and is made anew when they change. The pins are whole: pip is to
# look for nothing that they do not name (--no-deps), which an older one refuses for an extra.
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1

usable() { "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

sum_of() { cat "$@" | cksum; }

pins=$(sum_of requirements/dev.txt)
if [ "$(cat .venv/pins 2>/dev/null)" != "$pins" ]; then
    for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if usable "$python"; then found=$python && break; fi
    done
    if [ -z "${found:-}" ]; then
        echo "setup: Python 3.11 or newer with venv is needed; name it with PYTHON=... (on Debian: apt-get install python3-venv)" >&2
        exit 1
    fi
    echo "setup: making .venv with $("$found" --version), about a minute" >&2
    rm -rf .venv
    "$found" -m venv .venv
    .venv/bin/python -m pip install --quiet --no-deps --require-hashes --only-binary :all: -r requirements/dev.txt
    echo "$pins" > .venv/pins
fi

package=$(sum_of pyproject.toml)
if [ "$(cat .venv/package 2>/dev/null)" != "$package" ]; then
    .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
    echo "$package" > .venv/package
fi
