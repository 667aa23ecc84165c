# How a service is judged: the same for the facts, for `up` that waits, for `verify` and for `status`.
# `folder`: the services' own folders · `logs`: the folder of their logs.
steady=10 # seconds that one without a port has to run before it is ready
# behind NAME: the gateway asks it, so it may listen on 127.0.0.1 alone, and has to listen there.
fronted=' '
behind() { fronted="$fronted$1 "; }
long=60   # one that ran for so long before it ended is no crash

# Seconds since the machine started: no clock that somebody sets.
now() { read -r seconds _ </proc/uptime && echo "${seconds%%.*}"; }

# listening PORT: "ADDRESS INODE" of each socket that listens there; asked of the kernel, `ss` need not be there.
listening() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$(printf ':%04X' "$1")" '
    function number(s, i, n) {
      for (i = 1; i <= length(s); i++) n = n * 16 + index("0123456789ABCDEF", substr(s, i, 1)) - 1
      return n + 0
    }
    function four(s) { return number(substr(s, 7, 2)) "." number(substr(s, 5, 2)) "." number(substr(s, 3, 2)) "." number(substr(s, 1, 2)) }
    function six(s, i, word, text) {
      if (s ~ /^0*$/) return "::"
      if (s == "00000000000000000000000001000000") return "::1"
      if (s ~ /^0000000000000000FFFF0000/) return "::ffff:" four(substr(s, 25))
      for (i = 1; i < 32; i += 8) {
        word = substr(s, i + 6, 2) substr(s, i + 4, 2) ":" substr(s, i + 2, 2) substr(s, i, 2)
        text = text (i > 1 ? ":" : "") tolower(word)
      }
      return text
    }
    $4 == "0A" && substr($2, length($2) - 4) == port {
      address = substr($2, 1, length($2) - 5)
      print (length(address) == 8 ? four(address) : six(address)), $10
    }'
}
# sockets PID…: the inodes of the sockets that they hold.
sockets() {
  for pid; do echo "/proc/$pid/fd"; done | xargs ls -l 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/\1/p'
}
# others INODE…: the processes that hold one of these sockets.
others() {
  [ $# -gt 0 ] || return 0
  # shellcheck disable=SC2012 # links, not names
  ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v wanted=" $* " '
    /^\/proc\// { split($1, part, "/"); next }
    match($0, /socket:\[[0-9]+\]$/) && index(wanted, " " substr($0, RSTART + 8, RLENGTH - 9) " ") { print part[3] }' | sort -un
}
# holders PORT: the processes that listen there.
holders() {
  # shellcheck disable=SC2046 # a list of numbers
  others $(listening "$1" | cut -d ' ' -f 2)
}
# known PID: who it is, for a person.
known() {
  [ -n "$1" ] || { echo 'a process that cannot be seen from here'; return; }
  owner=$(tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | sed -n 's/^GPUSTRAP_SERVICE=//p' | head -n 1)
  line=$(tr '\0\n' '  ' 2>/dev/null <"/proc/$1/cmdline" | tr -cd '[:print:]' | cut -c 1-120)
  echo "$(tr -cd '[:graph:]' 2>/dev/null <"/proc/$1/comm") (PID $1${line:+: ${line% }})${owner:+, of the service $owner}"
}

# history FILE: of what `run` writes there, "AGE CRASHES NEEDED CODE SPAN WORKS TRIES": for how long it has been running, 0
# while it waits to be started again; how often it ended just before, each time after less than a minute and before it
# worked; for how long it has to run now to be ready; what it last ended with; since when it is like this; whether it has
# listened since it was started; how often it was tried until it was given up.
history() {
  awk -v now="$(now)" -v steady="$steady" -v long="$long" '
    $1 == "starts" { crashes = 0; most = 0 }
    $1 == "starts" || $1 == "again" { began = $2; works = 0; if (!crashes) first = $2 }
    $1 == "works" { works = 1 }
    $1 == "waits" {
      ran = $2 - began; code = $3; began = ""
      if (ran >= long || works) { crashes = 0; most = 0 } else { crashes++; if (ran > most) most = ran }
    }
    $1 == "ended" || $1 == "gave-up" { code = $3; began = ""; tries = $4 }
    END {
      needed = 2 * most
      if (needed < steady) needed = steady
      if (needed > long) needed = long
      print (began == "" ? 0 : now - began), crashes + 0, needed, code + 0, now - first, works + 0, tries + 0
    }' "$1" 2>/dev/null
}
# Where nothing is written, as by a script of a person's own: since when the session is there.
session_age() {
  began=$(tm display-message -p -t "=$1:" '#{session_created}' 2>/dev/null)
  case $began in '' | *[!0-9]*) echo 0 ;; *) echo $(($(date +%s) - began)) ;; esac
}

