# What stands before many commands that are asked at the same time. `limit`: how many seconds they have · `rooms`: the folders
# that their answers may lie in · `asks`: the text of `batch-asks` · `gpustrap_all`: the names of the variables that hold the questions.
# An image without a usable /tmp, or with a TMPDIR that leads nowhere, has another place to write.
for t in ${TMPDIR:+"$TMPDIR"} $rooms "$HOME"; do
  d=$(mktemp -d "$t/gpustrap.XXXXXX" 2>/dev/null) || continue
  # One that is full takes a folder and no answer.
  { printf '%65536s' x >"$d/room"; } 2>/dev/null && : >"$d/room" && break
  rm -rf "$d"
  d=
done
[ -n "$d" ] || { echo "no folder of this instance can be written" >&2; exit 1; }
# Where nobody reads any more (PIPE: the laptop gave the rest up), dash would end without its EXIT: the answers may hold secrets.
trap 'rm -rf "$d"' EXIT
trap 'exit 1' HUP INT PIPE TERM
# asked NUMBER…: asks these questions, within the limit. One `timeout` for all, since each process costs a millisecond.
asked() {
  (
    # shellcheck disable=SC2086,SC2163 # a list of names; in here, so that no other command has them in its environment
    export $gpustrap_all gpustrap_all
    set -- sh -c "$asks" sh "$d" "$@"
    ! command -v timeout >/dev/null 2>&1 || { export gpustrap_timed=yes; set -- timeout -k 2 "$limit" "$@"; }
    exec "$@"
  ) &
  wait
}
