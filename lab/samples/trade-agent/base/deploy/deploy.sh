#!/bin/sh
# Puts one release of the SAC agent onto this host: deploy.sh v0.1.0
# The pipeline runs it as root through sudo. It does not start or stop the service.
# Afterwards, whatever was there before:
#   /opt/trade-agent/.venv             has the wheel of the release
#   /opt/trade-agent/sac               is the release's src/rl/sac, nothing else; the group trade-ops may take files out of it
#   /etc/trade-agent/sac_config.json   is the release's
# Running it again ends in the same state.
set -eu
umask 022

repository=/srv/git/trade-agent.git
opt=/opt/trade-agent
etc=/etc/trade-agent
operators=trade-ops
unit=/etc/systemd/system/sac-agent-service.service

fail() {
  echo "deploy: $1" >&2
  exit 1
}

[ $# -eq 1 ] || fail 'usage: deploy.sh RELEASE, such as v0.1.0'
release=$1
case $release in
  *[!0-9.v]* | *v*v*) fail 'a release is a tag such as v0.1.0' ;;
  v[0-9]*.[0-9]*.[0-9]*) ;;
  *) fail 'a release is a tag such as v0.1.0' ;;
esac

git_() { git -c safe.directory="$repository" -c tar.umask=022 -C "$repository" "$@"; }

commit=$(git_ rev-parse --quiet --verify --end-of-options "refs/tags/$release^{commit}") || fail "no release $release in $repository"
version=$(git_ show "$commit:src/rl/sac/__init__.py" | sed -n 's/^__version__ = "\(.*\)"$/\1/p')
[ -n "$version" ] || fail "$release does not say its version in src/rl/sac/__init__.py"

# Two deployments at once would mix two releases.
exec 9>"$opt/.deploy.lock"
flock -n 9 || fail 'another deployment is running on this host'

work=$(mktemp -d "$opt/.deploy.XXXXXX")
trap 'rm -rf "$work"' EXIT
git_ archive "$commit" src/rl/sac configs/sac_config.json deploy/sac-agent-service.service | tar -x -C "$work"

echo "deploying $release ($commit), package trade-agent-sac $version"
"$opt/.venv/bin/python" -m pip install --quiet --no-deps --force-reinstall "trade-agent-sac==$version"

# Only the directory: what the files say stays root's to change.
chgrp "$operators" "$work/src/rl/sac"
chmod 775 "$work/src/rl/sac"
[ ! -e "$opt/sac" ] || mv "$opt/sac" "$work/sac.before"
mv "$work/src/rl/sac" "$opt/sac"

install -m 644 "$work/configs/sac_config.json" "$etc/sac_config.json.new"
mv "$etc/sac_config.json.new" "$etc/sac_config.json"

if ! cmp -s "$work/deploy/sac-agent-service.service" "$unit"; then
  install -m 644 "$work/deploy/sac-agent-service.service" "$unit"
  systemctl daemon-reload
fi
echo "deployed $release"
