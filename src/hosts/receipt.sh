# The prelude that every shell on a host is fed before its requests. POSIX sh (dash, busybox, bash --posix), Linux /proc,
# GNU or busybox coreutils. The lines before it set RB_MARK, RB_STORE and RB_PATH.
#
# Every answer is its payload, then a newline, the mark and the answer's fields on one line. The mark is 128 random bits
# that only this shell and its client know, so that no output can forge an answer, and no length has to be counted.
#
# A receipt is the files steps/KEY.*: claim.N (who runs it: pid, start time, boot id, token, format), job (what runs), go.N (its
# effects may have begun), group (the process group), stage (how far it came), out (the first of its output), left and
# end (how many bytes did not fit, and the last of them), exit (how it ended), cut (somebody stopped it). N counts claims; a claim that never reached go is void, and the next may be made. They
# have no directory of their own because a mkdir costs as much as a fifth of all the rest; `steps` has mode 700.
#
# `: >file` is never written here: where the redirection of a special builtin fails, the whole shell exits.

# Our own few tools run in the C locale: glibc opens twelve files for any other, in each of them. Steps and readings
# set theirs to C.UTF-8.
PATH=$RB_PATH LC_ALL=C TERM=dumb PAGER=cat GIT_TERMINAL_PROMPT=0 DEBIAN_FRONTEND=noninteractive
export PATH LC_ALL TERM PAGER GIT_TERMINAL_PROMPT DEBIAN_FRONTEND
unset ENV BASH_ENV CDPATH SSH_CLIENT SSH_CONNECTION SSH_TTY SSH_AUTH_SOCK
cd "$HOME" 2>/dev/null || cd /

# GNU timeout makes a process group of its own, busybox's does not.
case $(timeout --version 2>&1) in *GNU*) rb_group= ;; *) rb_group=setsid ;; esac

# The format of receipts; one of an older format is read, one of a newer is not, and nothing is started beside it. It stands
# in the signed claim, which had none in format 1.
rb_format=2
rb_boot=
read -r rb_boot </proc/sys/kernel/random/boot_id
# Sent by whoever finds that a step has ended but what it left running holds its output open: ends the wait for it.
trap : USR1

rb_answer() { printf '\n%s %s\n' "$RB_MARK" "$*"; }

# rb_now: hundredths of a second since boot.
rb_clock() {
  read -r rb_now rb_idle </proc/uptime
  rb_now=${rb_now%.*}${rb_now#*.}
}

# rb_start: the start time of process $1, empty when it is no more. With the pid it is an identity; the pid alone is not.
rb_start_of() {
  rb_start=
  { read -r rb_line <"/proc/$1/stat"; } 2>/dev/null || return 1
  rb_pid=${rb_line%% *}
  set -- ${rb_line##*) }
  [ "$1" != Z ] && [ "$1" != X ] || return 1
  rb_start=${20}
}

# Is process $1, started at $2 in boot $3, still there?
rb_alive() {
  [ "$3" = "$rb_boot" ] && rb_start_of "$1" && [ "$rb_start" = "$2" ]
}

# Has process group $1 any living member? `kill -0` would count zombies, and not see root's under sudo.
rb_group_lives() {
  for rb_stat in /proc/[0-9]*/stat; do
    { read -r rb_line <"$rb_stat"; } 2>/dev/null || continue
    case ${rb_line##*) } in
      [!ZX]\ *\ "$1 "*) set -- "$1" ${rb_line##*) }; [ "$4" != "$1" ] || return 0 ;;
    esac
  done
  return 1
}

# Sends signal $1 to process group $2. It must be a number above 1: 0 is our own group, and -1 is everybody. And it must be
# the shell's own kill: the one of procps takes `-KILL -1234` for everybody too.
rb_signal() {
  case $2 in '' | *[!0-9]* | 0 | 1) return 1 ;; esac
  kill "-$1" "-$2" 2>/dev/null
}
case $(command -v kill) in kill) ;; *) echo "this shell has no kill of its own" >&2; exit 1 ;; esac

