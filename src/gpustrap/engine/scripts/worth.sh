# shellcheck shell=sh
# shellcheck disable=SC2154 # the parameters: seconds (for a question), room (KiB that stay free), mib (written at most), folders
# What tells whether a box is worth its money, as KEY TAB VALUE lines. Needs in_time (limited.sh).
# Writes one file of `mib` MiB into the home, and takes it away again; asks nothing of the network.
set +eCfuvx
unset POSIXLY_CORRECT
IFS=$(printf ' \t\n_'); IFS=${IFS%_}
export LC_ALL=C
tell() { printf '%s\t%s\n' "$1" "$2"; }
brief() { in_time "$seconds" "$@" </dev/null 2>/dev/null | head -c 10000; }

case $(uname -m) in
  x86_64) if grep -qw avx2 /proc/cpuinfo 2>/dev/null; then tell avx2 yes; else tell avx2 no; fi ;;
esac
tell shm "$(brief df -P -k /dev/shm | awk 'NR == 2 { print $2 }')"
tell pids "$(cat /sys/fs/cgroup/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids/pids.max 2>/dev/null)"

# Random bytes: a file system that compresses would write zeros at any rate.
free=$(brief df -P -k "$HOME" | awk 'NR == 2 { print $4 }')
if [ "${free:-0}" -gt "$room" ] && file=$(mktemp "$HOME/.gpustrap-worth.XXXXXX" 2>/dev/null); then
  trap 'rm -f "$file"' EXIT
  trap 'exit 1' HUP INT PIPE TERM
  began=$(cut -d ' ' -f 1 /proc/uptime)
  in_time "$seconds" dd if=/dev/urandom of="$file" bs=1048576 count="$mib" conv=fsync </dev/null 2>/dev/null
  tell disk "$(wc -c <"$file") $began $(cut -d ' ' -f 1 /proc/uptime)"
fi

smi=$(command -v nvidia-smi)
for each in $folders; do [ -z "$smi" ] && [ -x "$each/nvidia-smi" ] && smi=$each/nvidia-smi; done
if [ -n "$smi" ]; then
  brief "$smi" --query-gpu=index,memory.used,utilization.gpu,ecc.errors.uncorrected.volatile.total --format=csv,noheader,nounits |
    head -n 64 | while IFS= read -r row; do tell card "$row"; done
fi
true
