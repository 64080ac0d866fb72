# A production host: the service at v0.2.0, put there as the pipeline does it.
id trade-agent >/dev/null 2>&1 || useradd --system --home-dir /var/lib/trade-agent --shell /usr/sbin/nologin trade-agent
id pipeline >/dev/null 2>&1 || useradd --create-home --shell /bin/sh pipeline
usermod --password '*' pipeline # not locked, but no password opens it

mkdir -p /opt/trade-agent /etc/trade-agent /srv/deploy
for parent in /var/log /var/lib; do install -d -o trade-agent -g trade-agent "$parent/trade-agent" "$parent/trade-agent/sac"; done
[ -e /opt/trade-agent/.venv ] || python3 -m venv /opt/trade-agent/.venv

git -C /srv/git/trade-agent.git show v0.2.0:deploy/deploy.sh >/srv/deploy/deploy.sh
chmod 755 /srv/deploy/deploy.sh
/srv/deploy/deploy.sh v0.2.0
systemctl enable --quiet --now sac-agent-service
