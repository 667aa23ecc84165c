# How a service is judged: the same for the facts, for `up` that waits, for `verify` and for `status`.
# `folder`: the services' own folders · `logs`: the folder of their logs.
steady=10 # seconds that one without a port has to run before it is ready
# behind NAME: the gateway asks it, so it may listen on 127.0.0.1 alone, and has to listen there.
fronted=' '
behind() { fronted="$fronted$1 "; }
long=60   # one that ran for so long before it ended is no crash

# Seconds since the machine started: no clock that somebody sets.
now() { read -r now _ </proc/uptime; now=${now%%.*}; }

line_end='
'
# answer HOST PORT PATH: `answered`, the status that a GET gives, such as 302, without a proxy and without a person's settings;
# "slow" where none comes, "none" where what comes is no HTTP. By what there is: curl, Python or wget; the next one where one
# does not work, as a wrapper of it that wants a terminal. What a wrapper prints stands in front of the status.
answer() {
  answered=none
  for asker in curl python3 wget; do
    command -v $asker >/dev/null 2>&1 || continue
    by_$asker "$@"
    code=${code##*"$line_end"}
    case $code:$status in
      [1-9][0-9][0-9]:*) answered=$code ;;
      *:28 | *:124) answered=slow ;;
      *:[12] | *:12[67]) continue ;;
    esac
    return
  done
}
by_curl() {
  code=$($limit env -i PATH="$PATH" curl -q -g -s -o /dev/null -w '%{http_code}' --noproxy '*' --max-time 5 "http://$1:$2$3" 2>/dev/null)
  status=$?
}
by_python3() {
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
}
by_wget() {
  own=''
  case $(wget --version 2>/dev/null) in *GNU*) own='--no-proxy --max-redirect=0 -t 1' ;; esac
  # shellcheck disable=SC2086 # words
  said=$($limit env -i PATH="$PATH" LC_ALL=C wget -S -O /dev/null -T 5 $own "http://$1:$2$3" 2>&1)
  status=$?
  code=$(printf '%s\n' "$said" | sed -n 's,^ *HTTP/[0-9.]* *\([0-9][0-9]*\).*,\1,p' | head -n 1)
  case $said in *'timed out'*) status=28 ;; esac
}

# seen: looks at all sessions once. `sessions`: "DEAD PID IDENTITY ENVIRONMENT CREATED NAME" a line; as they were before where
# tmux cannot be asked, which `untold` says.
seen() {
  row='#{?@environment,#{@environment},-}'
  list "#{pane_dead} #{pane_pid} #{?@identity,#{@identity},-} $row #{session_created} #{session_name}"
  [ -z "$untold" ] || return 0
  sessions=$listed
  if [ -S "$old" ] && [ ! -L "$old" ]; then
    sessions="$sessions
$(old_tm list-sessions -F "#{pane_dead} #{pane_pid} older $row - #{session_name}")"
  fi
}
# Where nothing is written, as by a script of a person's own: since when the session is there.
session_age() { case $1 in '' | *[!0-9]*) echo 0 ;; *) echo $(($(date +%s) - $1)) ;; esac; }

