# shellcheck shell=sh
# Takes the instance's lock for whoever asks, and leaves a process that holds it for as long as the asker's ssh
# connection lives: the lock of one who dies is free at once, and no second session is needed to hold it.
# Prints `waiting WHO` before it waits. Exit 75: it was still held after so many seconds.
# shellcheck disable=SC2154 # the parameters: folder holder owner seconds
umask 077
mkdir -p "$folder" || exit 1
# What is kept there is other people's: nobody else may put something in its place.
[ "$(stat -c %u "$folder")" = "$(id -u)" ] || chown "$(id -u):$(id -g)" "$folder" || exit 1
chmod 700 "$folder" || exit 1
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
    held=$(stat -Lc %i /proc/self/fd/9 2>/dev/null)
    [ -n "$held" ] && [ "$held" != "$(stat -c %i "$folder/lock" 2>/dev/null)" ] || break
    mkdir -p "$folder"
  done
fi
printf '%s\n' "$holder" >"$folder/lock.holder"
printf '%s\n' "$owner" >"$folder/owner.new" && mv -f "$folder/owner.new" "$folder/owner"
command -v flock >/dev/null || exit 0

# The first ancestor that is neither a shell nor a wrapper serves the ssh connection.
of() { sed 's/.*) . //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f1; }
server=$$
while [ "$server" -gt 1 ]; do
  server=$(of "$server")
  [ -n "$server" ] || exit 0
  case $(cat "/proc/$server/comm" 2>/dev/null) in
    sh | bash | dash | zsh | fish | ksh | sudo | env | timeout) ;;
    *) break ;;
  esac
done
command -v setsid >/dev/null && own=setsid || own=
# shellcheck disable=SC2016,SC2086 # $1 is the inner shell's; no word where there is no setsid
$own sh -c 'while kill -0 "$1" 2>/dev/null; do sleep 0.2; done' sh "$server" </dev/null >/dev/null 2>&1 &
