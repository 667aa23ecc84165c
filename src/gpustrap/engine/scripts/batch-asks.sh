# shellcheck shell=sh
# `sh -c TEXT sh FOLDER NUMBER…`: asks these questions at the same time, each by a shell of its own. Question 3 is the variable
# gpustrap_q3 of the environment, all names of such stand in gpustrap_all. FOLDER gets 3.out, 3.err and 3.rc, which stays empty
# where the question was not answered.
folder=$1
shift
# When their time is over, `timeout` sends all of them a signal; who does not heed it is killed after two seconds, as long as
# somebody still waits.
ask() {
  : >"$folder/$1.rc"
  eval "question=\$gpustrap_q$1"
  # shellcheck disable=SC2086 # a list of words: the questions are asked in the environment as it was
  unset $gpustrap_all gpustrap_all
  late=''
  trap 'late=yes' TERM
  sh -c "$question" >"$folder/$1.out" 2>"$folder/$1.err" </dev/null
  set -- "$1" $?
  [ "$late" ] || echo "$2" >"$folder/$1.rc"
}
trap : TERM
for number; do ask "$number" & done
until wait; do :; done