# What a step started carries its receipt's path in its environment: so those are found that left its process group.
# rb_strays: pids of what lives of receipt $1. Root's under sudo are not among them: sudo empties the environment.
rb_strays_of() {
  rb_strays=
  for rb_stray in $(grep -lszF "RB_STEP=$1:" /proc/[0-9]*/environ); do
    rb_stray=${rb_stray#/proc/}
    rb_stray=${rb_stray%/environ}
    ! rb_start_of "$rb_stray" || rb_strays="$rb_strays $rb_stray"
  done
}
# Does anything of receipt $1 with process group $2 (it may be empty) live?
rb_lives() {
  rb_strays_of "$1"
  [ -n "$rb_strays" ] || { [ -n "$2" ] && rb_group_lives "$2"; }
}
# Ends what lives of receipt $1: TERM, two seconds, KILL. Its process group too, if that is given ($2) and certainly its
# own. False when something cannot be ended.
rb_end() {
  for rb_with in TERM KILL; do
    rb_signal "$rb_with" "$2"
    rb_strays_of "$1"
    for rb_stray in $rb_strays; do kill "-$rb_with" "$rb_stray" 2>/dev/null; done
    rb_tries=20
    while rb_lives "$1" "$2"; do
      rb_tries=$((rb_tries - 1))
      [ "$rb_tries" -gt 0 ] || continue 2
      sleep 0.1
    done
    return 0
  done
  return 1
}

rb_start_of "$$"
rb_shell_start=$rb_start

# rb_store_id: made once; `ln` because the name must appear together with its content.
rb_open_store() {
  rb_store_id=
  { read -r rb_store_id <"$RB_STORE/id"; } 2>/dev/null && return 0
  {
    mkdir -p -m 700 "$RB_STORE" && mkdir -p -m 700 "$RB_STORE/steps" "$RB_STORE/fences" &&
      read -r rb_new </proc/sys/kernel/random/uuid && printf '%s\n' "$rb_new" >"$RB_STORE/id.$$"
  } 2>/dev/null && ln "$RB_STORE/id.$$" "$RB_STORE/id" 2>/dev/null
  rm -f "$RB_STORE/id.$$" 2>/dev/null
  { read -r rb_store_id <"$RB_STORE/id"; } 2>/dev/null
}

# rb_fence: the highest token this host has seen for rollback $1. One empty file a token: raising needs no lock, and
# nothing lowers it.
rb_fence_of() {
  rb_fence=000000000000
  for rb_file in "$RB_STORE/fences/$1"/[0-9]*; do rb_fence=${rb_file##*/}; done
  [ "$rb_fence" != '[0-9]*' ] || rb_fence=000000000000
}
rb_raise() {
  rb_fence_of "$1"
  [ "$rb_fence" -lt "$2" ] || return 0
  [ -d "$RB_STORE/fences/$1" ] || mkdir -p -m 700 "$RB_STORE/fences/$1" 2>/dev/null
  { printf '' >"$RB_STORE/fences/$1/$2"; } 2>/dev/null || return 1
  rb_fence_of "$1"
}

# What receipt $1 says. rb_state: none, claimed, void, running, ended, unknown.
rb_look() {
  rb_state=none rb_gen=0 rb_why= rb_code= rb_newer=0
  [ -e "$1.claim.0" ] || return 0
  while [ -e "$1.claim.$((rb_gen + 1))" ]; do rb_gen=$((rb_gen + 1)); done
  rb_read_claim "$1"
  if [ "$rb_newer" = 1 ]; then
    rb_state=unknown rb_why="its receipt has format $rb_claim_format, made by a newer rollback-bot; this one reads up to $rb_format"
    return
  fi
  # `go` is written after the claim was signed: what was read before may be older, and without a name.
  if [ -e "$1.go.$rb_gen" ]; then rb_read_claim "$1"; rb_look_gone "$1"; else rb_look_claimed "$1"; fi
}
rb_read_claim() {
  rb_claim_pid= rb_claim_format= rb_claim_dot= rb_newer=0
  { read -r rb_claim_pid rb_claim_start rb_claim_boot rb_claim_token rb_claim_shell rb_claim_shell_start rb_claim_format rb_claim_dot <"$1.claim.$rb_gen"; } 2>/dev/null
  case "$rb_claim_format $rb_claim_dot" in
    '. ') rb_claim_format=1 rb_claim_dot=. ;;
    "$rb_format "*) ;;
    [0-9]*' '*.) rb_newer=1 ;;
  esac
}
rb_look_claimed() {
  rb_state=claimed
  [ "$rb_claim_dot" = . ] || return 0
  rb_alive "$rb_claim_pid" "$rb_claim_start" "$rb_claim_boot" && return 0
  # Its last act may have been to write `go`: look again, now that it is certainly dead.
  if [ -e "$1.go.$rb_gen" ]; then rb_look_gone "$1"; return 0; fi
  rb_state=void
  [ "$rb_claim_boot" = "$rb_boot" ] ||
    { rb_state=unknown; rb_why="claimed before the host's last boot; a crash may have lost the mark that it had begun"; }
}
rb_look_gone() {
  rb_read_exit "$1" && { rb_settle "$1"; return 0; }
  rb_state=running
  rb_alive "$rb_claim_pid" "$rb_claim_start" "$rb_claim_boot" && return 0
  rb_read_exit "$1" && { rb_settle "$1"; return 0; }
  rb_look_orphan "$1"
}
# It ended, but has it said all? Its output is waited for, a second at most: a child that lives on may hold it open for
# ever, and is left to. Then the shell that started the step waits no longer either. rb_beyond: how many bytes it printed
# beyond those in `out`; `more` while the one who counts them waits; at least so many in format 1, which did not count.
rb_settle() {
  rb_state=ended rb_beyond=0
  if [ ! -e "$1.drained.$rb_gen.$rb_claim_shell" ] && [ "$rb_claim_boot" = "$rb_boot" ]; then
    rb_clock
    if [ "$((rb_now - rb_ended))" -lt 100 ]; then rb_state=running
    elif [ "$rb_claim_shell" != "$$" ] && rb_alive "$rb_claim_shell" "$rb_claim_shell_start" "$rb_boot"; then kill -USR1 "$rb_claim_shell" 2>/dev/null; fi
  fi
  if [ -s "$1.left" ]; then read -r rb_beyond <"$1.left"
  elif [ -e "$1.left" ]; then rb_beyond=more
  elif [ -s "$1.end" ]; then rb_beyond=$(wc -c <"$1.end"); fi
}
# The process that would have recorded the end is dead: the job's own last line may stand in for it.
rb_look_orphan() {
  rb_job=0 rb_job_start=0 rb_stage= rb_code= rb_ended= rb_dot=
  { read -r rb_job rb_job_start rb_dot <"$1.group"; } 2>/dev/null
  rb_state=running
  [ "$rb_dot" = . ] && rb_alive "$rb_job" "$rb_job_start" "$rb_claim_boot" && return 0
  rb_dot=
  { read -r rb_stage rb_code rb_ended rb_dot <"$1.stage"; } 2>/dev/null
  rb_timed=0 rb_ms=$(((${rb_ended:-0} - rb_job_start) * 10))
  [ "$rb_dot" != . ] || { rb_settle "$1"; return 0; }
  # Somebody stopped it: that is how it ended.
  if [ -s "$1.cut" ] && [ "$rb_claim_boot" = "$rb_boot" ]; then
    read -r rb_ended <"$1.cut"
    rb_code=143 rb_stage=${rb_stage:-command} rb_ms=$(((rb_ended - rb_job_start) * 10))
    rb_settle "$1"
    return 0
  fi
  rb_state=unknown rb_why="the process that would have recorded its end died, and the command with it or on its own"
  [ "$rb_claim_boot" = "$rb_boot" ] || rb_why="the host was booted while it ran"
}
rb_read_exit() {
  rb_dot=
  { read -r rb_code rb_stage rb_timed rb_ms rb_ended rb_dot <"$1.exit"; } 2>/dev/null
  [ "$rb_dot" = . ]
}

