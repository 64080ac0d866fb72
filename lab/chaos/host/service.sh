#!/bin/sh
# service start|stop|boot: the service of the chaos hosts. What somebody started or stopped is counted, and stays so over a reboot; what the
# machine itself does when it goes down or comes up is not counted.
set -eu
dir=/var/lib/chaos
read -r boot </proc/sys/kernel/random/boot_id
case $1 in
  start)
    if [ -e /run/chaos-boots ]; then rm -f /run/chaos-boots; else echo "start $boot" >>"$dir/service"; fi
    : >"$dir/on"
    exec sleep infinity ;;
  stop)
    [ "$(systemctl is-system-running)" != stopping ] || exit 0
    echo "stop $boot" >>"$dir/service"
    rm -f "$dir/on" ;;
  boot)
    [ -e "$dir/on" ] || exit 0
    : >/run/chaos-boots
    systemctl start --no-block chaos-service ;;
esac
