# A production host: the service at v0.2.0, put there as the pipeline does it.
id trade-agent >/dev/null 2>&1 || useradd --system --home-dir /var/lib/trade-agent --shell /usr/sbin/nologin trade-agent
id pipeline >/dev/null 2>&1 || useradd --create-home --shell /bin/sh pipeline
usermod --password '*' pipeline # not locked, but no password opens it

# The plan's removal list for production: operators may take files out of these directories, and may not write the files.
getent group trade-ops >/dev/null || groupadd --system trade-ops
usermod --append --groups trade-ops deploy

mkdir -p /opt/trade-agent /srv/deploy
install -d -g trade-ops -m 775 /etc/trade-agent
install -d -o trade-agent -g trade-agent /var/log/trade-agent /var/lib/trade-agent
for place in /var/log/trade-agent/sac /var/lib/trade-agent/sac /var/lib/trade-agent/sac/models /var/lib/trade-agent/sac/reports; do
  install -d -o trade-agent -g trade-ops -m 775 "$place"
done
[ -e /opt/trade-agent/.venv ] || python3 -m venv /opt/trade-agent/.venv

git -C /srv/git/trade-agent.git show v0.2.0:deploy/deploy.sh >/srv/deploy/deploy.sh
chmod 755 /srv/deploy/deploy.sh
/srv/deploy/deploy.sh v0.2.0
systemctl enable --quiet --now sac-agent-service
