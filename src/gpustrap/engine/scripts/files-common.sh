# What `files-look` and `files-apply` share. `state`: gpustrap's own folder.
kept=$state/kept

# Where a path leads: its link's end, there or not. Nothing for a link that leads to itself.
real() { if [ -L "$1" ]; then readlink -f -- "$1" || readlink -m -- "$1"; else printf '%s\n' "$1"; fi 2>/dev/null; }

# kind PATH: sets `kind`, what stands at the end of a path. Nothing is opened: reading a FIFO would wait for ever.
kind() {
  kind=absent
  if [ -f "$1" ]; then kind="file"
  elif [ -d "$1" ]; then kind="dir"
  elif [ -b "$1" ] || [ -c "$1" ]; then kind=device
  elif [ -p "$1" ]; then kind=FIFO
  elif [ -S "$1" ]; then kind=socket
  elif [ -L "$1" ]; then
    at=$(real "$1")
    if [ -z "$at" ] || [ -L "$at" ]; then kind=loop; fi
  fi
  # What the kernel shows as files keeps nothing, and a new one cannot be made beside it.
  if [ -L "$1" ]; then case $kind in "file" | absent) case $(real "$1") in /proc/* | /sys/*) kind=kernel ;; esac ;; esac; fi
}

# people: sets `homes`, UID:GID HOME of those whose homes may hold files of ours; root's is the run's own. Read once, and
# by the shell: each process costs a millisecond.
homes='' people=''
people() {
  people=yes
  [ -r /etc/passwd ] || return 0
  while IFS=: read -r name _ uid gid _ home _ || [ -n "$name" ]; do
    case $uid in
      *[!0-9]*) ;;
      [1-9]??? | [1-5]????) case $home in /?*/*) homes="$homes${homes:+
}$uid:$gid $home" ;; esac ;; # 1000 to 59999
    esac
  done </etc/passwd
}
# UID:GID, as `id` says them, without one more process.
while read -r word _ number _; do
  case $word in Uid:) me=$number ;; Gid:) me=$me:$number; break ;; esac
done </proc/self/status

# mine PATH: whether it stands in the login's own home, where what runs and is read as his has to be his.
mine() { case $1 in "$HOME"/*) ;; *) return 1 ;; esac; }
# owner PATH: sets `owner`, whose a file of ours has to be: the person's whose home it is or stands in, else ours. Settings
# that may hold a proxy's password are the login's own where that works by sudo: it could not read root's.
owner() {
  owner=$me
  case $1 in
    /etc/profile.d/*gpustrap-* | /etc/apt/apt.conf.d/*gpustrap-* | /etc/conda/condarc.d/gpustrap-*)
      [ -z "${SUDO_UID-}" ] || { owner=$SUDO_UID:${SUDO_GID-}; return 0; } ;;
  esac
  [ "$people" ] || people
  [ -n "$homes" ] || return 0
  while read -r ids home; do # a home may have a space in it
    case $1 in "$home" | "$home"/*) owner=$ids; return 0 ;; esac
  done <<END
$homes
END
}

# The folders of what root runs. Whoever else may write to one can put something else in its place.
own=/etc/gpustrap
# keeping COMMAND…: runs it with the folders behind its words in which we keep what root runs or puts in place.
own_logs=/var/log/gpustrap own_runs=/run/gpustrap
keeping() { "$@" "$state" "$kept" "$state/units" "$own_logs" "$own_runs"; }
# shut FOLDER…: from now on nobody else may put anything into them.
shut() { [ $# -eq 0 ] || { chown "$me" -- "$@" && chmod go-w -- "$@"; }; }