# answer URL PORT PATH: the status that a GET gives, such as 302, without a proxy and without a person's settings;
# "slow" where none comes, "none" where what comes is no HTTP. By what there is: curl, Python or wget.
answer() {
  if command -v curl >/dev/null 2>&1; then
    code=$($limit env -i PATH="$PATH" curl -q -g -s -o /dev/null -w '%{http_code}' --noproxy '*' --max-time 5 "http://$1:$2$3" 2>/dev/null)
    status=$?
  elif command -v python3 >/dev/null 2>&1; then
    code=$($limit python3 -I -c '
import http.client, socket, sys
host, port, path = sys.argv[1:]
asked = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=5)
try:
    asked.request("GET", path)
    print(asked.getresponse().status)
except socket.timeout:
    sys.exit(28)
' "$@" 2>/dev/null)
    status=$?
  else
    own=''
    case $(wget --version 2>/dev/null) in *GNU*) own='--no-proxy --max-redirect=0 -t 1' ;; esac
    # shellcheck disable=SC2086 # words
    said=$($limit env -i PATH="$PATH" LC_ALL=C wget -S -O /dev/null -T 5 $own "http://$1:$2$3" 2>&1)
    status=$?
    code=$(printf '%s\n' "$said" | sed -n 's,^ *HTTP/[0-9.]* *\([0-9][0-9]*\).*,\1,p' | head -n 1)
    case $said in *'timed out'*) status=28 ;; esac
  fi
  case $code in
    [1-9][0-9][0-9]) echo "$code" ;;
    *) case $status in 28 | 124) echo slow ;; *) echo none ;; esac ;;
  esac
}

# seen: looks at all sessions and processes once. `sessions`: "DEAD PID IDENTITY ENVIRONMENT NAME" a line.
seen() {
  rows='#{pane_dead} #{pane_pid} #{?@identity,#{@identity},-} #{?@environment,#{@environment},-} #{session_name}'
  sessions=$(tm list-sessions -F "$rows" 2>/dev/null; old_tm list-sessions -F "$rows" | sed 's/^\([^ ]* [^ ]*\) [^ ]*/\1 older/')
  there=$(processes)
  marks=$(marked)
}
# of NAME PID: "PID STATE SESSION START" of its members, the session's first process foremost.
of() {
  printf '%s\n' "$marks" | sed 's/^/marked /' | { cat; printf '%s\n' "$there"; } | awk -v name="$1" -v session="$2" '
    $1 == "marked" { if ($3 == name && NF == 3) ours[$2] = 1; next }
    { line[$1] = $1 " " $2 " " $4 " " $5; parent[$1] = $3; if ($4 == session || $1 == session) ours[$1] = 1 }
    END {
      do { more = 0; for (pid in parent) if (!(pid in ours) && (parent[pid] in ours)) { ours[pid] = 1; more = 1 } } while (more)
      if (session in line) print line[session]
      for (pid in ours) if (pid in line && pid != session) print line[pid]
    }'
}

