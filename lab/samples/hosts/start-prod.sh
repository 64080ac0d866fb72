# At each start: the pipeline's key of this run, and the service up and failing as v0.2.0 does.
set -eu
install -d -m 700 -o pipeline -g pipeline /home/pipeline/.ssh
printf '%s\n' "$PIPELINE_PUBLIC_KEY" >/home/pipeline/.ssh/authorized_keys
chown pipeline:pipeline /home/pipeline/.ssh/authorized_keys
chmod 600 /home/pipeline/.ssh/authorized_keys
systemctl start sac-agent-service
