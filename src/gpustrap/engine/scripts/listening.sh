# shellcheck shell=sh
# Every socket that others than this machine may reach, asked of the kernel: `ss` need not be there. UDP has no listening:
# a socket without a peer counts. One line a socket and holder, a tab between its parts; "whole" at the end.
# `most`: how many lines · `loopback`: "yes" for those of the loopback too. For many sockets no more programs than for one.
# KIND ADDRESS:PORT UID INODE, all hexadecimal as the kernel has it; after the ports that it gives to clients, before "whole".
open() {
  set --
  for kind in tcp tcp6 udp udp6; do [ ! -r "/proc/net/$kind" ] || set -- "$@" "/proc/net/$kind"; done
  awk -v most="$most" -v loopback="$loopback" '
    BEGIN {
      if ((getline <"/proc/sys/net/ipv4/ip_local_port_range") > 0) print "range\t" $1 "\t" $2
      if (ARGV[1] != "/proc/net/tcp") { print "unreadable"; exit }
    }
    FNR == 1 { kind = substr(FILENAME, 11); next }
    kind ~ /tcp/ ? $4 != "0A" : $3 !~ /:0000$/ { next }
    !loopback && length($2) == 13 && substr($2, 7, 2) == "7F" { next }
    !loopback && ($2 ~ /^00000000000000000000000001000000:/ || ($2 ~ /^0000000000000000FFFF0000/ && substr($2, 31, 2) == "7F")) { next }
    ++count <= most { print kind, $2, $8, $10 }
    END { if (kind != "" && count <= most) print "whole" }' "$@"
}
# as UID GID COMMAND…: in a container root may see less of another user's process than he does himself (no
# CAP_SYS_PTRACE).
as() {
  own=$1 group=$2
  shift 2
  [ "$own" = 0 ] || ! command -v setpriv >/dev/null 2>&1 || set -- setpriv --reuid "$own" --regid "$group" --clear-groups -- "$@"
  "$@" 2>/dev/null
}
# Whose each process is, then what it has open, as its owner sees it: root's own view first.
files() {
  owners=$(stat -c '%n=%u:%g' /proc/[0-9]* 2>/dev/null)
  printf '%s\n' "$owners"
  as 0 0 ls -lv /proc/[0-9]*/fd
  command -v setpriv >/dev/null 2>&1 || return
  users=' 0:0 ' count=0
  for owner in $owners; do
    owner=${owner#*=}
    case $users in *" $owner "*) continue ;; esac
    users="$users$owner " count=$((count + 1))
    [ $count -lt 20 ] || return
    as "${owner%:*}" "${owner#*:}" ls -lv /proc/[0-9]*/fd
  done
}
# Each with up to three of its holders, the oldest first; "-" where none is seen from here. Before them "as UID GID PID…": the
# holders that are to be asked as the owner of their sockets.
held() {
  { open; echo --; files; } | awk '
    !asked && $1 == "--" { asked = 1; next }
    !asked && NF != 4 { other[++others] = $0; next }
    !asked { line[++count] = $0; at[$4] = at[$4] " " count; next }
    /^\/proc\/[0-9]+=/ { split($0, part, /[\/=:]/); group[part[3]] = part[5]; next }
    /^\/proc\/[0-9]+\/fd:$/ { split($0, part, "/"); pid = part[3]; next }
    match($0, /socket:\[[0-9]+\]$/) {
      inode = substr($0, RSTART + 8, RLENGTH - 9)
      if (!(inode in at) || (inode, pid) in told || seen[inode] == 3) next
      told[inode, pid]; seen[inode]++
      n = split(at[inode], of, " ")
      for (i = 1; i <= n; i++) {
        row[++rows] = line[of[i]] " " pid
        split(line[of[i]], word, " ")
        as = word[3] " " group[pid] + 0
        if (!((as, pid) in asks)) { asks[as, pid]; of_user[as] = of_user[as] " " pid }
      }
    }
    END {
      for (as in of_user) print "as " as of_user[as]
      for (i = 1; i <= rows; i++) print row[i]
      for (i = 1; i <= count; i++) { split(line[i], word, " "); if (!seen[word[4]]) print line[i], "-" }
      for (i = 1; i <= others; i++) print other[i]
    }'
}
# each FILE COMMAND…: what the command says of this file of each holder.
each() {
  file=$1
  shift
  printf '%s\n' "$held" | while read -r word uid gid pids && [ "$word" = as ]; do
    # Anybody may read what a process was started with.
    [ "$file" != cmdline ] || uid=0
    of=''
    for pid in $pids; do of="$of /proc/$pid/$file"; done
    # shellcheck disable=SC2086 # words
    as "$uid" "$gid" "$@" $of
  done
}
held=$(held)
# The names of programs come last: they may hold line breaks, and what comes after one is believed of nobody.
{
  printf '%s\n' "$held"
  {
    each cmdline grep -azH ''
    each environ grep -azH -e '^GPUSTRAP_SERVICE=' -e '^GPUSTRAP_JOB='
  } | tr '\0\n' '\n '
  echo --
  each exe ls -ld
} | awk '
  # The start of a text, without what a terminal obeys.
  function first(most, text) { gsub(/\t/, " ", text); gsub(/[^ -~]/, "", text); return substr(text, 1, most) }
  function after(mark) { return substr($0, index($0, mark) + length(mark)) }
  BEGIN {
    while ((getline line <"/etc/passwd") > 0) if (split(line, part, ":") > 2 && !(part[3] in user)) user[part[3]] = part[1]
  }
  $1 == "--" { programs = 1; next }
  programs && /^l/ && match($0, / \/proc\/[0-9]+\/exe -> /) {
    pid = substr($0, RSTART + 7, RLENGTH - 15)
    program[pid] = times[pid]++ ? "" : after(" -> ")
    next
  }
  programs || $1 == "as" { next }
  /^\/proc\// {
    split($0, part, "/")
    pid = part[3]
    if (part[4] ~ /^cmdline:/) { if (length(command[pid]) < 200) command[pid] = command[pid] first(200, after(":")) " " }
    else if (!(pid in service)) { service[pid] = after("="); sub(/ .*/, "", service[pid]) }
    next
  }
  NF == 5 { row[++rows] = $0; next }
  /^range\t/ { print }
  { last = $0 }
  END {
    for (i = 1; i <= rows; i++) {
      split(row[i], word, " ")
      pid = word[5]
      ends = first(200, command[pid])
      printf "socket\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", word[1], word[2], pid, first(40, user[word[3]]), first(200, program[pid]), \
        first(40, service[pid]), (ends == "" ? "-" : ends)
    }
    if (last ~ /^(whole|unreadable)$/) print last
  }'
