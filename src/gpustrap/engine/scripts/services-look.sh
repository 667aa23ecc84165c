# Every session, then how each service that is asked for does, with the end of the log of one that is not ready.
# ask NAME PORT PATH STEADY READY: all at the same time. What only has to run for longer is given STEADY seconds,
# whatever else time may mend READY seconds; without either it is judged as it is.
asked=' '
ask() {
  one "$@" &
  asked="$asked$1:$! "
}
one() {
  began=$(now) bound=''
  while :; do
    line=$(judge "$1" "$2" "$3")
    why=${line#* * * * }
    case $why in
      young*) seconds=$(($4 > $5 ? $4 : $5)) ;;
      closed* | unanswered*) seconds=$5 bound='' ;;
      # A server may bind the address that it is told a moment later.
      local* | six*) bound=${bound:-$(now)} seconds=$5; [ $(($(now) - bound)) -lt 5 ] || seconds=0 ;;
      *) break ;;
    esac
    [ $(($(now) - began)) -lt "$seconds" ] || break
    sleep 0.3
    seen
  done
  [ -z "$line" ] || echo "service $1 $line"
  [ -n "$line" ] && [ -z "$why" ]
}
# The rest of the sessions, then the logs: one after the other, in whole lines, since a secret is found in whole ones only.
rest() {
  printf '%s\n' "$sessions" | while read -r dead pid identity environment name; do
    case "$asked" in *" $name:"*) continue ;; esac
    [ -z "$name" ] || echo "session $dead 0 $identity $environment $name"
  done
  for asking in $asked; do
    wait "${asking#*:}" || said "${asking%:*}"
  done
}
said() {
  [ -f "$logs/$1.log" ] || return 0
  tail -c 65536 "$logs/$1.log" | tail -n 10 | tr -d '\000' |
    awk -v name="$1" '{ print "said " name " " (length($0) > 1000 ? "(a line of " length($0) " bytes)" : $0) }'
}
echo "environment $(environment)"
seen
