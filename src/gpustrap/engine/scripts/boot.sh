# After a restart of the instance, its services are started again as they were: each once, whoever asks and however often.
# `folder`: the services' own folders · `logs`: of their logs · `units`: what is kept of them · `state`: our own folder.
trap '' HUP
boot=$(this_boot)
{ read -r done_for <"$state/boot.done"; } 2>/dev/null || done_for=''
[ "$done_for" != "$boot" ] || exit 0
# Where `up` is at work, it starts what is to run; else it waits for us.
exec 9>>"$state/lock" || exit 1
! command -v flock >/dev/null 2>&1 || flock -n 9 || exit 0
printf '%s@%s (%s, process %s)\n' "$(id -un)" "$(uname -n)" "$0" "$$" >"$state/lock.holder"

# One at a time: the lock names the start of the instance and the process that has it, so that one whose process is gone,
# by a kill or by a restart, is nobody's.
trap 'rm -f "$state/boot.$$" "$state/boot.stale.$$"' EXIT
trap 'exit 1' INT PIPE TERM
echo "$boot $$ $(began $$)" >"$state/boot.$$" || exit 1
tries=0
until ln "$state/boot.$$" "$state/boot.lock" 2>/dev/null; do
  tries=$((tries + 1))
  read -r whose pid since <"$state/boot.lock" || whose=''
  if [ "$whose" = "$boot" ] && [ "$(began "$pid")" = "$since" ]; then exit 0; fi
  [ $tries -le 5 ] || exit 1
  mv -f "$state/boot.lock" "$state/boot.stale.$$" 2>/dev/null
  # Somebody else was quicker, and this is his.
  read -r now _ <"$state/boot.stale.$$" && [ "$now" = "$boot" ] && [ "$whose" != "$boot" ] && ln "$state/boot.stale.$$" "$state/boot.lock"
done 2>/dev/null

# wanted NAME: whether it ran before: one that somebody stopped, that ended well, or that is to run once is left.
wanted() {
  [ -s "$units/$1/identity" ] && [ -f "$folder/$1/run" ] && [ ! -e "$units/$1/stopped" ] || return 1
  case $(tail -n 1 "$folder/$1/state" 2>/dev/null) in ended\ *) return 1 ;; esac
  ! sed -n 2p "$folder/$1/run" | grep -q 'restart policy "never"'
}
# One beside another was on its way, and nothing leads to it any more.
rm -rf -- "$folder"/*+next
for run in "$folder"/*/run; do
  name=${run%/run} name=${name##*/}
  if ! wanted "$name" || tm has-session -t "=$name" 2>/dev/null; then continue; fi
  identity=$(cat "$units/$name/identity")
  rm -f "$folder/$name/state" "$folder/$name/log-lost" "$folder/$name/refused" "$units/$name/closed"
  stat -c '%i %s' "$logs/$name.log" >"$folder/$name/log-start" 2>/dev/null
  start "$name" /bin/sh "$run" 9>&-
done
echo "$boot" >"$state/boot.$$" && mv -f "$state/boot.$$" "$state/boot.done"
rm -f "$state/boot.lock"
