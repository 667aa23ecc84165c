# What `files-look` and `files-apply` share. `state`: gpustrap's own folder.
kept=$state/kept

# Where a path leads: its link's end, there or not. Nothing for a link that leads to itself.
real() { if [ -L "$1" ]; then readlink -f -- "$1" || readlink -m -- "$1"; else printf '%s\n' "$1"; fi 2>/dev/null; }

# What stands at the end of a path. Nothing is opened: reading a FIFO would wait for ever.
kind() {
  if [ -f "$1" ]; then echo file
  elif [ -d "$1" ]; then echo dir
  elif [ -b "$1" ] || [ -c "$1" ]; then echo device
  elif [ -p "$1" ]; then echo FIFO
  elif [ -S "$1" ]; then echo socket
  elif [ -L "$1" ] && { at=$(real "$1"); [ -z "$at" ] || [ -L "$at" ]; }; then echo loop
  else echo absent; fi
}

# HOME UID:GID of those whose homes may hold files of ours; root's is the run's own.
homes=$(awk -F: '$3 >= 1000 && $3 < 60000 && $6 ~ "^/..*/" { print $6, $3 ":" $4 }' /etc/passwd 2>/dev/null)
me=$(id -u):$(id -g)

# The owner that a file of ours has to have: the person in whose home it stands, else who we are.
owner() {
  while read -r home ids; do
    [ "$home" ] || continue
    case $1 in "$home"/*) printf '%s\n' "$ids"; return ;; esac
  done <<END
$homes
END
  printf '%s\n' "$me"
}
