# The repository of the folder `dest`, with `commit` of `url`, which is fetched by the name `ref`, or by its own.
command -v git >/dev/null || { echo "there is no git: put the role base before project" >&2; exit 1; }
mkdir -p -- "$dest" && cd "$dest" || exit 1
if [ ! -e .git ]; then g init -q && g remote add origin "$url" || exit 1; fi
for path in .venv .conda-env .gpustrap; do grep -qxF "/$path" .git/info/exclude 2>/dev/null || { mkdir -p .git/info && echo "/$path" >>.git/info/exclude; }; done
there() { g cat-file -e "$commit^{commit}" 2>/dev/null; }
there || { [ -n "$ref" ] && g fetch -q --force -- "$url" "$ref:refs/gpustrap/wanted"; }
there || g fetch -q -- "$url" "$commit"
there || g fetch -q --force -- "$url" '+refs/heads/*:refs/gpustrap/heads/*' '+refs/tags/*:refs/gpustrap/tags/*'
there || { echo "$url has no commit $commit" >&2; exit 1; }
