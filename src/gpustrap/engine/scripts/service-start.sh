# `service`, `identity`, `run`: its session is started; `port`: what it will listen on, or nothing.
holders() { ss -Hltnp "sport = :$port" 2>/dev/null; }
pids() { holders | grep -o 'pid=[0-9]*' | cut -d = -f 2 | sort -un; }
# An orphan: of a service of ours that has no session any more.
orphans() {
  for pid in $(pids); do
    owner=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^GPUSTRAP_SERVICE=//p')
    [ -n "$owner" ] && ! tm has-session -t "=$owner" 2>/dev/null && echo "$pid"
  done
}
stop "$service"
if [ -n "$port" ]; then
  n=0
  while [ -n "$(holders)" ] && [ $n -lt 20 ]; do
    # shellcheck disable=SC2046 # a list of numbers
    finish $(orphans)
    n=$((n + 1))
    [ -z "$(holders)" ] || sleep 0.1
  done
  if [ -n "$(holders)" ]; then
    name=$(holders | sed 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (PID \2)/' | head -n 1)
    case $name in *'(PID '*) ;; *) name='a process that cannot be seen from here' ;; esac
    echo "port $port is taken by $name" >&2
    exit 1
  fi
fi
rm -f "${run%/*}/state"
start "$service" /bin/sh "$run" || { echo "tmux did not start a session for $service" >&2; exit 1; }
