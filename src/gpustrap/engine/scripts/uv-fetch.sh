# The instance's own pip fetches uv's wheel to `path`. `requirement`: with its hash · `index`: where, or nothing.
# `fallback`: something, where the laptop sends it if pip cannot; then why it could not is left in `state`. Behind `uv-place`.
d=$(mktemp -d) || exit 1
trap 'rm -rf "$d" "$path.new"' EXIT
trap 'exit 1' HUP INT PIPE TERM
pip=$(command -v pip3 || command -v pip) || pip=pip
# A pip that hangs would be waited for as long as a slow download is.
: >"$d/said"
timeout -k 2 "${patience:=20}" "$pip" --version </dev/null >/dev/null 2>&1
case $? in 124 | 137) pip=false; echo "it gives no answer in $patience s" >"$d/said" ;; esac
# The place that the box's own pip is told of, where no other was decided. Nothing else of its settings counts:
# require-virtualenv, no-index, target and constraints of an image's pip.conf would keep it from this.
[ -n "$index" ] || index=$(timeout 20 "$pip" config get global.index-url 2>/dev/null)
for name in $(env | sed -n 's/^\(PIP_[A-Za-z0-9_]*\)=.*/\1/p'); do unset "$name"; done
export PIP_REQUIRE_VIRTUALENV=0 PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
host=${index#*://} host=${host%%/*} host=${host##*@}
set -- --no-deps --only-binary :all: --require-hashes --timeout 20 --retries 1 --target "$d/uv" -r "$d/requirements"
[ -z "$index" ] || set -- --index-url "$index" "$@"
case $index in http://*) set -- --trusted-host "${host%%:*}" "$@" ;; esac
printf '%s\n' "$requirement" >"$d/requirements"
mkdir -p "$state" "${path%/*}"
rm -f "$state/uv-pip"
if timeout -k 5 180 "$pip" --isolated install -q "$@" </dev/null >>"$d/said" 2>&1 &&
  cp "$d/uv/bin/uv" "$path.new" && chmod 755 "$path.new" && place; then
  exit 0
fi
why=$(sed 's,://[^/@ ]*@,://***@,g' "$d/said" | grep -v -i -e '^warning' -e '^ *$' | tail -n 1)
why="pip on the instance cannot fetch uv: ${why:-it did not end in time}"
[ -n "$fallback" ] || { echo "$why" >&2; exit 1; }
echo "[gpustrap] $why; the laptop sends it"
printf '%s\n' "$why" >"$state/uv-pip"
