# The folder `dest` at `commit` of `url`, where it is fetched by the name `ref`, or by its own. `stash`: what was changed
# there is kept by git: files as a stash, commits by a branch.
command -v git >/dev/null || { echo "there is no git: put the role base before project" >&2; exit 1; }
mkdir -p -- "$dest" && cd "$dest" || exit 1
if [ ! -e .git ]; then g init -q && g remote add origin "$url" || exit 1; fi
for path in .venv .gpustrap; do grep -qxF "/$path" .git/info/exclude 2>/dev/null || { mkdir -p .git/info && echo "/$path" >>.git/info/exclude; }; done
there() { g cat-file -e "$commit^{commit}" 2>/dev/null; }
there || { [ -n "$ref" ] && g fetch -q --force -- "$url" "$ref:refs/gpustrap/wanted"; }
there || g fetch -q -- "$url" "$commit"
there || g fetch -q --force -- "$url" '+refs/heads/*:refs/gpustrap/heads/*' '+refs/tags/*:refs/gpustrap/tags/*'
there || { echo "$url has no commit $commit" >&2; exit 1; }
if g grep -q 'filter=lfs' "$commit" -- .gitattributes '*/.gitattributes'; then
  g lfs install --local >/dev/null 2>&1 || { echo "the repository needs git-lfs, which is not here: base.extra: [git-lfs]" >&2; exit 1; }
fi
if [ -n "$stash" ]; then
  kept=gpustrap-$(date -u +%Y-%m-%dT%H%M%SZ)
  g -c user.name=gpustrap -c user.email=gpustrap@localhost stash push -q -m "$kept" || exit 1
  g branch "$kept" HEAD && echo "[gpustrap] what was changed here is in git stash, and the branch $kept"
fi
g checkout -q --detach "$commit" -- && g update-ref refs/gpustrap/at "$commit" || exit 1
[ ! -f .gitmodules ] || g submodule update -q --init --recursive
