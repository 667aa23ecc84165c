# The folder `dest` at `commit` of `url`, which is there already, with the files that Git LFS keeps. `stash`: what was changed
# there is kept by git: files as a stash, commits by a branch.
cd "$dest" || exit 1
# large URL WORD…: git-lfs, by the mirror that git is told to ask instead of the URL; where that has no such files, by the URL.
large() {
  from=$1
  shift
  mirror=$(g ls-remote --get-url "$from")
  if [ "$mirror" = "$from" ]; then g lfs "$@"; return; fi
  g -c lfs.transfer.maxretries=2 lfs "$@" && return
  echo "[gpustrap] $mirror, which git asks instead of $from, does not have the files of Git LFS: they are fetched from $from"
  g -c "url.$from.insteadOf=$from" lfs "$@"
}
lfs_is_here() { g lfs version >/dev/null 2>&1; }
# Before anything is touched of what stands here.
if g rev-parse -q --verify 'HEAD^{commit}' >/dev/null && wants_large "$commit" && lfs_is_here; then
  large "$url" fetch "$url" "$commit" || {
    echo "the files that Git LFS keeps of $commit cannot be fetched, and all stays as it is: \`cd $dest && git lfs fetch\` there says why" >&2
    exit 1
  }
fi
if [ -n "$stash" ]; then
  kept=gpustrap-$(date -u +%Y-%m-%dT%H%M%SZ)
  g -c user.name=gpustrap -c user.email=gpustrap@localhost stash push -q -m "$kept" || exit 1
  g branch "$kept" HEAD && echo "[gpustrap] what was changed here is in git stash, and the branch $kept"
fi
export GIT_LFS_SKIP_SMUDGE=1
g checkout -q --detach "$commit" -- && g update-ref refs/gpustrap/at "$commit" || exit 1
[ ! -f .gitmodules ] || g submodule update -q --init --recursive || exit 1
unset GIT_LFS_SKIP_SMUDGE
lfs_is_here && folders | while IFS= read -r folder; do
  (
    cd "$folder" && wants_large HEAD || exit 0
    [ "$folder" = . ] || url=$(g config --get remote.origin.url)
    # A hook of the person's own stays, and then ours is not there.
    g lfs install --local >/dev/null 2>&1 || g lfs install --local --skip-repo >/dev/null || exit 1
    large "$url" pull "$url" </dev/null
  )
done
files=$(pointers | few)
[ -z "$files" ] || {
  echo "these files are pointers to what Git LFS keeps, without their content: $files; git-lfs on the instance says why (base.extra: [git-lfs] where there is none): \`cd $dest && git lfs pull\`" >&2
  exit 1
}