# The detached process that claims receipt $1 as generation $2 with token $3 under the fence of rollback $4, and runs job
# $6 for at most $5 seconds. Its output goes to rb_collect. Where it does not come to `go`, nothing was run.
rb_child() {
  set -C
  exec 9>"$1.claim.$2" || exit 1
  set +C
  rb_start_of self
  printf '%s %s %s %s %s %s %s .\n' "$rb_pid" "$rb_start" "$rb_boot" "$3" "$$" "$rb_shell_start" "$rb_format" >&9 || { rm -f "$1.claim.$2"; exit 1; }
  exec 9>&-
  rb_prepare "$1" "$6" || exit 1
  rb_fence_of "$4"
  [ "$rb_fence" -le "$3" ] && printf '' >"$1.go.$2" || exit 1
  rb_clock
  rb_began=$rb_now
  RB_STEP=$1: $rb_group timeout -k 2 "$5" sh "$1.job" 2>&1 </dev/null &
  rb_job=$!
  # From here on only the job holds the output open.
  exec >/dev/null
  rb_start_of "$rb_job" && printf '%s %s .' "$rb_job" "$rb_start" 1<>"$1.group"
  wait "$rb_job"
  rb_code=$?
  rb_clock
  rb_ms=$(((rb_now - rb_began) * 10)) rb_timed=0
  [ "$rb_ms" -lt "${5}000" ] || rb_past "$1"
  rb_stage=command
  read -r rb_stage rb_rest <"$1.stage"
  printf '%s %s %s %s %s .\n' "$rb_code" "$rb_stage" "$rb_timed" "$rb_ms" "$rb_now" 1<>"$1.exit"
}
# The room for how it ends is written while there is room: a disk that fills up later cannot lose the exit status.
rb_prepare() {
  printf '%s\n' "$2" >"$1.job" && printf '%80s\n' '' >"$1.exit" && printf '%80s\n' '' >"$1.stage" && printf '%80s\n' '' >"$1.group"
}
# Past the limit: `timeout` ended the first process, the others of the group are ended here.
rb_past() {
  case $rb_code in 124 | 137 | 143) ;; *) return 0 ;; esac
  rb_timed=1 rb_code=124
  rb_end "$1" "$rb_job" || printf '\nstill running, cannot be stopped: process group %s\n' "$rb_job" >>"$1.out"
  rb_clock
}
# Keeps the first $2 bytes of output in receipt $1, live, then says so with file $3. `dd` writes what it reads, and of what is
# beyond it reads nothing: so no byte is lost uncounted. A record is one read; fewer than were asked for: the output has ended.
rb_collect() {
  rb_room=$2
  while [ "$rb_room" -gt 0 ]; do
    rb_size=4096
    [ "$rb_room" -ge 4096 ] || rb_size=$rb_room
    rb_said=$(dd "bs=$rb_size" "count=$((rb_room / rb_size))" 2>&1 >>"$1.out") || break
    rb_said=${rb_said%% records in*}
    [ "$((${rb_said##*[!0-9+]}))" -ge "$((rb_room / rb_size))" ] || { printf '' >"$3"; return; }
    rb_room=$(($2 - $(wc -c <"$1.out")))
  done
  rb_drain "$1"
  printf '' >"$3"
}
# Beyond its room output is read all the same, so that the command never sees it refused; it is counted (left), and the last
# of it kept (end).
rb_drain() {
  { tee /dev/fd/3 | { tail -c 65536 >"$1.end" || cat >/dev/null; }; } 3>&1 | { wc -c >"$1.left" || cat >/dev/null; }
}

