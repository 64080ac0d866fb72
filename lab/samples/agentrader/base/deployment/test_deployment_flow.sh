#!/bin/bash
# Tests versioned builds on this machine's engine: creation, version passing, going back, clean-up.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
name=agentrader-flow-$$
trap 'docker rmi -f "$name:v1" "$name:v2" >/dev/null 2>&1 || true' EXIT

check() {
  found=$(docker inspect --format '{{index .Config.Labels "version"}} {{range .Config.Env}}{{println .}}{{end}}' "$name:$1")
  printf '%s' "$found" | grep -q "^$1 " || { echo "label of $1 is wrong: $found" >&2 && exit 1; }
  printf '%s' "$found" | grep -q "AGENTRADER_VERSION=$1\$" || { echo "environment of $1 is wrong: $found" >&2 && exit 1; }
}

for version in v1 v2 v1; do
  echo "Building $version"
  docker build --quiet --build-arg "VERSION=$version" -t "$name:$version" -f "$root/docker/Dockerfile" "$root" >/dev/null
  check "$version"
done
echo 'Deployment flow passed'
