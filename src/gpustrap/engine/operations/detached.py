"""Long steps, detached: a dropped connection does not stop them, and the next run joins the one at work.

A job is a script in a tmux session on a socket of its own. Its log and exit status lie beside the script.
The waiting is done on the instance, and what the job logs is printed as it comes.
"""

from __future__ import annotations

from pyinfra.api import QuoteString, StringCommand

from gpustrap.engine.facts.detached import SOCKET, Job, JobState

LOG_BYTES = 1_000_000  # a longer log becomes log.1 when the job is started again

# $1: session · $2: directory · $3: identity · $4: "join" waits for what was started, "start" starts it
_AWAIT = f"""
name=$1 d=$2 identity=$3 mode=$4
jobs() {{ tmux -L {SOCKET} "$@"; }}
running() {{ jobs has-session -t "=$name" 2>/dev/null; }}
cd "$d" || exit 1
if [ $mode = start ]; then
  if running; then
    echo "[gpustrap] ends $name, which was started for other settings"
    jobs kill-session -t "=$name"
  fi
  rm -f status
  printf '%s\\n' "$identity" >identity
  [ -f log ] && [ "$(wc -c <log)" -gt {LOG_BYTES} ] && mv -f log log.1
  echo "[gpustrap] started $name, $(date -u +%Y-%m-%dT%H:%M:%SZ)" >>log
  jobs new-session -d -s "$name" -c "$d" 'sh ./run >>log 2>&1; echo $? >status.new; mv -f status.new status' || exit 1
fi
first=$(grep -b '^\\[gpustrap\\] started ' log | tail -n 1 | cut -d: -f1)
shown=${{first:-0}}
show() {{
  size=$(wc -c <log)
  [ "$size" -gt "$shown" ] || return 0
  tail -c +$((shown + 1)) log | head -c $((size - shown))
  shown=$size
}}
while [ ! -e status ] && running; do show; sleep 0.5; done
show
[ -e status ] || {{ echo "$name was ended before it was done" >&2; exit 1; }}
status=$(cat status)
[ "$status" = 0 ] || tail -c +$((first + 1)) log | tail -n 20 >&2
exit "$status"
"""


def awaited(job: Job, identity: str, state: JobState) -> StringCommand:
    """A command that starts the job, or joins it where it is at work for the same, and ends as it does.

    + job: whose script stands in its directory
    + identity: says what the script is for; a job at work for something else is ended first
    + state: what the fact `DetachedJob` told of it
    """
    mode = "join" if state.runs(identity) else "start"
    words = (job.name, job.directory, identity, mode)
    return StringCommand("sh -c", QuoteString(_AWAIT), "sh", *map(QuoteString, words))
