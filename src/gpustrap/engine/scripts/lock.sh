# shellcheck shell=sh
# Takes the instance's lock for whoever asks, and leaves a process that holds it for as long as the asker's ssh
# connection lives, and what it had begun: the lock of one who dies is free then, and no second session is needed to hold it.
# Behind server.sh. Prints `waiting WHO` before it waits. Exit 75: it was still held after so many seconds.
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

server_of $$ || exit 0
command -v setsid >/dev/null && own=setsid || own=
# GNU's `tail` looks by itself whether the server lives. Where there is another, a program is started for each look.
# What the dead run has begun may be under way still, as the end of an `apt-get`: the next one does not work beside it, but
# waits no longer than five minutes for something that hangs. The brackets: this process holds the word itself.
# shellcheck disable=SC2016,SC2086 # $1 is the inner shell's; no word where there is no setsid
$own sh -c '
  under_way() {
    for at in $(grep -lzs "[:] gpustrap; " /proc/[0-9]*/cmdline); do
      if grep -qzsxF "SSH_CONNECTION=$2" "${at%cmdline}environ"; then return; fi
    done
    return 1
  }
  tail -f -s 0.2 --pid="$1" /dev/null
  while kill -0 "$1"; do sleep 0.2; done
  n=0
  while [ "$2" ] && [ $n -lt 1500 ] && under_way "$@"; do n=$((n + 1)); sleep 0.2; done
' sh "$server" "${SSH_CONNECTION-}" </dev/null >/dev/null 2>&1 &
