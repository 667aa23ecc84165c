line_end='
'
# begin ENDING: the session of `service` is started with `run`, under `identity`; `port`: what it will listen on, or
# nothing. ENDING: the services that are started again after it: they end first, since one may hold the port that another
# gets. `logs`: the folder of the logs · `units`: what is kept of services. One that cannot be started leaves word why, and
# the next ones are started: whoever looks is told.
begin() (
  awake || exit
  [ -d "$units/$service" ] || mkdir -p "$units/$service"
  chmod 700 "$units" "$units/$service"
  [ ! -e "${run%/*}/refused" ] || rm -f "${run%/*}/refused"
  # shellcheck disable=SC2086 # names
  closes "$service" $1
  # shellcheck disable=SC2086
  stop "$service" $1
  [ -z "$port" ] || freed || refuse "port $port is taken by $(known "$(holders "$port" | head -n 1)")"
  rm -f "${run%/*}/state" "${run%/*}/log-lost" "$units/$service/stopped"
  echo "$identity" >"$units/$service/identity" # for a start without us, after a restart of the instance
  # From where on its log is of this start.
  stat -c '%i %s' "$logs/$service.log" >"${run%/*}/log-start" 2>/dev/null
  said=$(start "$service" /bin/sh "$run" 2>&1) || refuse "tmux did not start a session for $service${said:+: $(echo "$said" | head -n 1)}"
)
refuse() { printf '%s\n' "$1" | tee "${run%/*}/refused" >&2; exit 0; }
# closes NAME…: from when on nobody answers in their place, for those that run; what an earlier start says of that stays.
closes() {
  for each; do
    [ -d "$units/$each" ] || mkdir -p "$units/$each"
    case "$line_end$open_sessions$line_end" in *"$line_end$each$line_end"*) ;; *) continue ;; esac
    if [ ! -e "$units/$each/closed" ]; then
      read -r now _ </proc/uptime
      echo "$now" >"$units/$each/closed"
    fi
  done
}
# An orphan: of a service of ours that has no session any more.
orphans() {
  list '#{session_name}'
  [ -z "$untold" ] || return 0
  for pid in $(holders "$port"); do
    owner=$(of "$pid")
    [ -n "$owner" ] || continue
    case "$line_end$listed$line_end" in *"$line_end$owner$line_end"*) ;; *) echo "$pid" ;; esac
  done
}
# Whether nobody listens on the port, once our own orphans have been ended.
freed() {
  n=0
  while [ -n "$(listening "$port")" ]; do
    [ $n -lt 20 ] || return
    # shellcheck disable=SC2046 # a list of numbers
    finish $(orphans)
    n=$((n + 1))
    [ -z "$(listening "$port")" ] || sleep 0.1
  done
}
