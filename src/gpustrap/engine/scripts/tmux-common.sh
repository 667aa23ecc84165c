# Our own tmux server: no configuration of a person's, a socket that no sweep of /tmp takes away, an empty environment.
# `socket`: services or jobs · `runs`: the folder of the sockets · `older`: the socket's name in an older gpustrap.
[ -w "$runs" ] || { [ ! -e "$runs" ] && [ -w "${runs%/*}" ]; } || runs=/var/lib/gpustrap/run
private() { [ -d "$1" ] || (umask 077; mkdir -p "$1"); }
# The system's own: what else is called tmux in the PATH may be a script of a person's that attaches or prints.
tmux=/usr/bin/tmux
[ -x "$tmux" ] || tmux=tmux
limit=''
command -v timeout >/dev/null 2>&1 && limit='timeout 10'
tm() {
  # shellcheck disable=SC2086 # words; a server that a signal holds gives no answer
  $limit env -i PATH="$PATH" HOME="${HOME:-/root}" LANG=C.UTF-8 "$tmux" -f /dev/null -S "$runs/$socket.sock" "$@"
}
# list FORMAT: `listed`, a line of each session. `untold`: why that cannot be told; empty where there is no server at all.
# "No answer" is not "no session": whoever takes one for the other ends what runs well.
list() {
  untold=''
  listed=$(tm list-sessions -F "$1" 2>/dev/null)
  case $? in
    0) return ;;
    124 | 137 | 143) untold=slow ;; # busybox's `timeout` ends as what it ended
    126) untold=barred ;;
    127) fresh || untold=absent ;;
    # Without a socket there is no server. With one tmux says more: once more, since what it says beside its answer is none.
    *) [ ! -S "$runs/$socket.sock" ] || untold=$(why_not) ;;
  esac
  listed=''
}
# Of a box that has no tmux yet, nothing of ours runs.
fresh() { ! command -v "$tmux" >/dev/null 2>&1 && [ -z "$(marked)" ]; }
why_not() {
  said=$(tm list-sessions 2>&1 >/dev/null)
  case $said in
    *'no server running'* | *'server exited'* | *'lost server'* | *'(No such file or directory)' | *'(Connection refused)') ;;
    *) printf 'said %.200s\n' "$said" | head -n 1 ;;
  esac
}

mark=GPUSTRAP_SERVICE # what tells the processes that it started, wherever they went
[ "$socket" = services ] || mark=GPUSTRAP_JOB
# Whose we are, as `id -u` says it, without one more process.
while read -r word _ uid _ && [ "$word" != Uid: ]; do :; done </proc/self/status
old=/tmp/tmux-$uid/$older
# A server of an older gpustrap has its socket there; ours is only a link, so that `tmux -L` finds our sessions.
old_tm() { [ -S "$old" ] && [ ! -L "$old" ] && env -i PATH="$PATH" LANG=C.UTF-8 timeout 5 "$tmux" -S "$old" "$@" 2>/dev/null; }
linked() {
  private "${old%/*}" 2>/dev/null
  # One whose server has gone is only a left-over.
  # shellcheck disable=SC3013 # dash, bash and busybox have it
  old_tm list-sessions >/dev/null || [ "$old" -ef "$runs/$socket.sock" ] || ln -sfn "$runs/$socket.sock" "$old" 2>/dev/null || :
}

# start NAME COMMAND…: the words are run as they are, by no shell, with nothing in the environment but this.
start() {
  name=$1
  shift
  private "$runs" && case $(stat -Lc '%u %a' "$runs") in
    "$uid 700") ;;
    "$uid "*) chmod 700 "$runs" ;;
    *) chown "$(id -u):$(id -g)" "$runs" && chmod 700 "$runs" ;;
  esac || return
  user=$(id -un)
  # In one go, so that a command that ends at once finds its session told to remain.
  tm new-session -d -x 200 -y 50 -c / -s "$name" env -i HOME="${HOME:-/root}" USER="$user" LOGNAME="$user" \
    SHELL=/bin/sh TERM=screen LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "$mark=$name" "$@" ';' \
    set-option -g default-shell /bin/sh ';' set-option -g destroy-unattached off ';' set-option -s exit-unattached off ';' \
    set-option -w -t "=$name:" remain-on-exit on ';' set-option -t "=$name:" @identity "$identity" ';' \
    set-option -t "=$name:" @environment "$(environment)" || return
  linked
}

# What the variables are that a service gets from the roles: another digest, another environment.
environment() {
  set -- "$profile"/gpustrap-*.sh
  if [ $# -gt 1 ]; then set -- "$(cat "$@" 2>/dev/null | sha256sum)"
  elif [ -r "$1" ]; then set -- "$(sha256sum <"$1")"
  else set -- e3b0c44298fc1c14; fi # of nothing
  printf '%.16s\n' "$1"
}

# Of processes by `read`, since each program costs a millisecond and this is asked at every login. Their names, in
# parentheses, may hold anything.
# began PID: since when it runs, in the kernel's own ticks.
began() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  # shellcheck disable=SC2086 # numbers
  set -- ${stat##*) }
  echo "${20}"
}
# this_boot: this start of the instance: its kernel's, and its first process's, since a container keeps the kernel.
this_boot() {
  { read -r boot_id </proc/sys/kernel/random/boot_id; } 2>/dev/null || boot_id=''
  echo "$boot_id-$(began 1)"
}

# marked: "PID NAME" of each process that carries our mark.
marked() {
  grep -zHs "^$mark=" /proc/[0-9]*/environ | tr '\0' '\n' | sed -n "s,^/proc/\([0-9]*\)/environ:$mark=,\1 ,p"
}
# processes: "PID STATE PARENT SESSION START" of all. The name in front of these may hold anything. By `cat`: awk ends at a
# process that has gone while it reads.
processes() {
  cat /proc/[0-9]*/stat 2>/dev/null | awk '/^[0-9]+ \(/ { pid = $1; sub(/.*\) /, ""); print pid, $1, $2, $4, $20 }'
}
# members NAME SESSION…: the processes that a service started, also those that left its session, or lost the mark; the oldest
# first.
members() {
  name=$1
  shift
  { grep -lzsxF "$mark=$name" /proc/[0-9]*/environ; cat /proc/[0-9]*/stat; } 2>/dev/null | awk -v sessions=" $* " '
    /^\// { split($0, part, "/"); ours[part[3]] = 1; next }
    /^[0-9]+ \(/ { pid = $1; sub(/.*\) /, ""); parent[pid] = $2; if (index(sessions, " " $4 " ")) ours[pid] = 1 }
    END {
      do { more = 0; for (pid in parent) if (!(pid in ours) && (parent[pid] in ours)) { ours[pid] = 1; more = 1 } } while (more)
      for (pid in ours) if (pid in parent) {
        for (at = n++; at && sorted[at] > pid + 0; at--) sorted[at + 1] = sorted[at]
        sorted[at + 1] = pid + 0
      }
      for (at = 1; at <= n; at++) print sorted[at]
    }'
}
panes() { "$1" list-panes -s -t "=$2:" -F '#{pane_pid}' 2>/dev/null; }

# writes LOG PID…: whether what one of them writes goes there. Where that is not told, any log that is there will do.
writes() {
  log=$1 seen=''
  shift
  [ -f "$log" ] || return
  for pid; do
    # shellcheck disable=SC3013 # dash, bash and busybox have it
    [ ! "/proc/$pid/fd/1" -ef "$log" ] || return 0
    [ ! -e "/proc/$pid/fd/1" ] || seen=yes
  done
  [ -z "$seen" ]
}

# finish PID…: asks them to end, and after 5 s makes them.
finish() {
  [ $# -gt 0 ] || return 0
  kill -TERM "$@" 2>/dev/null
  kill -CONT "$@" 2>/dev/null
  n=0
  while [ $n -lt 50 ] && any "$@"; do n=$((n + 1)); sleep 0.1; done
  any "$@" && kill -KILL "$@" 2>/dev/null
  n=0
  while [ $n -lt 20 ] && any "$@"; do n=$((n + 1)); sleep 0.1; done
}
# Whether one of them is alive; a zombie is not.
any() {
  for pid; do
    { read -r stat <"/proc/$pid/stat"; } 2>/dev/null || continue
    case ${stat##*) } in Z* | X*) ;; *) return 0 ;; esac
  done
  return 1
}

# awake: a server that a signal holds answers nothing, and one whose socket was deleted makes it anew when it is told to.
# `open_sessions`: their names, a line each. Fails, and says so, where tmux cannot be asked: nothing is to be ended then.
awake() {
  if [ ! -S "$runs/$socket.sock" ]; then
    private "$runs"
    n=0
    grep -lzsxF "$runs/$socket.sock" /proc/[0-9]*/cmdline | cut -d / -f 3 | while read -r pid; do
      { read -r comm <"/proc/$pid/comm"; } 2>/dev/null || continue
      case $comm in *server) kill -USR1 "$pid" ;; *) continue ;; esac
      while [ ! -S "$runs/$socket.sock" ] && [ $n -lt 20 ]; do n=$((n + 1)); sleep 0.1; done
    done
  fi
  list '#{session_name}'
  if [ "$untold" = slow ]; then
    grep -lzsxF "$runs/$socket.sock" /proc/[0-9]*/cmdline | cut -d / -f 3 | xargs kill -CONT 2>/dev/null
    list '#{session_name}'
  fi
  open_sessions=$listed
  [ -n "$untold" ] || return 0
  case $untold in
    slow) untold='it gives no answer within 10 s' ;;
    barred) untold='it cannot be executed' ;;
    absent) untold='it is not there, and what it started still runs' ;;
    'said ') untold='it fails and says nothing' ;;
  esac
  echo "tmux cannot be asked: ${untold#said }" >&2
  return 1
}

# stop NAME…: their sessions with all that they started, so that no orphan holds a port.
stop() {
  all=''
  for one; do
    sessions="$(panes tm "$one") $(panes old_tm "$one")"
    # shellcheck disable=SC2086 # a list of numbers
    all="$all $(members "$one" $sessions)"
    tm kill-session -t "=$one" 2>/dev/null
    old_tm kill-session -t "=$one"
  done
  # shellcheck disable=SC2086
  finish $all
  # What they have started meanwhile.
  for one; do
    # shellcheck disable=SC2046
    finish $(members "$one")
  done
}
