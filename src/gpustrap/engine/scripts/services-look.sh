# Every session, then how each service that is asked for does, with the end of the log of one that is not ready.
# NAME+next is the new version of NAME, beside it, and is told of by NAME.
# ask NAME PORT PATH STEADY READY SECRET…: all at the same time. What only has to run for longer is given STEADY seconds,
# whatever else time may mend READY seconds; without either it is judged as it is. SECRET: a variable that no log shows.
line_end='
'
asked=' ' hidden='' fine=' '
ask() {
  { one "$@" && after "$1"; } &
  asked="$asked$1:$! "
  name=$1
  shift 5
  for secret; do hidden="$hidden $name:$secret"; done
}
after() { :; } # what is to be done for one as soon as it is ready
one() {
  now
  began=$now bound='' hasty='' server=''
  [ $(($4 + $5)) = 0 ] || { hasty=yes; server_of $$; }
  while :; do
    told=$(judge "$1" "$2" "$3")
    line=${told%%"$line_end"*} session=${told#"$line"}
    why=${line#* * * * }
    case $why in
      young*) seconds=$(($4 > $5 ? $4 : $5)) ;;
      after* | closed* | exits* | unanswered*) seconds=$5 bound='' ;;
      # A server may bind the address that it is told a moment later, or just start anew by itself.
      local* | apart* | six* | gone*) now; bound=${bound:-$now} seconds=$5; [ $((now - bound)) -lt 5 ] || seconds=0 ;;
      *) break ;;
    esac
    now
    # Whose connection has ended asks no more, and keeps the next one waiting.
    if [ $((now - began)) -lt "$seconds" ] && { [ -z "$server" ] || [ -d "/proc/$server" ]; }; then
      sleep 0.3
      seen
    elif [ -n "$hasty" ] && case $why in closed* | gone*) ;; *) false ;; esac; then
      hasty=''
    else
      break
    fi
  done
  # It lives, listens nowhere, and has had its time.
  if [ "$why" = 'closed ' ] && [ "$seconds" -gt 0 ]; then line="${line%closed }slow $seconds"; fi
  [ -z "$line" ] || echo "service ${1%+next} $line"
  # Of one that is not as it is to be, that is what is wrong: nobody may be left to write its log.
  [ -z "$why" ] || session=''
  # shellcheck disable=SC2086 # a list of numbers
  unlogged "$1" $session
  [ -n "$line" ] && [ -z "$why" ]
}
# The rest of the sessions, then the logs: one after the other, in whole lines, since a secret is found in whole ones only.
rest() {
  printf '%s\n' "$sessions" | while read -r dead pid identity environment _ name; do
    case "$asked" in *" $name:"*) continue ;; esac
    [ -z "$name" ] || echo "session $dead 0 $identity $environment $name"
  done
  for asking in $asked; do
    if wait "${asking#*:}"; then fine="$fine${asking%:*} "; else said "${asking%:*}"; fi
  done
}
# unlogged NAME PID…: why its log does not get what it says, by the word that `run` left; or that its folder cannot be
# written, or that what its session writes to is not in its place any more: "-" and the log. The log is that of `run`:
# what a person's own role runs writes where it will.
unlogged() {
  if [ -f "$folder/$1/log-lost" ]; then
    echo "unlogged ${1%+next} $(head -n 1 "$folder/$1/log-lost" | tr -cd '[:print:]' | cut -c 1-100)"
  elif [ -d "$logs" ] && [ ! -w "$logs" ]; then
    echo "unlogged ${1%+next} $logs cannot be written"
  elif [ $# -gt 1 ] && [ -f "$folder/$1/run" ]; then
    case $1 in *+next) return 0 ;; esac
    name=$1 tries=0
    shift
    until writes "$logs/$name.log" "$@"; do
      # One that has just been started, or whose log is full and gets renamed, has it in a moment.
      tries=$((tries + 1))
      [ $tries -lt 5 ] || { echo "unlogged $name - $logs/$name.log"; return 0; }
      sleep 0.3
      # shellcheck disable=SC2046
      set -- $(members "$name" $(panes tm "$name"))
    done
  fi
}
log_of() { case $1 in *+next) echo "$folder/$1/log" ;; *) echo "$logs/$1.log" ;; esac; }
# What was written since the service was started as it is now: before that it may have had other secrets.
said() {
  log=$(log_of "$1")
  [ -f "$log" ] || return 0
  from=0
  { read -r file size <"$folder/$1/log-start"; } 2>/dev/null && [ "$file" = "$(stat -c %i "$log")" ] && from=$size
  values=$(secrets "$1") || return 0
  tail -c "+$((from + 1))" "$log" | tail -c 65536 | tail -n 10 | tr -d '\000' | hide="$values" awk -v name="${1%+next}" '
    BEGIN { count = split(ENVIRON["hide"], values, "\n") }
    function without(line, value, at, rest) {
      for (rest = ""; at = index(line, value); line = substr(line, at + length(value))) rest = rest substr(line, 1, at - 1) "***"
      return rest line
    }
    length($0) > 1000 { print "said " name " (a line of " length($0) " bytes)"; next }
    { for (i = 1; i <= count; i++) if (length(values[i]) > 3) $0 = without($0, values[i]); print "said " name " " $0 }'
}
# secrets NAME: the values that its secret variables have on the instance, longest first: those on the laptop may be newer.
secrets() {
  env=$folder/${1%+next}/env
  [ -r "$env" ] || return 0
  (
    # shellcheck disable=SC2046,SC2086 # names; no variable of ours is needed once those of the service are there
    set -- $(printf '%s\n' $hidden | sed -n "s/^$1://p")
    # shellcheck source=/dev/null
    . "$env" || exit 1
    while [ $# -gt 0 ]; do eval "printf '%s\n' \"\$$1\"; shift"; done
  ) | awk '{ print length($0) " " $0 }' | sort -rn | cut -d ' ' -f 2-
}
printf 'environment '
environment
seen
[ -z "$untold" ] || { echo "untold $untold"; exit 0; }