# One piece of output: at most $3 bytes of file $1 from offset $2.
rb_slice() {
  [ -s "$1" ] || return 0
  if [ "$2" = 0 ]; then head -c "$3" "$1"; else tail -c "+$(($2 + 1))" "$1" | head -c "$3"; fi
}
rb_tell() { # id
  case $rb_state in
    ended) rb_answer "$1" ended "$rb_code" "$rb_stage" "$rb_timed" "$rb_ms" "$rb_beyond" ;;
    unknown) rb_answer "$1" unknown "$rb_why" ;;
    *) rb_answer "$1" "$rb_state" ;;
  esac
}

# --- requests: the first argument is the id that the answer begins with ---

rb_hello() { # id
  if rb_open_store; then rb_answer "$1" hello "$rb_boot" "$rb_store_id"; else rb_answer "$1" hello "$rb_boot"; fi
}

rb_fence_to() { # id rollback token
  if rb_raise "$2" "$3"; then rb_answer "$1" fence "$rb_fence"; else rb_answer "$1" broken; fi
}

rb_step() { # id key rollback token boot store resumed offset limit seconds bytes break job
  rb_receipt=$RB_STORE/steps/$2
  rb_fence_of "$3"
  [ "$rb_fence" -le "$4" ] || { rb_answer "$1" fenced "$rb_fence"; return; }
  rb_look "$rb_receipt"
  [ "$rb_state ${12}" != "claimed 1" ] || rb_break "$rb_receipt"
  case $rb_state in
    none) rb_begin 0 "$@" ;;
    void) rb_begin "$((rb_gen + 1))" "$@" ;;
    *) rb_slice "$rb_receipt.out" "$8" "$9"; rb_tell "$1" ;;
  esac
}

