# What stands behind them: the size of each of the `files`, the exit statuses of all `numbers`, then the files.
# Few processes, since each costs a millisecond or more. What a command left in the background may still
# write: then the sizes are not right any more, the reader sees it, and each command is run on its own.
cd "$d" || exit 1
# An answer that found no room is cut and says so nowhere.
{ printf '%8192s' x >room; } 2>/dev/null || { echo "no room for the answers in $d" >&2; exit 1; }
# shellcheck disable=SC2086 # lists of words
sizes=$(LC_ALL=C wc -c $files) # its last line is `total` in no other language
statuses=
for i in $numbers; do
  read -r rc <"$i.rc" || rc=124 # ended before it answered
  statuses="$statuses$rc
"
done
# In one piece: each line that is written on its own may be a packet of its own, which costs both sides time.
printf '%s\n%s' "$sizes" "$statuses"
# shellcheck disable=SC2086
cat $files
