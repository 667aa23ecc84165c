# shellcheck shell=sh
# Prints KEY TAB VALUE lines. Reads only; needs nothing beyond a POSIX shell and coreutils. Few processes: each costs a
# millisecond, and this is asked at every run.
# shellcheck disable=SC2154 # the parameters: conda_prefixes tools files commands seconds needed owned wrote measured release
# shellcheck disable=SC2016 # the dollars in quotes are fields of awk's
# Behind unset.sh.
say() { printf '%s\t%s\n' "$1" "$2"; }

# limited COMMAND...: at most so many seconds, and at most so many bytes: what prints without end would fill the box's
# memory.
limited() { in_time "$seconds" "$@" | head -c 1000000; }

line_end='
'
# Lines in a variable are gone through without a process: `by_line; for v in $lines; do …; done; by_word`.
by_line() { IFS=$line_end; set -f; }
by_word() { IFS=" 	$line_end"; set +f; }

for t in $needed; do command -v "$t" >/dev/null || say lacks "$t"; done
# Where /bin/sh is one of these it reads some of our scripts otherwise than dash, bash and busybox do.
case ${ZSH_VERSION-}${KSH_VERSION-} in ?*) p=$(readlink -f /bin/sh); case $p in */zsh* | */*ksh*) say sh "$p" ;; esac ;; esac

# The system
# Read, not run: what stands there is not ours.
[ -f "$release" ] && while IFS='=' read -r key value || [ -n "$key" ]; do
  value=${value#[\"\']}
  case $key in
    ID) say os_id "${value%[\"\']}" ;;
    VERSION_ID) say os_version "${value%[\"\']}" ;;
    VERSION_CODENAME) say os_codename "${value%[\"\']}" ;;
  esac
done <"$release"
p=$(uname -mn) # the name first, in whichever order it is asked
say arch "${p##* }"; say hostname "${p% *}"; say home "$HOME"
# Run by sudo, it is still the login's own user that is asked for.
user=${SUDO_USER:-$(id -un)}
say user "$user"
while read -r key _ n _; do [ "$key" != Uid: ] || break; done </proc/self/status
if [ "$n" = 0 ]; then say root yes
elif command -v sudo >/dev/null; then p=$(limited sudo -n true 2>&1 </dev/null); printf 'sudo\t%.200s\n' "${p%%"$line_end"*}"
else say sudo none; fi
# The services of gpustrap's that run, by the mark that each of their processes has.
[ -d /etc/gpustrap/services ] && grep -zhs '^GPUSTRAP_SERVICE=' /proc/[0-9]*/environ | tr '\0' '\n' | awk -F= '
  $2 ~ /^[a-z0-9][a-z0-9-]*$/ && length($2) < 32 && !seen[$2]++ {
    for (at = n++; at && name[at] "" > $2 ""; at--) name[at + 1] = name[at]
    name[at + 1] = $2
  }
  END { for (at = 1; at <= n && at <= 100; at++) print "service\t" name[at] }'
# The roles that have written files here, by the record of these.
seen=' '
# shellcheck disable=SC2013 # a word a line
[ -d "$wrote" ] && for p in $(grep -rhoE ' [a-z][a-z0-9_]{0,40}$' "$wrote" 2>/dev/null); do
  case $seen in *" $p "*) ;; *) [ ${#seen} -lt 2000 ] && { seen="$seen$p "; say wrote "$p"; } ;; esac
done
[ -f "$owned" ] && say owner "$(head -c 300 "$owned" 2>/dev/null)"
[ -f "$measured" ] && say measured "$(head -c 60000 "$measured" 2>/dev/null | tr -d '\n\t')"
p=$(getconf GNU_LIBC_VERSION 2>/dev/null)
say glibc "${p#* }"

# Pythons
c=''
command -v conda >/dev/null && c=$(command -v conda)
# shellcheck disable=SC2086 # a list of words
for d in "$CONDA_PREFIX" "${c%/*/*}" $conda_prefixes ""; do [ -n "$d" ] && [ -x "$d/bin/conda" ] && { say conda "$d"; break; }; done

# Container, virtual machine or metal; its share of processors, memory and disks
[ -d /run/systemd/system ] && say systemd yes
{ read -r p </proc/1/comm; } 2>/dev/null && say pid1 "$p"
for f in /.dockerenv /run/.containerenv; do [ -e $f ] && say container "$f exists"; done
say nproc "$(unset OMP_NUM_THREADS OMP_THREAD_LIMIT; nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
{ read -r p </sys/fs/cgroup/cpu.max; } 2>/dev/null && say cpu_max "$p"
{ read -r p </sys/fs/cgroup/cpu/cpu.cfs_quota_us && read -r n </sys/fs/cgroup/cpu/cpu.cfs_period_us; } 2>/dev/null && say cpu_cfs "$p $n"
{ read -r p </sys/fs/cgroup/memory.max || read -r p </sys/fs/cgroup/memory/memory.limit_in_bytes; } 2>/dev/null && say memory_max "$p"
# A network disk whose server is gone holds df for ever.
disks=$(in_time "$seconds" df -P -k 2>/dev/null | awk '
  NR > 5000 { exit }
  NR > 1 && NF > 5 {
    row = $2 " " $4
    for (n = 1; n < 6; n++) sub(/^[ \t]*[^ \t]+[ \t]+/, "")
    sub(/[ \t]+$/, ""); print row " " $0
  }')
by_line
for p in $disks; do
  case ${p#* * } in /proc*|/sys*|/dev|/dev/*|/run*|/etc/*) ;; *) say disk "$p" ;; esac
done
for p in "- - $HOME" $disks; do
  case ${p#* * } in "$HOME") ;; *' '*) continue ;; esac
  f=${p#* * } f=${f%/}/gpustrap/gpustrap-torch.json
  [ -f "$f" ] && [ -r "$f" ] && { say torch_memory "$(head -c 10000 "$f" | tr -d '\n')"; break; }
done
by_word

# Tools, and traces of a provider
for t in $tools; do command -v "$t" >/dev/null && { printf 'tool\t%s ' "$t"; command -v "$t"; }; done
for f in $files; do [ -e "$f" ] && say file "$f"; done
for t in $commands; do command -v "$t" >/dev/null && say command "$t"; done
true
