# `service`, `identity`, `run`: its session is started; `port`: what it will listen on, or nothing. `ending`: the services
# that are started again after it: they end first, since one may hold the port that another gets. `logs`: their folder.
# One that cannot be started leaves word why, and the next ones are started: whoever looks is told.
refuse() { printf '%s\n' "$1" | tee "${run%/*}/refused" >&2; exit 0; }
# An orphan: of a service of ours that has no session any more.
orphans() {
  for pid in $(holders "$port"); do
    owner=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^GPUSTRAP_SERVICE=//p' | head -n 1)
    [ -n "$owner" ] && ! tm has-session -t "=$owner" 2>/dev/null && echo "$pid"
  done
}
awake
rm -f "${run%/*}/refused"
# shellcheck disable=SC2086 # names
stop "$service" $ending
if [ -n "$port" ]; then
  n=0
  while [ -n "$(listening "$port")" ] && [ $n -lt 20 ]; do
    # shellcheck disable=SC2046 # a list of numbers
    finish $(orphans)
    n=$((n + 1))
    [ -z "$(listening "$port")" ] || sleep 0.1
  done
  [ -z "$(listening "$port")" ] || refuse "port $port is taken by $(known "$(holders "$port" | head -n 1)")"
fi
rm -f "${run%/*}/state"
# From where on its log is of this start.
stat -c '%i %s' "$logs/$service.log" >"${run%/*}/log-start" 2>/dev/null
said=$(start "$service" /bin/sh "$run" 2>&1) || refuse "tmux did not start a session for $service${said:+: $(echo "$said" | head -n 1)}"
