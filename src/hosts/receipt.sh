# The prelude that every shell on a host is fed before its requests. POSIX sh (dash, busybox, bash --posix), Linux /proc,
# GNU or busybox coreutils. The lines before it set RB_MARK, RB_STORE and RB_PATH.
#
# Every answer is its payload, then a newline, the mark and the answer's fields on one line. The mark is 128 random bits
# that only this shell and its client know, so that no output can forge an answer, and no length has to be counted.
#
# A receipt is the files steps/KEY.*: claim.N (who runs it: pid, start time, boot id, token), job (what runs), go.N (its
# effects may have begun), group (the process group), stage (how far it came), out and end (output, and the last of what
# did not fit), exit (how it ended). N counts claims; a claim that never reached go is void, and the next may be made. They
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

# Ends what lives of process group $1: TERM, two seconds, KILL. False when something of it cannot be ended.
rb_end_group() {
  rb_signal TERM "$1"
  rb_wait_group "$1" 20 && return 0
  rb_signal KILL "$1"
  rb_wait_group "$1" 20
}
rb_wait_group() {
  rb_tries=$2
  while rb_group_lives "$1"; do
    rb_tries=$((rb_tries - 1))
    [ "$rb_tries" -gt 0 ] || return 1
    sleep 0.1
  done
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
  rb_state=none rb_gen=0 rb_why=
  [ -e "$1.claim.0" ] || return 0
  while [ -e "$1.claim.$((rb_gen + 1))" ]; do rb_gen=$((rb_gen + 1)); done
  rb_read_claim "$1"
  # `go` is written after the claim was signed: what was read before may be older, and without a name.
  if [ -e "$1.go.$rb_gen" ]; then rb_read_claim "$1"; rb_look_gone "$1"; else rb_look_claimed "$1"; fi
}
rb_read_claim() {
  rb_claim_pid= rb_claim_dot=
  { read -r rb_claim_pid rb_claim_start rb_claim_boot rb_claim_token rb_claim_shell rb_claim_shell_start rb_claim_dot <"$1.claim.$rb_gen"; } 2>/dev/null
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
# ever, and is left to. Then the shell that started the step waits no longer either.
rb_settle() {
  rb_state=ended rb_cut=0
  if [ ! -e "$1.drained.$rb_gen.$rb_claim_shell" ] && [ "$rb_claim_boot" = "$rb_boot" ]; then
    rb_clock
    if [ "$((rb_now - rb_ended))" -lt 100 ]; then rb_state=running
    elif [ "$rb_claim_shell" != "$$" ] && rb_alive "$rb_claim_shell" "$rb_claim_shell_start" "$rb_boot"; then kill -USR1 "$rb_claim_shell" 2>/dev/null; fi
  fi
  [ ! -s "$1.end" ] || rb_cut=1
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
  printf '%s %s %s %s %s %s .\n' "$rb_pid" "$rb_start" "$rb_boot" "$3" "$$" "$rb_shell_start" >&9 || { rm -f "$1.claim.$2"; exit 1; }
  exec 9>&-
  rb_prepare "$1" "$6" || exit 1
  rb_fence_of "$4"
  [ "$rb_fence" -le "$3" ] && printf '' >"$1.go.$2" || exit 1
  rb_clock
  rb_began=$rb_now
  $rb_group timeout -k 2 "$5" sh "$1.job" 2>&1 </dev/null &
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
  rb_end_group "$rb_job" || printf '\nstill running, cannot be stopped: process group %s\n' "$rb_job" >>"$1.out"
  rb_clock
}
# Keeps output in receipt $1, at most $2 blocks; tells so with file $3. The limit is on cat, not on the job: the files that
# the command itself writes are its own affair. Beyond it the rest is drained, so that the command never sees its output
# refused, and the end of it is kept.
rb_collect() {
  (ulimit -c 0; ulimit -f "$2"; exec cat >>"$1.out") || tail -c 65536 >"$1.end"
  printf '' >"$3"
}

# One piece of output: at most $3 bytes of file $1 from offset $2.
rb_slice() {
  [ -s "$1" ] || return 0
  if [ "$2" = 0 ]; then head -c "$3" "$1"; else tail -c "+$(($2 + 1))" "$1" | head -c "$3"; fi
}
rb_tell() { # id
  case $rb_state in
    ended) rb_answer "$1" ended "$rb_code" "$rb_stage" "$rb_timed" "$rb_ms" "$rb_cut" ;;
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

rb_step() { # id key rollback token boot store resumed offset limit seconds blocks break job
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
  if [ "$5 $6" != "$rb_boot $rb_store_id" ]; then
    if [ "$7" = 1 ]; then rb_answer "$1" unknown "no receipt, but the host was booted or its receipt store replaced since the step was sent"
    else rb_answer "$1" not-started "the host was booted or its receipt store replaced since the step was recorded"; fi
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

rb_stop() { # id key: 1 when nothing of it runs any more
  rb_receipt=$RB_STORE/steps/$2 rb_stopped=0
  rb_look "$rb_receipt"
  case $rb_state in
    none | void | ended) rb_stopped=1 ;;
    claimed) rb_break "$rb_receipt"; [ "$rb_state" != void ] || rb_stopped=1 ;;
  esac
  case $rb_state in running | unknown) rb_stop_group "$rb_receipt" && rb_stopped=1 ;; esac
  rb_answer "$1" stopped "$rb_stopped"
}
rb_stop_group() {
  rb_dot=
  { read -r rb_job rb_job_start rb_dot <"$1.group"; } 2>/dev/null
  [ "$rb_dot" = . ] && [ "$rb_claim_boot" = "$rb_boot" ] || { [ "$rb_claim_boot" != "$rb_boot" ]; return; }
  # Once its first process is gone the group's number may have become another's: then look, and touch nothing.
  if rb_alive "$rb_job" "$rb_job_start" "$rb_boot"; then rb_end_group "$rb_job"; else ! rb_group_lives "$rb_job"; fi
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
