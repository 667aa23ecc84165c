# Our own folders go: `state`, `logs`, and those of tmux. An original whose place others have changed is set aside.
if [ -n "$(find "$state/kept/original" -type f 2>/dev/null | head -n 1)" ]; then
  mkdir -p "$state/left" && cp -a "$state/kept/original/." "$state/left/" || exit 1
fi
for entry in "${state:?}"/* "$state"/.[!.]*; do
  [ "$entry" = "$state/left" ] || rm -rf -- "$entry"
done
rmdir -- "$state" 2>/dev/null
rm -rf -- "${logs:?}"
for socket in services jobs; do tm kill-server 2>/dev/null; done
rm -rf -- "${runs:?}"
[ ! -L "$old" ] || rm -f -- "$old"
rmdir -- "${old%/*}" 2>/dev/null
:
