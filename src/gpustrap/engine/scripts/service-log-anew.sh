# `service` goes on, and its log in `logs` is begun anew: what it says goes to a file that is not in its place any more.
# shellcheck disable=SC2046 # lists of numbers
awake || exit
log=$logs/$service.log
[ -d "$logs" ] || { (umask 022; mkdir -p "$logs") && chmod 750 "$logs"; } || exit
# writer: who writes the log, by `run`: not a program of the service that is called so.
writer() {
  for pid in $(members "$service" $(panes tm "$service")); do
    { read -r comm <"/proc/$pid/comm"; } 2>/dev/null && [ "$comm" = dd ] && [ -f "/proc/$pid/fd/1" ] || continue
    grep -qzs '^GPUSTRAP_RUN=' "/proc/$pid/environ" || { echo "$pid"; return; }
  done
}
# One that has written nothing would take its end for that of the service: it gets a line first, and so does the new log.
# shellcheck disable=SC2016 # for the inner shell
tells() { $limit sh -c 'echo "[gpustrap] the log is begun anew: its file was taken away" >"/proc/$1/fd/0"' sh "$1" 2>/dev/null; }
has_written() { while read -r key value; do [ "$key" != pos: ] || [ "$value" = 0 ] || return 0; done <"/proc/$1/fdinfo/1"; return 1; } 2>/dev/null
n=0
until [ -s "$log" ] && writes "$log" $(writer); do
  [ $n -lt 50 ] || { echo "the log of $service does not come back: \`gpustrap svc restart $service\` begins it anew" >&2; exit 1; }
  n=$((n + 1))
  pid=$(writer)
  if [ -n "$pid" ]; then
    tells "$pid"
    if ! writes "$log" "$pid" && has_written "$pid"; then kill -INT "$pid"; fi
  fi
  sleep 0.1
done
