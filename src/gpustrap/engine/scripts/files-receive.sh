# The names of the files are never in argv, nor is a script that could be: all of it comes in the archive on stdin.
umask 077
{ [ -d "$state" ] || mkdir -p "$state"; } && d=$(mktemp -d "$state/in.XXXXXX") || exit 1
trap 'rm -rf "$d"' EXIT
trap 'exit 1' HUP INT PIPE TERM
# An archive that was cut on the way is found by tar, which ends as its gzip does; nothing of it is put in place.
base64 -d >"$d/archive" || exit 1
tar -xzf "$d/archive" -C "$d" || {
  gzip -t <"$d/archive" 2>/dev/null ||
    echo "what was sent did not arrive whole: a start-up file of the login shell there (~/.bashrc) may read its input" >&2
  exit 1
}
# shellcheck disable=SC1091 # it is in the archive
. "$d/apply"