# A claimer that neither goes nor refuses is ended, then looked at again: it may have gone meanwhile.
rb_break() {
  if [ "$rb_claim_dot" = . ]; then
    kill -KILL "$rb_claim_pid" 2>/dev/null
    sleep 0.1
    rb_look "$1"
  else
    rb_state=unknown rb_why="claimed by a process that died before it signed"
  fi
}

rb_begin() { # generation, then as rb_step
  rb_new_gen=$1
  shift
  # Read anew: the store may have been replaced while this shell stood open.
  rb_open_store
  [ "$7" = 0 ] || rb_missing "$3" "$5" "$6" "$7"
  if [ "$rb_state" = unknown ]; then rb_answer "$1" unknown "$rb_why"; return; fi
  if [ "$5 $6" != "$rb_boot $rb_store_id" ]; then
    rb_answer "$1" not-started "the host was booted or its receipt store replaced since the step was recorded"
    return
  fi
  if ! rb_raise "$3" "$4"; then
    rb_answer "$1" not-started "$RB_STORE cannot be written: is the disk full, or is it another user's?"
    return
  fi
  rb_child "$rb_receipt" "$rb_new_gen" "$4" "$3" "${10}" "${13}" </dev/null 2>/dev/null |
    rb_collect "$rb_receipt" "${11}" "$rb_receipt.drained.$rb_new_gen.$$" >/dev/null 2>&1 &
  wait "$!"
  rb_look "$rb_receipt"
  # bash waits for the last of a pipeline only: the other has a line to write.
  rb_tries=0
  while [ "$rb_tries" -lt 50 ] && [ -e "$rb_receipt.drained.$rb_new_gen.$$" ]; do
    case $rb_state in claimed | running) ;; *) break ;; esac
    sleep 0.01
    rb_tries=$((rb_tries + 1))
    rb_look "$rb_receipt"
  done
  rb_fence_of "$3"
  case $rb_state in
    none | void)
      if [ "$rb_fence" -gt "$4" ]; then rb_answer "$1" fenced "$rb_fence"
      else rb_answer "$1" not-started "$rb_receipt.* cannot be written: is the disk full, or is $RB_STORE another user's?"; fi ;;
    *) rb_slice "$rb_receipt.out" "$8" "$9"; rb_tell "$1" ;;
  esac
}

# How a receipt stands, and its output from an offset.
rb_poll() { # id key offset limit
  rb_look "$RB_STORE/steps/$2"
  rb_slice "$RB_STORE/steps/$2.out" "$3" "$4"
  rb_tell "$1"
}

rb_rest() { # id key: the end of output that was longer than allowed
  rb_slice "$RB_STORE/steps/$2.end" 0 65536
  rb_answer "$1" rest
}

# Ends receipt KEY and says how it stands. The fence is raised first and looked past second: whoever claims meanwhile sees it.
# `boot` and `store` are those of its intent: where they changed, a missing receipt proves nothing.
rb_stop() { # id key rollback token boot store
  rb_receipt=$RB_STORE/steps/$2 rb_left= rb_fenced=1
  rb_open_store
  rb_fence_of "$3"
  rb_before=$rb_fence
  rb_raise "$3" "$4" || rb_fenced=0
  if [ "$rb_fence" -gt "$4" ]; then
    rb_look "$rb_receipt"
    [ "$rb_state" = ended ] || { rb_state=unknown; rb_why="a newer worker ($rb_fence) has taken over"; }
  else
    rb_stop_claim "$rb_receipt" "$rb_before" "$4"
    case $rb_state in running | unknown) rb_stop_run "$rb_receipt" ;; ended) [ ! -e "$rb_receipt.cut" ] || rb_stop_run "$rb_receipt" ;; esac
    if [ "$rb_state" = none ]; then rb_missing "$3" "$5" "$6" 1; fi
  fi
  rb_stop_tell "$1" "$rb_receipt"
}

