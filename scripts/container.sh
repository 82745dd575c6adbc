#!/usr/bin/env bash
# Builds the image of the Dockerfile, fills it with the demo organisation, starts the service in it as its own number
# and asks one question over HTTP with a key. Needs root, podman, buildah and mmdebstrap, and no Docker engine.
#
#     scripts/container.sh [BASE]
#
# BASE is an image to build on; without it one is made from the packages of Debian trixie (Python 3.13).
# Everything it makes is in one temporary folder, which it removes.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in podman buildah mmdebstrap; do
    command -v "$tool" >/dev/null || { echo "container: $tool is missing; on Debian: apt-get install podman buildah mmdebstrap" >&2; exit 2; }
done
[ "$(id -u)" = 0 ] || { echo "container: this is run as root, to build without a daemon" >&2; exit 2; }

work=$(mktemp -d)
group=""
ended() {
    if [ -n "$group" ]; then kill -- "-$group" 2>/dev/null || true; fi
    buildah "${store[@]}" rm --all >/dev/null 2>&1 || true
    rm -rf "$work"
}
store=(--root "$work/storage" --runroot "$work/run" --storage-driver vfs)
trap ended EXIT
seconds() { echo "container: $1, after $SECONDS s"; }

base=${1:-}
if [ -z "$base" ]; then
    base=localhost/expertfinder-base
    mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates trixie "$work/base.tar"
    podman "${store[@]}" import --quiet "$work/base.tar" "$base" >/dev/null
    rm "$work/base.tar"
    seconds "the base is made"
fi

# What this machine tells pip about certificates and registries is lent to the build and is no part of the image.
lent=(--volume /etc/ssl/certs:/etc/ssl/certs:ro)
if [ -e /etc/pip.conf ]; then lent+=(--volume /etc/pip.conf:/etc/pip.conf:ro); fi
image=localhost/expertfinder
podman "${store[@]}" build --quiet --format docker --layers=false --isolation chroot --build-arg BASE="$base" "${lent[@]}" --tag "$image" . >/dev/null
seconds "the image is built"
podman "${store[@]}" image inspect --format 'container: {{.Size}} bytes, user {{.Config.User}}' "$image"

box=$(buildah "${store[@]}" from --pull-never "$image")
inside() { buildah "${store[@]}" run --isolation chroot "$box" -- "$@"; }
inside expertfinder demo --json >"$work/demo.json"
seconds "the demo organisation is imported"
asker=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["viewers"][0])' "$work/demo.json" 2>/dev/null || true)
key=$(inside expertfinder key create --scope experts:read ${asker:+--person "$asker"} --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["key"])')
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# A session of its own, so that all of it is ended by its number, whatever runs beside it.
setsid buildah "${store[@]}" run --isolation chroot "$box" -- expertfinder serve --port "$port" >"$work/service.log" 2>&1 &
group=$!
python3 - "$port" "$key" <<'ASK' || { cat "$work/service.log" >&2; exit 1; }
import json, sys, time, urllib.error, urllib.request

port, key = sys.argv[1:]
for _ in range(120):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
        break
    except OSError:
        time.sleep(0.5)
asked = urllib.request.Request(f"http://127.0.0.1:{port}/v1/experts?q=vibration%20analysis", headers={"Authorization": f"Bearer {key}"})
answer = json.load(urllib.request.urlopen(asked, timeout=30))
first = answer["recommendations"][0]["subject"]
print(f"container: vibration analysis is answered by {first['name']}")
try:
    urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/experts?q=x", timeout=30)
    sys.exit("container: a question without a key was answered")
except urllib.error.HTTPError as error:
    assert error.code == 401, error.code
ASK
owner=$(ps -eo uid=,args= | awk -v port="$port" '$0 ~ "expertfinder serve --port " port && $0 !~ /buildah|awk/ {print $1; exit}')
[ "$owner" = 10001 ] || { echo "container: the service runs as uid ${owner:-nobody}, not as 10001" >&2; exit 1; }
seconds "one question is answered by uid $owner"
