# Which of our own folders there are, "own PATH". `state`, `logs`: two of them. What a revert left of others' originals stays.
own() { [ ! -e "$1" ] && [ ! -L "$1" ] || echo "own $1"; }
for entry in "$state"/* "$state"/.[!.]*; do
  [ "$entry" = "$state/left" ] || own "$entry"
done | sed -n "1s,.*,own $state,p"
own "$logs"
case $runs in "$state"/*) ;; *) own "$runs" ;; esac
[ ! -L "$old" ] || echo "own $old"