# look NAME PORT: a line of what there is of a service, nothing where it has no session. Its words, of what `run` writes:
# AGE, for how long it has been running, 0 while it waits to be started again; CRASHES, how often it ended just before, each
# time after less than a minute and before it worked; NEEDED, for how long it has to run now to be ready; CODE, what it last
# ended with; SPAN, since when it is like this; WORKS, whether it has listened since it was started; TRIES, how often it was
# tried until it was given up. Of the sockets on its port: the first's address, the first that can be reached from where it
# is asked, whether there are such of IPv6 alone. At last the processes of its session, ":", and the sockets' inodes.
look() {
  front=''
  case $fronted in *" $1 "*) front=1 ;; esac
  cat /proc/[0-9]*/stat 2>/dev/null | sessions=$sessions awk -v name="$1" -v port="$2" -v front="$front" \
    -v state="$folder/$1/state" -v steady="$steady" -v long="$long" "$heard"'
    function row(count, lines, i) {
      count = split(ENVIRON["sessions"], lines, "\n")
      for (i = 1; i <= count; i++) if (split(lines[i], word, " ") == 6 && word[6] == name "") return 1
    }
    function history(now, line, lines, count, part, crashes, most, ran, began, first, works, code, tries, needed) {
      getline now < "/proc/uptime"
      now = int(now)
      while ((getline line < state) > 0) {
        lines++
        count = split(line, part, " ")
        if (part[1] == "starts") { crashes = 0; most = 0 }
        if (part[1] == "starts" || part[1] == "again") { began = part[2]; works = 0; if (!crashes) first = part[2] }
        if (part[1] == "works") works = 1
        if (part[1] == "waits") {
          ran = part[2] - began; code = part[3]; began = ""
          if (ran >= long || works) { crashes = 0; most = 0 } else { crashes++; if (ran > most) most = ran }
        }
        if (part[1] == "ended" || part[1] == "gave-up") { code = part[3]; began = ""; tries = part[4] }
      }
      if (!lines) return "- - 0 3 0 0 0 0"
      # What it left behind keeps its session open when it has ended.
      if (part[1] == "ended" || part[1] == "gave-up") word[1] = 1
      needed = 2 * most
      if (needed < steady) needed = steady
      if (needed > long) needed = long
      return (part[1] == "after" ? part[count] : "-") " " (began == "" ? 0 : now - began) " " crashes + 0 " " needed " " \
        code + 0 " " now - first " " works + 0 " " tries + 0
    }
    function sockets(count, i, public, inodes, any, dotted) {
      count = port == "" ? 0 : listening(port)
      for (i = count; i > 0; i--) {
        inodes = " " inode[i] inodes
        if (address[i] == "::") any = 1
        if (address[i] ~ /\./) dotted = 1
        if (front ? address[i] ~ /^(127\.0\.0\.1|0\.0\.0\.0|::|::ffff:127\.0\.0\.1)$/ : address[i] !~ /^(127\.|::1$|::ffff:127\.)/) public = address[i]
      }
      return (count ? address[1] : "-") " " (public ? public : "-") " " (any && !dotted) " " mine ":" inodes
    }
    BEGIN { if (!(found = row())) exit }
    # Of a process: the name in front may hold anything.
    /^[0-9]+ \(/ {
      pid = $1
      sub(/.*\) /, "")
      if ($4 != word[2]) next
      mine = mine pid " "
      # What a person stopped in a terminal that the service gives him is not the service.
      if ($1 == "T") held = 1
    }
    END {
      if (!found) exit
      told = history()
      print word[1], word[2], word[3], word[4], word[5], held + 0, told, sockets()
    }'
}

