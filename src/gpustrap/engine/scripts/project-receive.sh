# A part of what was sent to the folder `dest`, on stdin: an archive with the files below `tree`. `first` and `last` part.
# With the last part come the lists of what has to be done, and everything is put in its place.
umask 022
own=$dest/.gpustrap new=$dest/.gpustrap/new
if [ -n "$first" ]; then
  [ -d "$own" ] || mkdir -p -- "$dest" "$own" || exit 1
  if [ -e "$new" ] || [ -L "$new" ]; then rm -rf -- "$new" || exit 1; fi
  mkdir -m 700 -- "$new" || exit 1
fi
trap 'exit 1' HUP INT PIPE TERM
cd "$dest" || exit 1
# An archive that was cut on the way is found by tar, which ends as its gzip does; nothing of it is put in place.
base64 -d >"$new/archive" || exit 1
tar -xpzf "$new/archive" --no-same-owner -C "$new" || {
  gzip -t <"$new/archive" 2>/dev/null ||
    echo "what was sent did not arrive whole: a start-up file of the login shell there (~/.bashrc) may read its input" >&2
  rm -rf -- "$new"
  exit 1
}
[ -n "$last" ] || { rm -f -- "$new/archive"; exit 0; }

# each LIST COMMAND: runs it with each line of the list.
each() {
  while IFS= read -r path; do "$2" "$path" || exit 1; done <"$new/$1"
}
# above PATH: sets `folder`.
above() { case $1 in */*) folder=${1%/*} ;; *) folder=. ;; esac; }
# What was changed here, and is not on the laptop.
stash() {
  above "$1"
  mkdir -p -- "$stash/$folder" && mv -f -- "$1" "$stash/$1" && echo "[gpustrap] $1 as it was here is now $stash/$1"
}
if [ -s "$new/stash" ]; then
  stash=$dest.stash/$(date -u +%Y-%m-%dT%H%M%SZ)
  each stash stash
fi
# From here on a run that is cut short leaves files of both records.
mv -f -- "$new/record" "$own/coming" || exit 1
gone() {
  rm -f -- "$1" || return 1
  above "$1"
  while [ "$folder" != . ] && rmdir -- "$folder" 2>/dev/null; do above "$folder"; done
  return 0
}
each gone gone
put() {
  above "$1"
  { [ -d "$folder" ] || mkdir -p -- "$folder"; } || return 1
  if [ -d "$1" ] && [ ! -L "$1" ]; then echo "$1 is a folder here: a file has to stand there" >&2; return 1; fi
  mv -f -- "$new/tree/$1" "$1"
}
# What is not there at all is put there as a whole.
for path in "$new"/tree/* "$new"/tree/.[!.]* "$new"/tree/..?*; do
  name=${path##*/}
  if [ -e "$path" ] || [ -L "$path" ]; then [ -e "$name" ] || [ -L "$name" ] || mv -- "$path" "$name" || exit 1; fi
done
put_left() { if [ -e "$new/tree/$1" ] || [ -L "$new/tree/$1" ]; then put "$1"; fi; }
each put put_left
mv -f -- "$own/coming" "$own/sent" && rm -rf -- "$new"
