#!/bin/sh
# The first process of a lab host: makes it the host that /etc/rollback-lab describes, then becomes systemd. Safe to run at every start.
set -eu
dir=/etc/rollback-lab
. "$dir/host.sh" # user, groups, engine

install -m 600 "$dir/host_key" /etc/ssh/ssh_host_ed25519_key
install -m 644 "$dir/host_key.pub" /etc/ssh/ssh_host_ed25519_key.pub

id "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$user"
usermod --password '*' "$user" # no password opens it, and it is not locked: keys only
for group in $groups; do usermod --append --groups "$group" "$user"; done
home=$(getent passwd "$user" | cut -d: -f6)
install -d -m 700 -o "$user" -g "$user" "$home/.ssh"
install -m 600 -o "$user" -g "$user" "$dir/authorized_keys" "$home/.ssh/authorized_keys"

visudo -c -f "$dir/sudoers" >&2
install -m 440 "$dir/sudoers" /etc/sudoers.d/rollback-lab

# A container has its kernel's boot id; a machine gets a new one at every start, and so does this host.
cat /proc/sys/kernel/random/uuid > /run/boot_id
chmod 444 /run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id

# With control groups of version 2 and a name space of our own, systemd needs to write to what the engine mounts read-only.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then mount -o remount,rw /sys/fs/cgroup; fi

# With version 1 the inner engine's groups go below this container's, so that they go away with it.
outer=$(sed -n 's/^[0-9]*:devices://p' /proc/1/cgroup)
mkdir -p /etc/docker
if [ -n "$outer" ] && [ "$outer" != / ]; then
  printf '{"cgroup-parent": "%s/engine"}\n' "$outer" > /etc/docker/daemon.json
else
  rm -f /etc/docker/daemon.json
fi

if [ "$engine" = yes ]; then exec /sbin/init systemd.wants=docker.service; fi
exec /sbin/init