hasty=''
# judge NAME PORT PATH: one line: "DEAD STOPPED IDENTITY ENVIRONMENT TROUBLE…". No trouble: it is ready. No line: it does
# not run. Behind the line of one that runs: the processes of its session.
judge() {
  # shellcheck disable=SC2046 # words
  set -- "$1" "$2" "$3" $(look "$1" "$2")
  name=$1 port=$2 path=$3
  if [ $# = 3 ]; then
    # A service that could not be started left word why.
    [ -s "$folder/$name/refused" ] && echo "- - - - refused $(head -n 1 "$folder/$name/refused" | cut -c 1-300)"
    return 0
  fi
  dead=$4 session=$5 identity=$6 environment=$7 created=$8 held=$9
  shift 9
  after=$1 age=$2 crashes=$3 needed=$4 code=$5 span=$6 works=$7 tries=$8
  shift 8
  there=$1 public=$2 six=$3
  shift 3
  mine=$*
  inodes=${mine#*:} mine=${mine%:*}
  [ "$age" != - ] || [ -n "$port" ] || age=$(session_age "$created")
  if [ "$after" = - ]; then why=$(trouble); else why="after $after"; fi
  echo "$dead $held $identity $environment $why"
  [ "$dead" = 1 ] || echo "$mine"
}
# trouble: of what `judge` looks at, in its words.
trouble() {
  looping=''
  [ "$crashes" -ge 3 ] && [ "$age" -lt "$long" ] && looping="crashes $crashes $span $code"
  [ "$tries" = 0 ] || looping="gave-up $tries $code"
  if [ "$dead" = 1 ] && [ -z "$port" ]; then
    if [ "$tries" != 0 ]; then echo "$looping"; elif [ "$code" != 0 ]; then echo "failed $code"; fi
    return 0
  fi
  if [ -z "$port" ]; then
    if [ -n "$looping" ]; then echo "$looping"
    elif [ -f "$folder/$name/health" ]; then checked
    elif [ "$age" -lt "$needed" ]; then echo "young $age $needed $crashes $code"; fi
    return 0
  fi
  # shellcheck disable=SC2086 # a list of numbers
  if [ "$there" != - ] && ! holds $mine; then
    stranger=$(stranger)
    [ -z "$stranger" ] || { echo "taken $port $stranger"; return 0; }
  fi
  if [ -n "$looping" ]; then echo "$looping"; return 0; fi
  if [ "$there" = - ]; then
    if [ "$dead" = 1 ]; then echo "failed $code"
    elif [ "$crashes" -gt 0 ]; then echo "exits $crashes $code"
    elif [ "$works" = 1 ] && [ "$age" != 0 ]; then echo "gone $(elsewhere)"
    else echo "closed $(elsewhere)"; fi
    return 0
  fi
  if [ "$public" = - ]; then
    case $fronted in *" $name "*) echo "apart $there" ;; *) echo "local $there" ;; esac
    return 0
  fi
  if [ "$six" = 1 ] && six; then echo "six"; return 0; fi
  if [ -n "$path" ]; then
    case $public in 0.0.0.0 | ::) public=127.0.0.1 ;; *:*) public="[$public]" ;; esac
    answer "$public" "$port" "$path"
    case $answered in [123]??) ;; *) echo "unanswered $answered"; return 0 ;; esac
  fi
  checked
}
# checked: what its own health command says, where it has one.
checked() {
  health=$folder/${name%+next}/health
  [ -f "$health" ] || return 0
  $limit env -i PATH="$PATH" HOME="$HOME" /bin/sh "$health" "$port" </dev/null >/dev/null 2>&1 || echo "unanswered command $?"
}
# six: whether one that listens for IPv6 takes that alone. `::` takes IPv4 too unless the program has it otherwise, which
# only a connection tells; bash can make one.
six() {
  command -v bash >/dev/null 2>&1 || return
  # shellcheck disable=SC2016 # for bash
  ! $limit bash --norc -c ': <"/dev/tcp/127.0.0.1/$1"' bash "$port" 2>/dev/null
}
# holds PID…: whether one of the sockets is theirs.
holds() {
  folders=''
  for pid; do folders="$folders /proc/$pid/fd"; done
  [ -n "$folders" ] || return
  # shellcheck disable=SC2086 # words
  open=$(ls -n $folders 2>/dev/null)
  for inode in $inodes; do case $open in *"socket:[$inode]"*) return 0 ;; esac; done
  return 1
}
# stranger: who listens in the service's place, where none of its session does. A process that began after the service did
# may be its own, such as a container that it started, as long as the service itself does not end again and again and no other
# service of ours started it.
stranger() {
  # What it started may have left its session.
  mine=$(members "$name" "$session")
  # shellcheck disable=SC2086
  holds $mine && return
  # shellcheck disable=SC2086
  pid=$(others $inodes | head -n 1)
  [ -n "$pid" ] || { [ -z "$looping" ] || known ''; return 0; }
  for one in "$session" $mine; do first=$(began "$one"); [ -z "$first" ] || break; done
  began=$(began "$pid")
  if [ -n "$looping" ] || [ "${began:-0}" -lt "${first:-0}" ] || another "$pid"; then known "$pid"; fi
}
# another PID: whether another service of ours started it.
another() { case $(of "$1") in '' | "${name%+next}" | "${name%+next}+next") return 1 ;; esac; }
# elsewhere: the other ports on which the service's members listen. Of one that is still waited for (`hasty`) that is not asked:
# it would be half of the programs of a look, three times a second.
elsewhere() {
  [ -z "$hasty" ] || return 0
  # shellcheck disable=SC2046
  inodes=$(sockets $(members "$name" "$session"))
  [ -n "$inodes" ] || return 0
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v wanted=" $(echo "$inodes" | tr '\n' ' ') " '
    $4 == "0A" && index(wanted, " " $10 " ") { print substr($2, length($2) - 3) }' | sort -u |
    while read -r hex; do [ "$((0x$hex))" = "$port" ] || printf '%d ' "0x$hex"; done
}
