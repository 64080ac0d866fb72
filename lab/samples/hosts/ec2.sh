# The EC2 instance: a clone at v0.2.0 with its .env, and its images kept in a file, because the engine's own store does not stay.
set -eu
umask 022
home=/home/ubuntu
as() { runuser -u ubuntu -- env -C "$home/aGENtrader" HOME="$home" "$@"; }

chown -R ubuntu:ubuntu /srv/git
install -d -o ubuntu -g ubuntu "$home/aGENtrader"
[ -e "$home/aGENtrader/.git" ] || as git clone --quiet --no-hardlinks /srv/git/aGENtrader.git .
printf 'EXCHANGE_API_KEY=lab-5f1c0a7e93\nTRADING_PAIR=BTC/USDT\n' >"$home/aGENtrader/.env"
chown ubuntu:ubuntu "$home/aGENtrader/.env"
chmod 600 "$home/aGENtrader/.env"

# The base image is one static busybox: no registry is needed.
base=$(mktemp -d)
mkdir -p "$base/bin" "$base/etc" "$base/tmp" "$base/root"
chmod 1777 "$base/tmp"
cp /bin/busybox "$base/bin/busybox"
for applet in $(/bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$base/bin/$applet"; done
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$base/etc/passwd"
tar -C "$base" --owner=0 --group=0 --numeric-owner -c . | docker import --change 'ENV PATH=/bin' - agentrader-base:lab >/dev/null
rm -rf "$base"

as env VERSION=v0.2.0 docker-compose -f docker/docker-compose.yml build
mkdir -p /srv/images
docker save agentrader-base:lab agentrader:v0.2.0 | gzip -1 >/srv/images/agentrader.tar.gz
