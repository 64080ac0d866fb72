#!/bin/sh
# effect STEP WORK: a side effect that is counted on the disk of the host, before and after its work: a number of seconds, or `print` for 2 MB of output.
set -eu
log=/var/lib/chaos/effects
read -r boot </proc/sys/kernel/random/boot_id
echo "begin $1 $$ $boot" >>"$log"
case $2 in
  print) head -c 1500000 /dev/zero | base64 -w 100 ;;
  *) echo "$1 works for $2 s"; sleep "$2"; echo "$1 has worked" ;;
esac
echo "end $1 $$ $boot" >>"$log"
