# The last `lines` lines of `log` since the service was last started: a secret of an earlier start is known to nobody any
# more. With `follow` also what comes, until stdin ends. `start`: where the log stood then, "INODE BYTES" · `begin` stands
# before all of it: whatever a login shell prints comes earlier.
as=
[ -r "$log" ] || [ "$(id -u)" = 0 ] || as='sudo -n'
size=$($as stat -c %s -- "$log" 2>/dev/null) || { echo "no log yet: $log" >&2; exit 1; }
echo "$begin"
# shellcheck disable=SC2016 # of the shell that is called
$as sh -c '
  read -r file from <"$2"
  here=$(stat -c %i -- "$1") before=$(stat -c %i -- "$1.1" 2>/dev/null)
  {
    if [ "$file" = "$before" ]; then tail -c "+$((from + 1))" -- "$1.1"; fi
    [ "$file" = "$here" ] || from=0
    head -c "$4" -- "$1" | tail -c "+$((from + 1))"
  } | tail -n "$3"
' sh "$log" "$start" "$lines" "$size" 2>/dev/null
[ -n "$follow" ] || exit 0
# By its name: the log is another file once it is full.
$as tail -c "+$((size + 1))" -F -- "$log" 2>/dev/null &
cat >/dev/null
kill $!
