# shellcheck shell=bash
# What the scripts share: messages, and long commands that show how far they are.
# To be sourced: `source "$root/scripts/lib/common.sh"`, with $root naming the repository.
: "${root:?}"

say() { printf '%s\n' "$*" >&2; }

# A problem, with its reason and its remedy; then the end, with a status.
# die STATUS MESSAGE...
die()
{
  local status=$1
  shift
  say "${0##*/}: $*"
  exit "$status"
}

# The text between the first line and the first empty one of a script is its help.
show_help() { sed -n '2,/^$/ s/^# \{0,1\}//p' "$1"; }

log_folder() { printf '%s\n' "${CARDAN_LOGS:-$root/build/log}"; }

make_log_folder()
{
  local folder
  folder=$(log_folder)
  mkdir -p -- "$folder" 2>/dev/null || true
  [[ -w $folder ]] ||
    die 1 "cannot write to $folder (made by another user?); remove $root/build or give it to $(id -un)"
}

# Runs a command with its output in a log file. On a terminal a line shows the time and where the log stands; elsewhere a
# line a minute says that it is still at work. A command that fails has the end of its log shown.
# run_logged TITLE LOG COMMAND...
run_logged()
{
  local title=$1 log=$2 status=0 watcher
  shift 2
  : >"$log"
  watch_log "$title" "$log" "$$" &
  watcher=$!
  # shellcheck disable=SC2064  # the watcher of now, not the one of later
  trap "kill $watcher 2>/dev/null || true" EXIT
  local began=$SECONDS
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" 2>/dev/null || true
  trap - EXIT
  [[ -t 2 ]] && printf '\r\033[K' >&2
  if ((status != 0)); then
    say "$title: failed after $((SECONDS - began)) s, status $status. The end of $log:"
    tail -n 60 -- "$log" >&2
    return "$status"
  fi
  if ((SECONDS - began > 4)); then say "$title: $((SECONDS - began)) s"; fi
}

# The progress of run_logged; ends by itself should the script be killed.
# watch_log TITLE LOG PID
watch_log()
{
  local title=$1 log=$2 pid=$3 began=$SECONDS width last
  if [[ ! -t 2 ]]; then
    # Output is not kept open by the sleep: whoever reads it sees the end of the script at once.
    while sleep 1 >/dev/null 2>&1 && kill -0 "$pid" 2>/dev/null; do
      if ((SECONDS - began >= 60)); then
        began=$SECONDS
        say "$title ... $(tail -n 1 -- "$log" | cut -c 1-100)"
      fi
    done
    return
  fi
  width=$(tput cols 2>/dev/null || echo 80)
  while kill -0 "$pid" 2>/dev/null; do
    last=$(tail -n 1 -- "$log" | tr -d '\r')
    last="$title ... $((SECONDS - began)) s  $last"
    printf '\r\033[K%s' "${last:0:width-1}" >&2
    sleep 1
  done
}
