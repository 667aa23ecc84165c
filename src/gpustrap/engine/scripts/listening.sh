# shellcheck shell=sh
# Every socket that others than this machine may reach, asked of the kernel: `ss` need not be there. UDP has no listening:
# a socket without a peer counts. One line a socket and holder, a tab between its parts; "whole" at the end.
# `most`: how many lines · `loopback`: "yes" for those of the loopback too.
tab=$(printf '\t_'); tab=${tab%_}
# Not by `read`, which takes byte after byte: such files of the kernel's give no second one.
awk '{ print "range\t" $1 "\t" $2 }' /proc/sys/net/ipv4/ip_local_port_range 2>/dev/null
[ -r /proc/net/tcp ] || { echo unreadable; exit 0; }
# KIND ADDRESS:PORT UID INODE, all hexadecimal as the kernel has it.
open() {
  for kind in tcp tcp6 udp udp6; do
    awk -v kind="$kind" -v loopback="$loopback" '
      FNR == 1 || (kind ~ /tcp/ ? $4 != "0A" : $3 !~ /:0000$/) { next }
      loopback { print kind, $2, $8, $10; next }
      length($2) == 13 && substr($2, 7, 2) == "7F" { next }
      $2 ~ /^00000000000000000000000001000000:/ || ($2 ~ /^0000000000000000FFFF0000/ && substr($2, 31, 2) == "7F") { next }
      { print kind, $2, $8, $10 }' "/proc/net/$kind" 2>/dev/null
  done
}
# as UID GID COMMAND…: in a container root may see less of another user's process than he does himself (no
# CAP_SYS_PTRACE).
as() {
  own=$1 group=$2
  shift 2
  [ "$own" = 0 ] || ! command -v setpriv >/dev/null 2>&1 || set -- setpriv --reuid "$own" --regid "$group" --clear-groups -- "$@"
  "$@" 2>/dev/null
}
# What every process has open, as its owner sees it: root's own view first.
files() {
  stat -c '%u %g' /proc/[0-9]* 2>/dev/null | { echo '0 0'; cat; } | sort -un -k 1,1 -k 2,2 | head -n 20 |
    while read -r uid gid; do as "$uid" "$gid" ls -lv /proc/[0-9]*/fd; done
}
# Each with up to three of its holders, the oldest first; "-" where none is seen from here.
held() {
  { open | head -n "$most"; echo --; files; } | awk '
    !asked && $1 == "--" { asked = 1; next }
    !asked { line[++count] = $0; at[$4] = at[$4] " " count; next }
    /^\/proc\// { split($1, part, "/"); next }
    match($0, /socket:\[[0-9]+\]$/) {
      inode = substr($0, RSTART + 8, RLENGTH - 9)
      if (!(inode in at) || (inode, part[3]) in told || seen[inode] == 3) next
      told[inode, part[3]]; seen[inode]++
      n = split(at[inode], of, " ")
      for (i = 1; i <= n; i++) print line[of[i]], part[3]
    }
    END { for (i = 1; i <= count; i++) { split(line[i], word, " "); if (!seen[word[4]]) print line[i], "-" } }'
}
# first BYTES: the start of what comes, without what a terminal obeys.
first() { tr '\0\t\n' '   ' | tr -cd '[:print:]' | head -c "$1"; }
held | while read -r kind address uid _ pid; do
  gid=$(stat -c %g "/proc/$pid" 2>/dev/null || echo 0)
  printf 'socket'
  printf '\t%s' "$kind" "$address" "$pid" "$(awk -F : -v uid="$uid" '$3 == uid { print $1; exit }' /etc/passwd | first 40)" \
    "$(as "$uid" "$gid" readlink "/proc/$pid/exe" | first 200)" \
    "$(as "$uid" "$gid" cat "/proc/$pid/environ" | tr '\0' '\n' | sed -n 's/^GPUSTRAP_\(SERVICE\|JOB\)=//p' | head -n 1 | first 40)" \
    "$(first 200 2>/dev/null <"/proc/$pid/cmdline")"
  echo
done | sed "s/$tab\$/$tab-/"
[ "$(open | wc -l)" -le "$most" ] && echo whole
