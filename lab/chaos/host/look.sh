# look: everything about a chaos host that a round is judged by, from outside, as `word rest` lines. $1, $2, $3: how many lines of effects, of the service's
# log and of HEAD's log were seen before.
tail -n "+$(($1 + 1))" /var/lib/chaos/effects | sed 's/^/effect /'
tail -n "+$(($2 + 1))" /var/lib/chaos/service | sed 's/^/service /'
tail -n "+$(($3 + 1))" /srv/chaos/.git/logs/HEAD | sed 's/.*\t/moved /'
as() { runuser -u deploy -- "$@"; }
echo "head $(as git -C /srv/chaos rev-parse HEAD)"
as git -C /srv/chaos status --porcelain --untracked-files=all | sed 's/^/dirty /'
as git -C /srv/chaos stash list | sed 's/^/dirty stash /'
echo "unit $(systemctl show -p ActiveState --value chaos-service)"
find /srv/chaos/.git -name '*.lock' | sed 's/^/file /'
find /tmp /var/tmp -user deploy | sed 's/^/file /'
find /home/deploy/.rollback-bot -name '*.new' -o -name 'id.*' | sed 's/^/file /'
ps -u deploy -o pid=,args= | sed 's/^ */process /'
exit 0