# Whoever claims $1 goes or refuses within milliseconds; one that stalls is ended. Tokens below $3 are refused from now on:
# where no other was seen before ($2), an unsigned claim comes to nothing, for it is signed before its fence is looked at.
rb_stop_claim() {
  rb_tries=20
  rb_look "$1"
  while [ "$rb_state" = claimed ] && [ "$rb_tries" -gt 0 ]; do
    sleep 0.05
    rb_tries=$((rb_tries - 1))
    rb_look "$1"
  done
  [ "$rb_state" = claimed ] || return 0
  rb_break "$1"
  case "$rb_state $rb_claim_dot" in
    'claimed .') rb_state=unknown rb_why="claimed by process $rb_claim_pid, which cannot be ended" ;;
    'unknown ') [ "$rb_fenced" != 1 ] || [ "$2" -ge "$3" ] || rb_state=void ;;
  esac
}

# Ends what runs of $1; rb_left says what cannot be ended.
rb_stop_run() {
  [ "$rb_claim_boot" = "$rb_boot" ] && [ "$rb_newer" = 0 ] || return 0
  rb_tries=40 rb_job= rb_job_start= rb_dot=
  until { read -r rb_job rb_job_start rb_dot <"$1.group"; } 2>/dev/null && [ "$rb_dot" = . ]; do
    rb_tries=$((rb_tries - 1)) rb_job=
    [ "$rb_tries" -gt 0 ] && [ "$rb_state" = running ] || break
    sleep 0.05
    rb_look "$1"
  done
  # Once its first process is gone the group's number may have become another's: then it is looked at, and not touched.
  rb_mine=
  [ -z "$rb_job" ] || ! rb_alive "$rb_job" "$rb_job_start" "$rb_boot" || rb_mine=$rb_job
  # It makes its group only after it was written down.
  rb_tries=20
  while [ -n "$rb_mine" ] && ! rb_group_lives "$rb_mine" && rb_alive "$rb_mine" "$rb_job_start" "$rb_boot" && [ "$rb_tries" -gt 0 ]; do
    rb_tries=$((rb_tries - 1))
    sleep 0.05
  done
  rb_clock
  if [ "$rb_state" = running ]; then { printf '%s\n' "$rb_now" >"$1.cut"; } 2>/dev/null; fi
  rb_end "$1" "$rb_mine"
  if rb_lives "$1" "$rb_job"; then rb_left="${rb_job:+process group $rb_job }${rb_strays:+processes$rb_strays}"; fi
  rb_await_end "$1"
}
# Its end is written by whoever ran it; where that one is dead, `cut` stands in for it.
rb_await_end() {
  rb_tries=30
  rb_look "$1"
  while [ "$rb_state" = running ] && [ "$rb_tries" -gt 0 ]; do
    sleep 0.1
    rb_tries=$((rb_tries - 1))
    rb_look "$1"
  done
}

# No receipt, or a void one: that says that it never began only on the boot and the store of its intent ($2, $3; empty: not
# asked), and, where the intent may be old ($4 is 1), while nothing of rollback $1 was swept.
rb_missing() {
  if [ -n "$2" ] && [ "$2 $3" != "$rb_boot $rb_store_id" ]; then
    rb_state=unknown rb_why="no receipt, but the host was booted or its receipt store replaced since the step was sent"
  elif [ "$rb_state $4" = "none 1" ] && [ -e "$RB_STORE/fences/$1/swept" ]; then
    rb_state=unknown rb_why="no receipt, but old receipts of this rollback were removed from the host"
  fi
}

rb_stop_tell() { # id receipt
  rb_is_cut=0
  [ ! -e "$2.cut" ] || [ "$rb_code" = 0 ] || rb_is_cut=1
  if [ -n "$rb_left" ]; then rb_answer "$1" runs-on "$rb_left: not this user's to end (root's, under sudo?)"; return; fi
  case $rb_state in
    none | void) if [ "$rb_fenced" = 1 ]; then rb_answer "$1" never-started; else rb_answer "$1" broken; fi ;;
    ended)
      rb_end_of "$2"
      rb_answer "$1" ended "$rb_code" "$rb_stage" "$rb_timed" "$rb_ms" "$rb_beyond" "$(wc -c <"$2.out")" "$rb_is_cut" ;;
    running) rb_answer "$1" runs-on "nothing of it is left, but its end is not written" ;;
    *) rb_end_of "$2"; rb_answer "$1" unknown "$rb_why" ;;
  esac
}
# The last of the output.
rb_end_of() {
  if [ -s "$1.end" ]; then cat "$1.end"; elif [ -s "$1.out" ]; then tail -c 65536 "$1.out"; fi
}

