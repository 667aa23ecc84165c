# What stands in the folder `dest`: its commit, what was changed in it, the commits that are nowhere else, and the files
# without their content.
if [ ! -e "$dest" ] && [ ! -L "$dest" ]; then place=absent
elif [ ! -d "$dest" ]; then place=blocked
elif [ -e "$dest/.git" ]; then place=checkout
elif [ -z "$(ls -A -- "$dest")" ]; then place=empty
else place=there; fi
if [ $place = checkout ]; then
  command -v git >/dev/null || { echo "there is no git" >&2; exit 1; }
  cd "$dest" || exit 1
  head=$(g rev-parse -q --verify 'HEAD^{commit}') && echo "head $head"
  g status --porcelain --untracked-files=no --ignore-submodules=none | head -n 1000 | sed 's/^/changed /'
  if [ -n "$head" ]; then
    g log --max-count=20 --format='commit %h %s' HEAD --not --remotes --tags --glob='refs/gpustrap/*'
    g submodule status --recursive | sed -n 's/^[-+U]/module /p'
    pointers | head -n 1000 | sed 's/^/pointer /'
  fi
fi
echo "place $place"
