# Wait until `service` is ready, at most `seconds`; else fail with the end of its `log` and a sentence.
failed() { { tail -n 20 "$log"; echo "$service $1"; } >&2; exit 1; }
end=$(($(date +%s) + seconds)) since=''
while :; do
  why=$(trouble "$service" "$port" "$path" "${run%/*}/state")
  dead=$(tm list-panes -s -t "=$service" -F '#{pane_dead}' 2>/dev/null) || failed "has no session any more; the end of its log is above"
  case $dead in *1*) [ -z "$port" ] && exit 0; failed "has ended and does not listen on port $port; the end of its log is above" ;; esac
  [ -n "$why" ] || exit 0
  now=$(date +%s)
  case $why in
    crashes) failed "ends again and again; the end of its log is above" ;;
    local)
      since=${since:-$now}
      [ $((now - since)) -lt 5 ] || failed "listens on 127.0.0.1 only, which the provider cannot reach: bind 0.0.0.0" ;;
    *) since='' ;;
  esac
  if [ "$now" -ge $end ]; then
    case $why in
      local) failed "listens on 127.0.0.1 only, which the provider cannot reach: bind 0.0.0.0" ;;
      *) failed "is not ready; the end of its log is above" ;;
    esac
  fi
  sleep 0.2
done
