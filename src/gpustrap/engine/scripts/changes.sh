# Several changes in one request, behind `batch-head`: each answer stands between marks of
# its own on both outputs. `mark`: a random word. Who asked may be gone: then nothing more is begun.
n=0
begin() {
  printf '%s begin\n' "$mark.$n" && printf '%s begin\n' "$mark.$n" >&2 || exit 1
}
end() {
  printf '%s end %s\n' "$mark.$n" "$1" && printf '%s end %s\n' "$mark.$n" "$1" >&2 || exit 1
  n=$((n + 1))
}
# summed FILE…: one sum of all of them. In a shell of its own, as in `$(…)`.
summed() { cd "$d" && sha256sum "$@" | sha256sum; }
# same SUM FILES NUMBERS LATER: goes on where these questions are answered as they were. Else all answers are told,
# those of LATER too, and nothing more is done.
same() {
  begin
  # shellcheck disable=SC2086 # lists of words
  asked $3
  # shellcheck disable=SC2086
  if [ "$(summed $2)" = "$1  -" ]; then end 0; return; fi
  # shellcheck disable=SC2086
  asked $4
  # shellcheck disable=SC2086
  tell $3 $4
  end 1
  exit 0
}
# run BYTES GOOD COMMAND: with so many bytes of our stdin. Another exit status than the GOOD ones ends all.
run() {
  begin
  if [ "$1" = 0 ]; then sh -c "$3" </dev/null; else
    # What it does not read is not the next one's. Most often it has read all: then `read` ends at once, and is no process.
    head -c "$1" | { sh -c "$3"; s=$?; if read -r _; then cat >/dev/null; fi; exit $s; }
  fi
  s=$?
  end $s
  case " $2 " in *" $s "*) ;; *) exit 0 ;; esac
}
