# git-lfs, for the files of `commit` in the folder `dest` that Git LFS keeps: by apt, where it is not there.
cd "$dest" || exit 1
wants_large "$commit" && ! g lfs version >/dev/null 2>&1 || exit 0
files=$(g grep -l -e '^version https://git-lfs.github.com/spec/v1$' "$commit" | sed "s/^$commit://" | few)
[ -n "$files" ] || exit 0
if command -v apt-get >/dev/null; then
  echo "[gpustrap] Git LFS keeps files of this repository, and git-lfs is not here: apt is asked for it"
  (install git-lfs)
fi
g lfs version >/dev/null 2>&1 || {
  echo "git-lfs is not here and cannot be had by apt: without it these files are pointers to their content: $files; install git-lfs on the instance, or take a mirror of apt that has it, then run this again" >&2
  exit 1
}
