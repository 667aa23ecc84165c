# shellcheck shell=sh
# Runs the script `run` of the folder $1 in a job's session, logs beside it, and leaves its exit status there.
# `way`, where it stands: the laptop's network as it is lent, and `lent`, its port. It is read once and gone. When the
# port closes, what runs is ended, with status 75: no client waits for a proxy that does not come back.
cd "$1" && umask 027 || exit
log() { "$@" >>log 2>&1 </dev/null; }
ended() { echo "$1" >status.new; mv -f status.new status; exit; }
lent=''
# shellcheck source=/dev/null
if [ -f way ]; then . ./way; rm -f way; fi
if [ -z "$lent" ]; then
  log sh ./run
  ended $?
fi
listens() { awk -v port="$(printf ':%04X' "$lent")" 'substr($2, length($2) - 4) == port && $4 == "0A" { found = 1 } END { exit !found }' /proc/net/tcp; }
set -m # a group of its own, which can be ended whole
log sh ./run &
run=$!
set +m
{ while listens; do sleep 1; done; kill -TERM "-$run"; sleep 5; kill -KILL "-$run"; } >/dev/null 2>&1 &
watch=$!
wait "$run"
status=$?
# A client that fails since its connections are cut may be quicker than the port.
if [ "$status" != 0 ] && { sleep 0.5; ! listens; }; then
  echo "[gpustrap] ended: the laptop's network, by which it downloads, is gone; \`gpustrap up\` lends it again and goes on" >>log
  status=75
fi
kill "$watch" 2>/dev/null
ended "$status"
