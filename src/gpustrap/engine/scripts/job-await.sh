# Start the job `job` of the folder `d`, or join the one at work, and end as it does. `mode`: start or join.
# `most`: a longer log becomes log.1 when the job is started again.
running() { tm has-session -t "=$job" 2>/dev/null; }
cd "$d" || exit 1
umask 027
if [ "$mode" = start ]; then
  if running; then echo "[gpustrap] ends $job, which was started for other settings"; fi
  stop "$job"
  rm -f status
  printf '%s\n' "$identity" >identity
  [ -f log ] && [ "$(wc -c <log)" -gt "$most" ] && mv -f log log.1
  echo "[gpustrap] started $job, $(date -u +%Y-%m-%dT%H:%M:%SZ)" >>log
  # shellcheck disable=SC2016 # its own variables
  start "$job" /bin/sh -c 'cd "$1" && umask 027 && { sh ./run >>log 2>&1 </dev/null; echo $? >status.new; mv -f status.new status; }' sh "$d" || exit 1
fi
first=$(grep -ab '^\[gpustrap\] started ' log | tail -n 1 | cut -d: -f1)
shown=${first:-0}
show() {
  size=$(wc -c <log)
  [ "$size" -gt "$shown" ] || return 0
  tail -c +$((shown + 1)) log | head -c $((size - shown))
  shown=$size
}
while [ ! -e status ] && running; do
  show
  # A session stays for what it printed; the job in it is over when its first process is.
  case $(tm list-panes -s -t "=$job" -F '#{pane_dead}' 2>/dev/null) in *1*) break ;; esac
  sleep 0.5
done
[ -e status ] || sleep 0.5
show
tm kill-session -t "=$job" 2>/dev/null
[ -e status ] || { echo "$job was ended before it was done" >&2; exit 1; }
status=$(cat status)
[ "$status" = 0 ] || tail -c +$((first + 1)) log | tail -n 20 >&2
exit "$status"
