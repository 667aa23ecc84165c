# What stands before many commands that are asked at the same time. `limit`: how many seconds each has.
# An image without a usable /tmp, or with a TMPDIR that leads nowhere, has another place to write.
for t in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm /run "$HOME"; do
  d=$(mktemp -d "$t/gpustrap.XXXXXX" 2>/dev/null) || continue
  # One that is full takes a folder and no answer.
  { printf '%65536s' x >"$d/room"; } 2>/dev/null && : >"$d/room" && break
  rm -rf "$d"
  d=
done
[ -n "$d" ] || { echo "no folder of this instance can be written" >&2; exit 1; }
trap 'rm -rf "$d"' EXIT
trap 'exit 1' HUP INT TERM
limit() { if command -v timeout >/dev/null 2>&1; then timeout -k 2 "$limit" "$@"; else "$@"; fi; }
ask() { limit sh -c "$2" >"$d/$1.out" 2>"$d/$1.err" </dev/null; echo $? >"$d/$1.rc"; }
