# uv for the environment of the interpreter `python`, as the `file` of the folder `project` asks for it, empty for the
# first that it has. `uv`: its path; `version`: of Python, empty for any;
# `pins`: what of torch is to stay, as `how` says (constraints, overrides); `pypi`, `pythons`, `cache`: empty for uv's own.
# The role network's proxy counts here. What else is set for uv, pip and Python on this instance does not.
for profile in /etc/profile.d/*gpustrap-network.sh; do
  # shellcheck source=/dev/null
  if [ -r "$profile" ]; then . "$profile"; fi
done
index=${pypi:-${UV_DEFAULT_INDEX:-${UV_INDEX_URL-}}}
for name in $(env | sed -n -e 's/^\(UV_[A-Za-z0-9_]*\)=.*/\1/p' -e 's/^\(PIP_[A-Za-z0-9_]*\)=.*/\1/p'); do unset "$name"; done
unset VIRTUAL_ENV CONDA_PREFIX
export NO_COLOR=1 UV_NO_PROGRESS=1 UV_HTTP_RETRIES=5
# What a project says of uv in its own pyproject.toml counts.
export XDG_CONFIG_HOME=/nonexistent XDG_CONFIG_DIRS=/nonexistent
[ -z "$cache" ] || export UV_CACHE_DIR="$cache"
[ -z "$pythons" ] || export UV_PYTHON_INSTALL_MIRROR="$pythons"
# An image without a usable /tmp, or with a TMPDIR that leads nowhere, has another place to write.
for tmp in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm "$HOME"; do
  t=$(mktemp -d "$tmp/gpustrap.XXXXXX" 2>/dev/null) && break
done
[ -n "$t" ] || { echo "no folder of this instance can be written" >&2; exit 1; }
export TMPDIR="$t"
trap 'rm -rf "$t"' EXIT
trap 'exit 1' HUP INT PIPE TERM

for one in uv.lock pyproject.toml requirements.txt; do
  if [ -z "$file" ] && [ -f "$project/$one" ]; then file=$one; fi
done

# right_python: whether there is one that runs, of the version.
right_python() {
  case $("$python" -I -c 'import platform; print(platform.python_version())' 2>/dev/null). in
    .) return 1 ;;
    "${version:+$version.}"*) ;;
    *) return 1 ;;
  esac
}
# same_torch: a lock that wants another torch than the one that is to stay is named; what else it wants goes around it.
same_torch() {
  if [ -z "$pins" ] || [ "$how" = overrides ]; then return 0; fi
  for pin in $pins; do
    wanted=$(sed -n "s/^\(${pin%%==*}==[^ ;]*\).*/\1/p" <"$t/all" | head -n 1)
    [ -z "$wanted" ] || [ "${wanted%%+*}" = "${pin%%+*}" ] || { echo "uv.lock asks for $wanted, and role torch has chosen $pin" >&2; return 1; }
  done
}
# listed: sets `list`, a file that uv installs from.
listed() {
  cd "$project" || return 1
  list=$file
  case $file in
    uv.lock)
      list=$t/list
      set --
      "$uv" export --frozen --quiet --no-hashes >"$t/all" && same_torch || return 1
      # What torch needs is the chosen build's.
      [ -z "$pins" ] || set -- --no-hashes --prune torch --prune torchvision --prune torchaudio
      "$uv" export --frozen --quiet "$@" >"$t/lock" && sed "s#^-e \.#-e $project#" <"$t/lock" >"$list"
      ;;
    pyproject.toml)
      grep -q '^\[build-system\]' pyproject.toml || return 0
      list=$t/list
      echo "-e $project" >"$list"
      ;;
  esac
}
# installed ARGUMENT…: has what is listed installed.
installed() {
  [ -z "$index" ] || set -- --default-index "$index" "$@"
  if [ -n "$pins" ]; then
    # shellcheck disable=SC2086 # a list of words
    printf '%s\n' $pins >"$t/pins"
    set -- "--$how" "$t/pins" --break-system-packages "$@"
  fi
  "$uv" pip install --python "$python" "$@" -r "$list"
}
