# The last `lines` lines of `log`, and of the one before it where they are in there; with `follow` of `log` alone, and
# what comes, until stdin ends. `begin` stands before all of it: whatever a login shell prints comes earlier.
as=
[ -r "$log" ] || [ "$(id -u)" = 0 ] || as='sudo -n'
$as test -f "$log" || { echo "no log yet: $log" >&2; exit 1; }
echo "$begin"
if [ -n "$follow" ]; then
  # By its name: the log is another file once it is full.
  $as tail -n "$lines" -F -- "$log" 2>/dev/null &
  cat >/dev/null
  kill $!
else
  # shellcheck disable=SC2016 # of the shell that is called
  $as sh -c 'cat -- "$1.1" "$1" 2>/dev/null | tail -n "$2"' sh "$log" "$lines"
fi
