# At each start: the images into the engine's empty store, and v0.2.0 running from them.
set -eu
docker load --quiet --input /srv/images/agentrader.tar.gz >/dev/null
runuser -u ubuntu -- env -C /home/ubuntu/aGENtrader/docker HOME=/home/ubuntu VERSION=v0.2.0 docker-compose up -d --no-build
