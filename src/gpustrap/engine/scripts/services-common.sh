# Who listens on a port, asked of the kernel: `ss` need not be there.
# The functions of awk for it: `address` and `inode` of each socket on a port.
# shellcheck disable=SC2016 # for awk
heard='
  function number(s, i, n) {
    for (i = 1; i <= length(s); i++) n = n * 16 + index("0123456789ABCDEF", substr(s, i, 1)) - 1
    return n + 0
  }
  function four(s) { return number(substr(s, 7, 2)) "." number(substr(s, 5, 2)) "." number(substr(s, 3, 2)) "." number(substr(s, 1, 2)) }
  function six(s, i, word, text) {
    if (s ~ /^0*$/) return "::"
    if (s == "00000000000000000000000001000000") return "::1"
    if (s ~ /^0000000000000000FFFF0000/) return "::ffff:" four(substr(s, 25))
    for (i = 1; i < 32; i += 8) {
      word = substr(s, i + 6, 2) substr(s, i + 4, 2) ":" substr(s, i + 2, 2) substr(s, i, 2)
      text = text (i > 1 ? ":" : "") tolower(word)
    }
    return text
  }
  # How many sockets listen on the port: `address` and `inode` of each.
  function listening(port, count, family, file, line, part, own) {
    port = sprintf(":%04X", port)
    for (family = 1; family <= 2; family++) {
      file = family == 1 ? "/proc/net/tcp" : "/proc/net/tcp6"
      while ((getline line < file) > 0) {
        split(line, part, " ")
        if (part[4] != "0A" || substr(part[2], length(part[2]) - 4) != port) continue
        own = substr(part[2], 1, length(part[2]) - 5)
        address[++count] = length(own) == 8 ? four(own) : six(own)
        inode[count] = part[10]
      }
    }
    return count + 0
  }'
# listening PORT: "ADDRESS INODE" of each socket that listens there.
listening() {
  awk -v port="$1" "$heard"'
    BEGIN { count = listening(port); for (i = 1; i <= count; i++) print address[i], inode[i] }'
}
# sockets PID…: the inodes of the sockets that they hold.
sockets() {
  folders=''
  for pid; do folders="$folders /proc/$pid/fd"; done
  [ -n "$folders" ] || return 0
  # shellcheck disable=SC2012,SC2086 # links, not names; words
  ls -n $folders 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/\1/p'
}
# others INODE…: the processes that hold one of these sockets.
others() {
  [ $# -gt 0 ] || return 0
  # shellcheck disable=SC2012 # links, not names
  ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v wanted=" $* " '
    /^\/proc\// { split($1, part, "/"); next }
    match($0, /socket:\[[0-9]+\]$/) && index(wanted, " " substr($0, RSTART + 8, RLENGTH - 9) " ") { print part[3] }' | sort -un
}
# holders PORT: the processes that listen there.
holders() {
  # shellcheck disable=SC2046 # a list of numbers
  others $(listening "$1" | cut -d ' ' -f 2)
}
# of PID: the service of ours that started it, by its mark; nothing for others.
of() { tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | sed -n 's/^GPUSTRAP_SERVICE=//p' | head -n 1; }
# known PID: who it is, for a person.
known() {
  [ -n "$1" ] || { echo 'a process that cannot be seen from here'; return; }
  owner=$(of "$1")
  line=$(tr '\0\n' '  ' 2>/dev/null <"/proc/$1/cmdline" | tr -cd '[:print:]' | cut -c 1-120)
  echo "$(tr -cd '[:graph:]' 2>/dev/null <"/proc/$1/comm") (PID $1${line:+: ${line% }})${owner:+, of the service $owner}"
}