# judge NAME PORT PATH: one line: "DEAD STOPPED IDENTITY ENVIRONMENT TROUBLE…". No trouble: it is ready. No line: it does
# not run.
judge() {
  row=$(printf '%s\n' "$sessions" | awk -v name="$1" '$5 == name && NF == 5' | head -n 1)
  if [ -z "$row" ]; then
    # A service that could not be started left word why.
    [ -s "$folder/$1/refused" ] && echo "- - - - refused $(head -n 1 "$folder/$1/refused" | cut -c 1-300)"
    return 0
  fi
  # shellcheck disable=SC2086 # four words and a name
  set -- "$1" "$2" "$3" $row
  # What it left behind keeps its session open when it has ended.
  dead=$4
  last=$(tail -n 1 "$folder/$1/state" 2>/dev/null)
  case $last in ended\ * | gave-up\ *) dead=1 ;; esac
  set -- "$1" "$2" "$3" "$dead" "$5" "$6" "$7"
  mine=$(of "$1" "$5")
  said=$(history "$folder/$1/state")
  # Empty where there was no such file yet: it may have been written since.
  [ -n "$said" ] && [ -s "$folder/$1/state" ] || said="$(session_age "$1") 0 3 0 0 0 0"
  # shellcheck disable=SC2086
  why=$(trouble "$1" "$2" "$3" "$4" $said)
  case $last in after\ *) why="after ${last##* }" ;; esac # it waits for another, and runs nothing yet
  held=0
  # What a person stopped in a terminal that the service gives him is not the service.
  printf '%s\n' "$mine" | awk -v session="$5" '$3 == session' | cut -d ' ' -f 2 | grep -q T && held=1
  echo "$4 $held $6 $7 $why"
}
# trouble NAME PORT PATH DEAD AGE CRASHES NEEDED CODE SPAN WORKS TRIES, with `mine` its members.
trouble() {
  looping=''
  [ "$6" -ge 3 ] && [ "$5" -lt "$long" ] && looping="crashes $6 $9 $8"
  [ "${11}" = 0 ] || looping="gave-up ${11} $8"
  if [ "$4" = 1 ] && [ -z "$2" ]; then
    if [ "${11}" != 0 ]; then echo "$looping"; elif [ "$8" != 0 ]; then echo "failed $8"; fi
    return 0
  fi
  if [ -z "$2" ]; then
    if [ -n "$looping" ]; then echo "$looping"
    elif [ -f "$folder/$1/health" ]; then checked "$1" ''
    elif [ "$5" -lt "$7" ]; then echo "young $5 $7 $6 $8"; fi
    return 0
  fi
  there=$(listening "$2")
  if [ -n "$there" ]; then
    stranger=$(stranger "$looping" "$there")
    [ -z "$stranger" ] || { echo "taken $2 $stranger"; return 0; }
  fi
  if [ -n "$looping" ]; then echo "$looping"; return 0; fi
  if [ -z "$there" ]; then
    if [ "$4" = 1 ]; then echo "failed $8"
    elif [ "$6" -gt 0 ]; then echo "exits $6 $8"
    elif [ "${10}" = 1 ] && [ "$5" != 0 ]; then echo "gone $(elsewhere "$2")"
    else echo "closed $(elsewhere "$2")"; fi
    return 0
  fi
  addresses=$(printf '%s\n' "$there" | cut -d ' ' -f 1)
  public=$(printf '%s\n' "$addresses" | grep -v -e '^127\.' -e '^::1$' -e '^::ffff:127\.' | head -n 1)
  case $fronted in *" $1 "*)
    public=$(printf '%s\n' "$addresses" | grep -m 1 -x -e '127\.0\.0\.1' -e '0\.0\.0\.0' -e '::' -e '::ffff:127\.0\.0\.1')
    [ -n "$public" ] || { echo "apart $(printf '%s\n' "$addresses" | head -n 1)"; return 0; }
    ;;
  esac
  [ -n "$public" ] || { echo "local $(printf '%s\n' "$addresses" | head -n 1)"; return 0; }
  if six "$addresses" "$2"; then echo "six"; return 0; fi
  if [ -n "$3" ]; then
    case $public in 0.0.0.0 | ::) public=127.0.0.1 ;; *:*) public="[$public]" ;; esac
    answered=$(answer "$public" "$2" "$3")
    case $answered in [123]??) ;; *) echo "unanswered $answered"; return 0 ;; esac
  fi
  checked "$1" "$2"
}
# checked NAME PORT: what its own health command says, where it has one.
checked() {
  [ -f "$folder/${1%+next}/health" ] || return 0
  $limit env -i PATH="$PATH" HOME="$HOME" /bin/sh "$folder/${1%+next}/health" "$2" </dev/null >/dev/null 2>&1 || echo "unanswered command $?"
}
# six ADDRESSES PORT: whether it takes IPv6 alone. `::` takes IPv4 too unless the program has it otherwise, which only a
# connection tells; bash can make one.
six() {
  printf '%s\n' "$1" | grep -qx '::' && ! printf '%s\n' "$1" | grep -q '\.' && command -v bash >/dev/null 2>&1 || return
  # shellcheck disable=SC2016 # for bash
  ! $limit bash --norc -c ': <"/dev/tcp/127.0.0.1/$1"' bash "$2" 2>/dev/null
}
# stranger LOOPING LISTENING: who listens in the service's place. A process that began after the service did may be its
# own, such as a container that it started, as long as the service itself does not end again and again.
stranger() {
  inodes=$(printf '%s\n' "$2" | cut -d ' ' -f 2)
  # shellcheck disable=SC2046 # a list of numbers
  sockets $(printf '%s\n' "$mine" | cut -d ' ' -f 1) | grep -qxF "$inodes" && return 0
  # shellcheck disable=SC2086
  pid=$(others $inodes | head -n 1)
  [ -n "$pid" ] || { [ -z "$1" ] || known ''; return 0; }
  first=$(printf '%s\n' "$mine" | head -n 1 | cut -d ' ' -f 4)
  began=$(processes | awk -v pid="$pid" '$1 == pid { print $5 }')
  if [ -n "$1" ] || [ "${began:-0}" -lt "${first:-0}" ]; then known "$pid"; fi
}
# elsewhere PORT: the other ports on which the service's members listen.
elsewhere() {
  # shellcheck disable=SC2046
  inodes=$(sockets $(printf '%s\n' "$mine" | cut -d ' ' -f 1))
  [ -n "$inodes" ] || return 0
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v wanted=" $(echo "$inodes" | tr '\n' ' ') " '
    $4 == "0A" && index(wanted, " " $10 " ") { print substr($2, length($2) - 3) }' | sort -u |
    while read -r hex; do [ "$((0x$hex))" = "$1" ] || printf '%d ' "0x$hex"; done
}
