# In front of `files-look`, where it is asked what others have changed.
edits=yes
# edited PATH BLOCK: whether it, or the block, is not as we left it. What we have no record of is as it is.
edited() {
  if [ "$2" ]; then
    [ -f "$state/blocks$1.$2" ] && [ "$sum" != - ] || return 1
    summed "$state/blocks$1.$2"
    [ "$sum" != "$found" ]
  elif [ "$kind" = absent ]; then
    { [ -f "$kept/wrote$1" ] || [ -f "$kept/keys$1" ]; } && [ -e "$kept/original$1" ]
  else
    [ -f "$kept/wrote$1" ] || return 1
    while read -r left _; do [ "$left" != "$sum" ] || return 1; done <"$kept/wrote$1"
    # As before us: a run was killed between putting it back and forgetting it.
    if [ -f "$kept/original$1" ]; then summed "$kept/original$1"; left=$found; fi
    [ "$sum" != "$left" ]
  fi
}
