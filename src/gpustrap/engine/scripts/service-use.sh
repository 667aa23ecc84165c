# `names`: services. Of each "use NAME PROCESSES KIB CARD": how many processes it has, the memory that they have to
# themselves with their share of what is shared, and the MiB that nvidia-smi tells of them on cards: "-" where none has a
# card open, "?" where it does not tell (it knows the processes of the machine around a container by other numbers).
kib() {
  awk '
    function read(file, key, found, line, part) {
      found = -1
      while ((getline line < file) > 0) if (index(line, key) == 1) { split(line, part, " "); found = part[2] + 0 }
      close(file)
      return found
    }
    { own = read("/proc/" $1 "/smaps_rollup", "Pss:"); if (own < 0) own = read("/proc/" $1 "/status", "VmRSS:"); if (own > 0) sum += own }
    END { print sum + 0 }'
}
# on_cards PID…: those that have a card open.
on_cards() {
  # Of one folder alone ls would not say which it is.
  { echo /proc/self/fd; for pid; do echo "/proc/$pid/fd"; done; } | xargs ls -l 2>/dev/null | awk '
    /^\/proc\// { split($1, part, "/"); next }
    / -> \/dev\/nvidia[0-9]/ && !told[part[3]]++ { print part[3] }'
}
# card PID…: of those that have one open.
card() {
  [ $# -gt 0 ] || { echo -; return; }
  { printf '%s\n' "$@"; echo --; printf '%s\n' "$cards"; } | awk -F '[ ,]+' '
    !asked && $1 == "--" { asked = 1; next }
    !asked { ours[$1]; next }
    ($1 in ours) && $2 ~ /^[0-9]+$/ { sum += $2; told = 1 }
    END { print (told ? sum : "?") }'
}
cards=''
if command -v nvidia-smi >/dev/null 2>&1; then
  cards=$(in_time 10 nvidia-smi --query-compute-apps=pid,used_gpu_memory --format=csv,noheader,nounits 2>/dev/null | head -c 60000)
fi
for name in $names; do
  # shellcheck disable=SC2046 # a list of numbers
  set -- $(members "$name" $(panes tm "$name"))
  [ $# -gt 0 ] || continue
  # shellcheck disable=SC2046
  echo "use $name $# $(printf '%s\n' "$@" | kib) $(card $(on_cards "$@"))"
done
