# Builds the wheel of every release of the trade agent, and of what it needs, into /srv/wheels, and lets pip look nowhere else.
set -eu
umask 022
export PYTHONDONTWRITEBYTECODE=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1

printf '[global]\nno-index = true\nfind-links = /srv/wheels\ndisable-pip-version-check = true\n' >/etc/pip.conf
mkdir -p /srv/wheels
for release in v0.1.0 v0.2.0; do
  [ ! -e "/srv/wheels/trade_agent_sac-${release#v}-py3-none-any.whl" ] || continue
  tree=$(mktemp -d)
  git -c safe.directory=/srv/git/trade-agent.git -C /srv/git/trade-agent.git archive "$release" | tar -x -C "$tree"
  python3 -m pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir /srv/wheels "$tree"
  rm -rf "$tree"
done
if [ ! -e /srv/wheels/stable_baselines3-2.3.2-py3-none-any.whl ]; then
  tree=$(mktemp -d)
  cp -R /srv/src/stable-baselines3/. "$tree"
  python3 -m pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir /srv/wheels "$tree"
  rm -rf "$tree"
fi
