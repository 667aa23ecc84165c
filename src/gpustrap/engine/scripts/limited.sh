# shellcheck shell=sh
# in_time SECONDS COMMAND...: ended after so many seconds, with 124 or 137, by SIGKILL where it heeds no other signal.
# Where the box's own `timeout` is missing or another program, a watcher ends it. That it works is known where it runs this
# (gpustrap_timed, of `batch-head`), else it is tried.
if [ "${gpustrap_timed-}" ] || timeout -k 1 5 true 2>/dev/null; then
  in_time() { timeout -k 1 "$@"; }
else
  in_time() {
    in_seconds=$1
    shift
    "$@" &
    in_asked=$!
    (sleep "$in_seconds"; kill -9 "$in_asked") >/dev/null 2>&1 &
    in_watch=$!
    wait "$in_asked"
    in_code=$?
    kill "$in_watch" 2>/dev/null
    return "$in_code"
  }
fi
