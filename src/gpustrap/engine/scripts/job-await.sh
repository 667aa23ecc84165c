# Start the job `job` of the folder `d`, or join the one at work, and end as it does. `mode`: start or join.
# `most`: a longer log becomes log.1 when the job is started again. `runner`: what runs its script, job-run.sh.
running() { tm has-session -t "=$job" 2>/dev/null; }
cd "$d" || exit 1
umask 027
# What is lent to this shell is lent to the job too: by a file, since arguments can be read by everybody.
lend() {
  rm -f way
  [ -z "$GPUSTRAP_LENT" ] || (umask 077; { echo "lent=$GPUSTRAP_LENT"; export -p | grep -iE '^export (http|https|all|no)_proxy='; } >way)
}
begin() {
  if running; then echo "[gpustrap] ends $job, which was started for other settings"; fi
  stop "$job"
  rm -f status
  printf '%s\n' "$identity" >identity
  [ -f log ] && [ "$(wc -c <log)" -gt "$most" ] && mv -f log log.1
  echo "[gpustrap] started $job, $(date -u +%Y-%m-%dT%H:%M:%SZ)" >>log
  lend
  start "$job" /bin/sh -c "$runner" sh "$d" || { rm -f way; exit 1; }
}
show() {
  size=$(wc -c <log)
  [ "$size" -gt "$shown" ] || return 0
  tail -c +$((shown + 1)) log | head -c $((size - shown))
  shown=$size
}
follow() {
  first=$(grep -ab '^\[gpustrap\] started ' log | tail -n 1 | cut -d: -f1)
  shown=${first:-0}
  while [ ! -e status ] && running; do
    show
    # A session stays for what it printed; the job in it is over when its first process is.
    case $(tm list-panes -s -t "=$job:" -F '#{pane_dead}' 2>/dev/null) in *1*) break ;; esac
    sleep 0.5
  done
  [ -e status ] || sleep 0.5
  show
  tm kill-session -t "=$job" 2>/dev/null
}
[ "$mode" = join ] || begin
follow
# One that was begun by a laptop which has gone since goes on by this one.
case $mode:$GPUSTRAP_LENT:$(cat status 2>/dev/null) in join:?*:75) begin; follow ;; esac
rm -f way
[ -e status ] || { echo "$job was ended before it was done" >&2; exit 1; }
status=$(cat status)
[ "$status" = 0 ] || tail -c +$((first + 1)) log | tail -n 20 >&2
exit "$status"
