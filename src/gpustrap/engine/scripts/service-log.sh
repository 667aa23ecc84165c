# The last `lines` lines of `log` since the service was last started: a secret of an earlier start is known to nobody any
# more. With `follow` also what comes, until stdin ends. `start`: where the log stood then, "INODE BYTES" · `begin` stands
# before all of it: whatever a login shell prints comes earlier.
size=$(stat -c %s -- "$log" 2>/dev/null) || { echo "no log yet: $log" >&2; exit 1; }
echo "$begin"
{
  read -r file from <"$start"
  here=$(stat -c %i -- "$log") before=$(stat -c %i -- "$log.1" 2>/dev/null)
  {
    if [ "$file" = "$before" ]; then tail -c "+$((from + 1))" -- "$log.1"; fi
    [ "$file" = "$here" ] || from=0
    head -c "$size" -- "$log" | tail -c "+$((from + 1))"
  } | tail -n "$lines"
} 2>/dev/null
[ -n "$follow" ] || exit 0
# By its name: the log is another file once it is full.
tail -c "+$((size + 1))" -F -- "$log" 2>/dev/null &
cat >/dev/null
kill $!
