import { sh } from '../domain/sh.ts';

/**
 * Deletes what earlier removals on this host kept and whose time has ended, and says so. Only in this user's own `.rollback-bot/kept`, only what
 * `remove` kept (it alone writes `until` and `planned`), and not through links. What an undo set aside is somebody's later work, and stays.
 */
export const deleteExpired = sh`case \${keep%/*/*} in
*/.rollback-bot/kept)
  for until in "\${keep%/*/*}"/*/*/until; do
    old=\${until%/until}
    [ -f "$until" ] && [ ! -L "$old" ] && [ ! -L "\${old%/*}" ] && [ -f "$old/planned" ] && [ ! -e "$old/expired" ] && [ "$old" != "$keep" ] || continue
    ended=$(cat -- "$until"); [ "$ended" -lt "$(date +%s)" ] 2>/dev/null || continue
    date > "$old/expired" || continue
    rm -rf -- "$old/files" "$old"/again-*
    [ ! -e "$old/places" ] || sort -zu "$old/places" | xargs -0 -r sh -c 'for place; do
      case $place in */../*) ;; */.rollback-kept/*/*) rm -rf -- "$place/files" "$place"/again-* ;; esac
    done' sh
    rest=\${old%/*}; echo "deleted what step \${old##*/} of \${rest##*/} had removed: its time ended on $(date -d "@$ended" 2>/dev/null || echo "$ended")"
  done ;;
esac`;
