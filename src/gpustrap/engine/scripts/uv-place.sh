# In front of `uv-fetch` and `uv-unpack`: place puts the binary at `$path.new` in the place of what stands at `path`. `state`:
# gpustrap's own folder · `role`: whose it is. What stood there before us, a link as that, is kept as the original of a file of
# ours is, and comes back with those; where nothing did, it is written down that uv stays when all else is taken back.
there() { [ -e "$1" ] || [ -L "$1" ]; }
place() { (umask 077 && keep) && mv -f -- "$path.new" "$path"; }
keep() {
  kept=$state/kept
  if ! there "$kept/original$path"; then
    if ! there "$path" || grep -qsxF "file $path" "$state"/stays/*; then
      mkdir -p "$state/stays" && echo "file $path" >>"$state/stays/${role:-none}"
      return
    fi
    mkdir -p "$kept/original${path%/*}" "$kept/wrote${path%/*}" && cp -pP -- "$path" "$kept/original$path.new" &&
      mv -f -- "$kept/original$path.new" "$kept/original$path" || return
  fi
  # Whose it is and what it holds, the one before it too: of a run that is killed now, either is ours.
  sum=$(sha256sum <"$path.new") && was=$(tail -n 1 "$kept/wrote$path" 2>/dev/null)
  printf '%s\n' ${was:+"$was"} "${sum%% *} $role" >"$kept/wrote$path.new" && mv -f -- "$kept/wrote$path.new" "$kept/wrote$path"
}
