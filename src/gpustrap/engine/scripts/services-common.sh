# How a service is asked whether it is ready; the same for the fact, for waiting, and for `verify`.

# The addresses on which some process listens on a TCP port.
addresses() { ss -Hltn "sport = :$1" 2>/dev/null | awk '{ sub(/:[0-9]+$/, "", $4); print $4 }'; }

# crashes FILE: of what `run` writes there, how often it started the service again in the last five minutes.
crashes() {
  now=$(date +%s)
  awk -v since=$((now - 300)) '$1 == "again" && $2 >= since { n++ } END { print n + 0 }' "$1" 2>/dev/null || echo 0
}
# For how many seconds it has been running; 0 while it waits to be started again.
age() {
  began=$(awk '{ last = $1 } last == "waits" { at = "" ; next } $1 != "ended" { at = $2 } END { print at }' "$1" 2>/dev/null)
  case $began in '' | *[!0-9]*) echo 0 ;; *) echo $(($(date +%s) - began)) ;; esac
}

# Where the state is not written, as by a script of a person's own: since when the session is there.
session_age() {
  began=$(tm display-message -p -t "=$1:" '#{session_created}' 2>/dev/null)
  case $began in '' | *[!0-9]*) echo 0 ;; *) echo $(($(date +%s) - began)) ;; esac
}

# trouble NAME PORT PATH STATE: why a service is not ready, in one word; nothing when it is.
trouble() {
  name=$1
  shift
  if [ -z "$1" ]; then
    if [ -e "$3" ]; then
      if [ "$(crashes "$3")" -ge 3 ]; then echo crashes
      elif [ "$(age "$3")" -lt 2 ]; then echo young; fi
    elif [ "$(session_age "$name")" -lt 3 ]; then echo young; fi
    return 0
  fi
  there=$(addresses "$1")
  if [ -z "$there" ]; then
    if [ -e "$3" ] && [ "$(crashes "$3")" -ge 3 ]; then echo crashes; else echo closed; fi
    return 0
  fi
  public=$(printf '%s\n' "$there" | grep -v -e '^127\.' -e '^\[::1\]' -e '^\[::ffff:127\.' | head -n 1)
  if [ -z "$public" ]; then echo "local"; return 0; fi
  [ -n "$2" ] || return 0
  case $public in '*' | 0.0.0.0 | '[::]' | *%*) public=127.0.0.1 ;; esac
  curl -q -fsS --noproxy '*' --max-time 5 -o /dev/null "http://$public:$1$2" 2>/dev/null || echo unanswered
}
