# shellcheck shell=sh
# `sh -c TEXT sh FOLDER NUMBER…`: asks these questions at the same time, each by a shell of its own. Question 3 is the variable
# gpustrap_q3 of the environment, all names of such stand in gpustrap_all. FOLDER gets 3.out, 3.err and 3.rc, which stays empty
# where the question was not answered in time. gpustrap_timed is set where `timeout` works.
folder=$1
shift
ask() {
  eval "question=\$gpustrap_q$1"
  # shellcheck disable=SC2086 # a list of words: the questions are asked in the environment as it was
  unset $gpustrap_all gpustrap_all
  case $question in *gpustrap_timed*) ;; *) unset gpustrap_timed ;; esac
  exec >"$folder/$1.out" 2>"$folder/$1.err" </dev/null
  # In this subshell, which is no process more; but whoever names files by the number of its shell gets one.
  case $question in *'$$'*) exec sh -c "$question" ;; esac
  set -- "$question"
  unset folder asked late number question
  unset -f ask
  eval "set --
$1"
}
# When their time is over, `timeout` sends all of them a signal; who does not heed it is killed after two seconds, as long as
# this shell still waits.
late=''
trap 'late=yes' TERM
asked=''
for number; do
  : >"$folder/$number.rc"
  ask "$number" &
  asked="$asked $number:$!"
done
for each in $asked; do
  while :; do
    wait "${each#*:}"
    code=$?
    # The signal has ended the wait too.
    if [ -z "$late" ] || ! kill -0 "${each#*:}" 2>/dev/null; then break; fi
  done
  if [ -z "$late" ] || [ "$code" -le 128 ]; then echo "$code" >"$folder/${each%:*}.rc"; fi
done
