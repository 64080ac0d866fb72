# A chaos host: a clone of the tiny repository at v1.0.0, a service whose starts and stops are counted, and a log of effects.
set -eu
umask 022
chmod 755 /usr/local/bin/effect /usr/local/bin/service
chown -R deploy:deploy /srv/git
install -d -o deploy -g deploy /srv/chaos /var/lib/chaos
runuser -u deploy -- git clone --quiet --no-hardlinks /srv/git/chaos.git /srv/chaos
runuser -u deploy -- git -C /srv/chaos checkout --quiet --detach v1.0.0
install -o deploy -g deploy /dev/null /var/lib/chaos/effects
: >/var/lib/chaos/service
: >/var/lib/chaos/on

cat >/etc/systemd/system/chaos-service.service <<'UNIT'
[Unit]
Description=What the rounds stop and start
[Service]
ExecStart=/usr/local/bin/service start
ExecStop=/usr/local/bin/service stop
UNIT
cat >/etc/systemd/system/chaos-boot.service <<'UNIT'
[Unit]
Description=Brings the service back as it was before the boot
After=network.target
[Service]
Type=oneshot
ExecStart=/usr/local/bin/service boot
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --quiet chaos-boot
systemctl start chaos-service
: >/var/lib/chaos/service
