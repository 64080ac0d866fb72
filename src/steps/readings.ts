import { raw, type Sh, sh } from '../domain/sh.ts';
import { curl } from './http.ts';

// Each sets `$value` in the shell: empty when it cannot be measured, with why on stderr.

/** The status an address answers with. */
export const httpStatus = (url: string): Sh => sh`value=$(${raw(curl(url, 10))} -o /dev/null -w '%{http_code}'); [ "$value" != 000 ] || value=`;

/** A Prometheus metric of a page of metrics text. */
export function metric(name: string, url: string): Sh {
  const pick = `index($0, n) == 1 { rest = substr($0, length(n) + 1); if (rest !~ /^[ \\t{]/) next; sub(/^[{].*[}]/, "", rest); split(rest, word, " "); print word[1]; exit }`;
  return sh`value=$(${raw(curl(url, 10))} | awk -v n=${name} ${pick})`;
}

/** Percent of one processor over 2 seconds: nanoseconds of the unit's cgroup where systemd counts them, else the ticks of its main process. */
export function cpuPercent(unit: string): Sh {
  return sh`spent() {
  used=$(systemctl show -p CPUUsageNSec --value ${unit})
  case $used in *[!0-9]*|'') ;; *) [ \${#used} -gt 18 ] || { echo "$used"; return; } ;; esac
  pid=$(systemctl show -p MainPID --value ${unit}); [ "\${pid:-0}" != 0 ] || return
  sed 's/.*)//' "/proc/$pid/stat" | awk -v hz="$(getconf CLK_TCK)" '{ printf "%.0f\\n", ($12 + $13) * 1000000000 / hz }'
}
from=$(spent); began=$(date +%s%N); sleep 2; to=$(spent); ended=$(date +%s%N); value=
[ -z "$from" ] || [ -z "$to" ] || value=$(awk -v used="$((to - from))" -v took="$((ended - began))" 'BEGIN { printf "%.1f", 100 * used / took }')`;
}

/** MiB of the unit's cgroup, else of its main process. */
export function memoryMib(unit: string): Sh {
  return sh`bytes=$(systemctl show -p MemoryCurrent --value ${unit}); value=
case $bytes in
  *[!0-9]*|'') bytes= ;;
  *) [ \${#bytes} -le 18 ] || bytes= ;;
esac
if [ -z "$bytes" ]; then
  pid=$(systemctl show -p MainPID --value ${unit})
  [ "\${pid:-0}" = 0 ] || bytes=$(awk '/^VmRSS:/ { printf "%.0f", $2 * 1024 }' "/proc/$pid/status")
fi
[ -z "$bytes" ] || value=$(awk -v bytes="$bytes" 'BEGIN { printf "%.1f", bytes / 1048576 }')`;
}

/**
 * The first sample of a Prometheus query (`/api/v1/query`). Quotes inside of JSON texts have a backslash before them, so `"value":[` can only be the
 * sample's own key: awk reads it as surely as a JSON parser that the host may not have.
 */
export function prometheus(query: string, server: string): Sh {
  const address = server.replace(/(\/api\/v1(\/query)?)?\/*$/, '/api/v1/query');
  const pick = `{ text = text $0 }
END {
  quote = sprintf("%c", 34)
  key = quote (text ~ /"resultType" *: *"scalar"/ ? "result" : "value") quote
  if (text !~ /"status" *: *"success"/) { print "Prometheus answers: " substr(text, 1, 300) | "cat >&2"; exit }
  if (!match(text, key " *: *[[][^]]*[]]")) { print "the query has no sample" | "cat >&2"; exit }
  sample = substr(text, RSTART, RLENGTH)
  if (sub(/" *[]]$/, "", sample)) { sub(/^.*"/, "", sample); print sample }
}`;
  return sh`value=$(${raw(curl(address, 10))} -G --data-urlencode ${`query=${query}`} | awk ${pick})`;
}
