# shellcheck shell=sh
# Takes the instance's lock for whoever asks, and leaves a process that holds it for as long as the asker's ssh
# connection lives: the lock of one who dies is free at once, and no second session is needed to hold it.
# Prints `waiting WHO` before it waits. Exit 75: it was still held after so many seconds.
# shellcheck disable=SC2154 # the parameters: folder holder owner seconds
umask 077
[ -d "$folder" ] || mkdir -p "$folder" || exit 1
# Whose we are, as `id -u` says it, without one more process.
while read -r word _ uid _ && [ "$word" != Uid: ]; do :; done </proc/self/status
# What is kept there is other people's: nobody else may put something in its place.
case $(stat -c '%u %a' "$folder") in
  "$uid 700") ;;
  "$uid "*) chmod 700 "$folder" ;;
  *) chown "$(id -u):$(id -g)" "$folder" && chmod 700 "$folder" ;;
esac || exit 1
for file in lock lock.holder owner; do
  [ ! -e "$folder/$file" ] || [ -f "$folder/$file" ] || { echo "$folder/$file is no file: remove it there" >&2; exit 1; }
done
if command -v flock >/dev/null; then
  # Whoever was waited for may have taken the folder away with the lock (`revert`): then another file is the lock.
  while :; do
    exec 9>>"$folder/lock"
    if ! flock -n 9; then
      echo "waiting $(head -c 300 "$folder/lock.holder" 2>/dev/null)"
      flock -w "$seconds" 9 || exit 75
    fi
    # shellcheck disable=SC3013 # dash, bash and busybox have it
    if [ ! -e /proc/self/fd/9 ] || [ /proc/self/fd/9 -ef "$folder/lock" ]; then break; fi
    mkdir -p "$folder"
  done
fi
printf '%s\n' "$holder" >"$folder/lock.holder"
{ read -r was <"$folder/owner"; } 2>/dev/null && [ "$was" = "$owner" ] ||
  { printf '%s\n' "$owner" >"$folder/owner.new" && mv -f "$folder/owner.new" "$folder/owner"; }
command -v flock >/dev/null || exit 0

# The first ancestor that is neither a shell nor a wrapper serves the ssh connection. By `read`: a program for each would
# cost a millisecond. "PID (NAME) STATE PARENT …": the name may hold anything.
stat_of() { { read -r stat <"/proc/$1/stat"; } 2>/dev/null; }
server=$$
stat_of "$server" || exit 0
while [ "$server" -gt 1 ]; do
  stat=${stat##*) ? }
  server=${stat%% *}
  stat_of "$server" || break
  name=${stat#*(}
  case ${name%)*} in sh | bash | dash | zsh | fish | ksh | sudo | env | timeout) ;; *) break ;; esac
done
command -v setsid >/dev/null && own=setsid || own=
# GNU's `tail` looks by itself whether the server lives. Where there is another, a program is started for each look.
# shellcheck disable=SC2016,SC2086 # $1 is the inner shell's; no word where there is no setsid
$own sh -c 'tail -f -s 0.2 --pid="$1" /dev/null; while kill -0 "$1" 2>/dev/null; do sleep 0.2; done' sh "$server" \
  </dev/null >/dev/null 2>&1 &