# Removes what is older than so many days: receipts that do not run, and what steps kept. Fences stay. Twenty seconds at
# most; what is left is for the next time.
rb_sweep() { # id days
  rb_swept=0
  rb_clock
  rb_until=$((rb_now + 2000))
  for rb_claim in $(find "$RB_STORE/steps" -name '*.claim.0' ! -mtime "-$2" 2>/dev/null | sed 's:.*/::'); do
    rb_clock
    [ "$rb_now" -lt "$rb_until" ] || break
    rb_sweep_one "$RB_STORE/steps/${rb_claim%.claim.0}" "$2"
  done
  for rb_kept in "$HOME"/.rollback-bot/kept/*; do
    rb_clock
    [ "$rb_now" -lt "$rb_until" ] || break
    [ ! -d "$rb_kept" ] || [ -L "$rb_kept" ] || rb_sweep_kept "$rb_kept" "$2"
  done
  rb_answer "$1" swept "$rb_swept"
}
rb_sweep_one() { # receipt days
  rb_look "$1"
  [ "$rb_newer" = 0 ] || return 0
  case $rb_state in ended | unknown | void) ;; *) return 0 ;; esac
  [ -z "$(find "$1.claim.$rb_gen" "$1.exit" "$1.out" "$1.end" -mtime "-$2" 2>/dev/null)" ] || return 0
  # Said first: from here on a missing receipt of this rollback is no proof that a step never began.
  for rb_file in "$RB_STORE"/fences/*; do
    case ${1##*/} in "${rb_file##*/}".*) { printf '' >"$rb_file/swept"; } 2>/dev/null || return 0 ;; esac
  done
  rm -f "$1.claim.0" "$1".claim.[0-9]* "$1".go.[0-9]* "$1".drained.[0-9]* "$1.job" "$1.group" "$1.stage" "$1.exit" "$1.out" "$1.end" "$1.left" "$1.cut" || return 0
  rb_swept=$((rb_swept + 1))
}
# What a rollback kept goes when its receipts have gone; but not what `remove` still promises (`until`), nor what an undo set
# aside (`undone`), which is somebody's later work.
rb_sweep_kept() { # directory days
  for rb_file in "$RB_STORE/steps/${1##*/}".*; do [ ! -e "$rb_file" ] || return 0; done
  [ -z "$(find "$1" -mtime "-$2" 2>/dev/null | head -n 1)" ] || return 0
  rb_day=$(date +%s)
  for rb_step in "$1"/*; do
    [ ! -e "$rb_step/undone" ] || continue
    rb_promised=0
    [ ! -e "$rb_step/until" ] || read -r rb_promised <"$rb_step/until"
    [ "$rb_promised" -lt "$rb_day" ] 2>/dev/null || continue
    [ ! -e "$rb_step/places" ] || rb_sweep_places "$rb_step/places" || continue
    rm -rf -- "$rb_step" 2>/dev/null
  done
  rmdir "$1" 2>/dev/null
}
# What `remove` kept on other file systems. False when an undo has set something aside there.
rb_sweep_places() {
  sort -zu "$1" | xargs -0 -r sh -c 'for place; do [ ! -e "$place/undone" ] || exit 1; done
for place; do case $place in */../*) ;; */.rollback-kept/*/*) rm -rf -- "$place" ;; esac; done' sh
}

# Read-only commands, each in a process group of its own with a time limit. Their text travels in the environment, which
# `ps` does not show; standard error gets marks of its own, and one before the first to set off what the shell said itself.
rb_read() { # id seconds command...
  rb_id=$1 rb_seconds=$2
  shift 2
  rb_answer "$rb_id" read >&2
  for rb_text; do
    rb_clock
    rb_began=$rb_now
    RB_TEXT=$rb_text $rb_group timeout -k 1 "$rb_seconds" sh -c 'LC_ALL=C.UTF-8; rb=$RB_TEXT; unset RB_TEXT; eval "$rb"' </dev/null &
    rb_job=$!
    wait "$rb_job"
    rb_code=$?
    rb_signal KILL "$rb_job"
    rb_clock
    case $rb_code in 137 | 143) [ "$((rb_now - rb_began))" -lt "${rb_seconds}00" ] || rb_code=124 ;; esac
    rb_answer "$rb_id" read "$rb_code"
    rb_answer "$rb_id" read >&2
  done
}
