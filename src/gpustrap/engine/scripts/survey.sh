# shellcheck shell=sh
# Prints KEY TAB VALUE lines. Reads only; needs nothing beyond a POSIX shell and coreutils.
# shellcheck disable=SC2154 # the parameters: accelerators conda_prefixes tools files commands variables settings seconds needed owned measured release
# shellcheck disable=SC2016 # the dollars in quotes are fields of awk's
# Nothing that an image's environment sets decides what the programs below print. PATH stays: which python3 a person
# gets is one of the questions.
set +eCfuvx
unset CDPATH GREP_OPTIONS GREP_COLOR GREP_COLORS POSIXLY_CORRECT BLOCKSIZE BLOCK_SIZE
IFS=$(printf ' \t\n_'); IFS=${IFS%_}
export LC_ALL=C
say() { printf '%s\t%s\n' "$1" "$2"; }

# limited COMMAND...: at most so many seconds, and at most so many bytes: what prints without end would fill the box's
# memory.
limited() { in_time "$seconds" "$@" | head -c 1000000; }

for t in $needed; do command -v "$t" >/dev/null || say lacks "$t"; done

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
say arch "$(uname -m)"; say hostname "$(uname -n)"; say home "$HOME"
# Run by sudo, it is still the login's own user that is asked for.
user=${SUDO_USER:-$(id -un)}
say user "$user"
say shell "$(limited getent passwd "$user" 2>/dev/null | cut -d: -f7)"
if [ "$(id -u)" = 0 ]; then say root yes
elif command -v sudo >/dev/null; then say sudo "$(limited sudo -n true 2>&1 </dev/null | head -n 1 | cut -c 1-200)"
else say sudo none; fi
# The services of gpustrap's that run, by the mark that each of their processes has.
[ -d /etc/gpustrap/services ] && grep -zhs '^GPUSTRAP_SERVICE=' /proc/[0-9]*/environ | tr '\0' '\n' | sed -n 's/^[^=]*=//p' | sort -u |
  grep -E '^[a-z0-9][a-z0-9-]{0,30}$' | head -n 100 | while IFS= read -r n; do say service "$n"; done
[ -f "$owned" ] && say owner "$(head -c 300 "$owned" 2>/dev/null)"
[ -f "$measured" ] && say measured "$(head -c 60000 "$measured" 2>/dev/null | tr -d '\n\t')"
say glibc "$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)"

# Pythons
p=$({ in_time "$seconds" python3 -I -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null </dev/null; echo "ended $?"; } | head -c 1000)
case $p in *'ended 124' | *'ended 137') say hangs python3 ;; esac
say python "$(printf '%s\n' "${p%%ended *}" | head -n 1)"
c=$(command -v conda)
# shellcheck disable=SC2086 # a list of words
for d in "$CONDA_PREFIX" "${c%/*/*}" $conda_prefixes ""; do [ -n "$d" ] && [ -x "$d/bin/conda" ] && { say conda "$d"; break; }; done

# Container, virtual machine or metal; its share of processors, memory and disks
[ -d /run/systemd/system ] && say systemd yes
say pid1 "$(cat /proc/1/comm 2>/dev/null)"
for f in /.dockerenv /run/.containerenv; do [ -e $f ] && say container "$f exists"; done
first() { tr '\0' '\n' 2>/dev/null </proc/1/environ; }
c=$(first 2>/dev/null | sed -n 's/^container=//p'); [ -n "$c" ] && say container "PID 1 was started with container=$c"
grep -qE 'docker|kubepods|containerd|libpod' /proc/1/cgroup 2>/dev/null && say container "the cgroup of PID 1 is a container's"
grep -qE '^(overlay|fuse-overlayfs) / ' /proc/mounts 2>/dev/null && say container "/ is an overlay of image layers"
grep -q '^flags.* hypervisor' /proc/cpuinfo 2>/dev/null && say hypervisor yes
say nproc "$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
say cpu_max "$(cat /sys/fs/cgroup/cpu.max 2>/dev/null)"
say cpu_cfs "$(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us 2>/dev/null | tr '\n' ' ')"
say memory_max "$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null)"
say memory_total "$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
# A network disk whose server is gone holds df for ever.
disks=$(limited df -P -k 2>/dev/null | tail -n +2)
printf '%s\n' "$disks" | while read -r _ size _ free _ mount; do
  case $mount in ''|/proc*|/sys*|/dev|/dev/*|/run*|/etc/*) ;; *) say disk "$size $free $mount" ;; esac
done
for m in "$HOME" $(printf '%s\n' "$disks" | awk 'NF == 6 { print $6 }'); do
  f=${m%/}/gpustrap/gpustrap-torch.json
  [ -f "$f" ] && [ -r "$f" ] && { say torch_memory "$(head -c 10000 "$f" | tr -d '\n')"; break; }
done

# Ports, tools, and traces of a provider
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ local rest; do
  case $rest in *" 0A "*) say listening "$(printf '%d' "0x${local##*:}")" ;; esac
done
for t in $tools; do p=$(command -v "$t") && say tool "$t $p"; done
for f in $files; do [ -e "$f" ] && say file "$f"; done
for t in $commands; do command -v "$t" >/dev/null && say command "$t"; done
{ first 2>/dev/null; env; } | grep -E "^($variables)=" | sort -u | while IFS= read -r v; do say env "$v"; done

# Who else sets what our roles set. Names only: values may be secrets.
# A file is read only where it is one: a pipe at ~/.npmrc would hold the reader for ever.
file() { [ -f "$1" ] && [ -r "$1" ]; }
# A provider's script is read, not run; what holds a password does not leave the box.
for f in $accelerators; do
  file "$f" && limited grep -oE '\<(https?_proxy|no_proxy|SSL_CERT_FILE|REQUESTS_CA_BUNDLE)=[^[:space:];&]+' "$f" | grep -v @ |
    head -n 10 | while IFS= read -r v; do say accelerator "$v"; done
done
kept=/var/lib/gpustrap/kept
config=${XDG_CONFIG_HOME:-$HOME/.config}
for f in .bashrc .bash_profile .bash_login .profile .zshenv .zprofile .zshrc .zlogin .kshrc .mkshrc .shrc .shinit .config/fish/config.fish; do
  [ -f "$HOME/$f" ] && say rc_file "$f"
done
# Every variable that a file of a shell, of PAM, of sshd or of cron gives, outside our own blocks; and which files it
# reads besides, for those may give some too.
scan() {
  [ $# -gt 0 ] && limited awk -v names="^($settings)$" -v home="$HOME" '
  function found(name) {
    if (name == "PATH" || name == "path") { if ($0 !~ /\$\{?(PATH|path)|\/usr\/local\/bin/) printf "set\tPATH %d %s\n", FNR, FILENAME; return }
    if (name !~ names) return
    printf "set\t%s %d %s\n", name, FNR, FILENAME
    if (/(^|[ \t;&])(readonly|(declare|typeset)[ \t]+-[a-zA-Z]*r[a-zA-Z]*)[ \t]/) printf "fixed\t%s %d %s\n", name, FNR, FILENAME
  }
  function reads(file) {
    gsub(/["\047]/, "", file); sub(/^(~|\$HOME|\$\{HOME\})\//, home "/", file)
    if (file ~ /^\/[^$*?`]+$/) printf "more\t%s\n", file
  }
  FNR == 1 { ours = 0; mark = sprintf("%c%c%c", 239, 187, 191); if (index($0, mark) == 1) $0 = substr($0, 4) } FNR > 5000 { next }
  /^# gpustrap .* begin/ { ours = 1 } /^# gpustrap .* end/ { ours = 0; next }
  ours || /^[ \t]*#/ { next }
  { sub(/\r$/, ""); gsub(/\$\{HOME\}/, "$HOME"); n = split($0, words, /[ \t;&|(){}]+/)
    for (i = 1; i <= n; i++) {
      name = words[i]; gsub(/["\047]/, "", name)
      if (name ~ /^[A-Za-z_][A-Za-z0-9_]*\+?=/) { sub(/\+?=.*/, "", name); found(name) }
      else if (name == "." || name == "source") reads(words[i + 1])
      else if (name == "readonly" && words[i + 1] !~ /=/) found(words[i + 1])
      else if (name == "SETUVAR" && /--export/) { for (j = i + 1; j <= n && words[j] ~ /^-/; j++) ; sub(/:.*/, "", words[j]); found(words[j]) }
      else if (name == "set" || name == "setenv") {
        for (j = i + 1; j <= n && words[j] ~ /^-/; j++) ;
        if (name == "setenv" || words[i + 1] ~ /^-.*[xU]/ || (j > i + 2) || words[j] == "PATH") found(words[j])
      }
    } }' "$@"
}
set --
for f in /etc/environment /etc/security/pam_env.conf /etc/profile /etc/profile.d/*.sh /etc/bash.bashrc \
  /etc/zsh/zshenv /etc/zsh/zprofile /etc/zsh/zshrc /etc/zsh/zlogin /etc/zshenv /etc/zshrc \
  /etc/rp_environment /etc/fish/config.fish /etc/fish/conf.d/*.fish "$HOME"/.config/fish/conf.d/*.fish "$HOME/.config/fish/config.fish" \
  "$HOME/.config/fish/fish_variables" "$HOME/.bashrc" "$HOME/.bash_aliases" "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.profile" \
  "$HOME/.zshenv" "$HOME/.zprofile" "$HOME/.zshrc" "$HOME/.zlogin" "$HOME/.kshrc" "$HOME/.mkshrc" "$HOME/.shrc" "$HOME/.shinit" "$ENV" \
  "$HOME/.pam_environment" "$HOME/.ssh/environment" /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf \
  /etc/crontab /etc/cron.d/* "/var/spool/cron/crontabs/$user"; do
  case $f in */gpustrap-*|*/zzzz-gpustrap-*) ;; /*) file "$f" && set -- "$@" "$f" ;; esac
done
seen=''
for depth in 1 2 3; do
  # Those before are not read again: two files may read each other.
  for f; do seen="$seen
$f
"; done
  scanned=$(scan "$@" </dev/null)
  printf '%s\n' "$scanned" | grep -v '^more'
  [ "$depth" = 3 ] && break
  set --
  while IFS='	' read -r key f; do
    [ "$key" = more ] || continue
    case $f in */gpustrap-*|*/zzzz-gpustrap-*) continue ;; esac
    case $seen in *"
$f
"*) continue ;; esac
    [ $# -lt 20 ] && file "$f" && set -- "$@" "$f"
  done <<END
$scanned
END
  [ $# -gt 0 ] || break
done
case ":$PATH:" in *:/usr/local/bin:*) ;; *) say set "PATH 0 environment" ;; esac
# Those that we set are no one else's, and what we once had to override stays so.
ours=$(cat /etc/profile.d/gpustrap-*.sh 2>/dev/null | sed -n 's/^export \([A-Za-z_]*\)=.*/\1/p')
for n in $ours; do say ours "$n"; done
named() { grep -oE "^($settings)=" | tr -d = | sort -u | while read -r n; do say set "$n 0 $1"; done; }
first 2>/dev/null | named pid1
env | named environment | while IFS= read -r v; do
  n=${v#*	}; printf '%s\n' "$ours" | grep -qx "${n%% *}" || printf '%s\n' "$v"
done

# The names of the settings in the clients' files: SECTION KEY FILE, "-" for no section.
set --
for f in /etc/pip.conf /etc/xdg/pip/pip.conf "$HOME/.pip/pip.conf" "$HOME/.config/pip/pip.conf" "$config/pip/pip.conf" "$PIP_CONFIG_FILE" \
  "$VIRTUAL_ENV/pip.conf" "$CONDA_PREFIX/pip.conf" /usr/pip.conf /usr/local/pip.conf /opt/*venv*/pip.conf /venv/*/pip.conf "$d/pip.conf" \
  "$d"/envs/*/pip.conf /workspace/*/pip.conf "$HOME"/*venv*/pip.conf "$HOME"/.venv/pip.conf \
  /etc/npmrc /usr/etc/npmrc /usr/local/etc/npmrc "$HOME/.npmrc" "$NPM_CONFIG_USERCONFIG" \
  /etc/uv/uv.toml "$config/uv/uv.toml" "$HOME/.config/uv/uv.toml" "$UV_CONFIG_FILE" \
  /etc/conda/.condarc /etc/conda/condarc /etc/conda/condarc.d/*.y*ml "$d/.condarc" "$d/condarc" "$config/conda/.condarc" \
  "$HOME/.config/conda/.condarc" "$HOME/.conda/.condarc" "$HOME/.conda/condarc" "$HOME/.condarc" "$CONDA_PREFIX/.condarc" "$CONDARC" "$HOME/.mambarc" "$MAMBARC" \
  /etc/wgetrc "$HOME/.wgetrc" "$HOME/.curlrc" "$HOME/.config/curlrc"; do
  case $f in /*) file "$f" && set -- "$@" "$f" ;; esac
done
[ $# -gt 0 ] && limited awk '
  function tell() { gsub(/[ \t"]/, "", key); if (key != "" && count++ < 200) printf "key\t%s %s %s\n", (section == "" ? "-" : section), key, FILENAME }
  FNR == 1 { section = ""; count = 0; pass++; mark = sprintf("%c%c%c", 239, 187, 191); bom = index($0, mark) == 1; if (bom) { $0 = substr($0, 4); key = "gpustrap-bom"; tell() } } FNR > 5000 { next }
  /^[ \t]*[#;]/ { next }
  function twice(what) { if (FILENAME ~ /pip\.conf$/ && seen[pass, section, what]++ == 1) printf "key\t- gpustrap-twice:%s %s\n", what, FILENAME }
  /^[ \t]*\[/ { section = $0; gsub(/[][ \t\r]/, "", section); twice("[" section "]"); next }
  /^[^ \t=:][^=]*=/ { key = $0; sub(/[ \t]*=.*/, "", key); twice(key) }
  /^[ \t]*[^ \t=:][^=]*=/ { key = $0; sub(/=.*/, "", key); tell(); next }
  /^[ \t]*"[a-z_]+"[ \t]*:/ || /^[{][ \t]*"?[a-z_]+"?[ \t]*:/ { sub(/^[ \t{]*/, "") }
  /^"?[a-z_]+"?[ \t]*:/ { key = $0; sub(/:.*/, "", key); tell() }' "$@"
# The hosts that pip trusts: on the key's line, and on those below it that are set in.
set --
for f in /etc/pip.conf "$HOME/.pip/pip.conf" "$config/pip/pip.conf"; do file "$f" && set -- "$@" "$f"; done
[ $# -gt 0 ] && limited awk '
  FNR > 5000 { next }
  /^trusted[-_]host[ \t]*[=:]/ { on = 1; sub(/^[^=:]*[=:]/, ""); print "trusted_host\t" $0; next }
  FNR == 1 || /^[^ \t]/ { on = 0 }
  on { print "trusted_host\t" $0 }' "$@"
case $d in ?*)
  case $d in *forge*|*mamba*) say conda_forge yes ;; *)
    file "$d/.condarc" && grep -q conda-forge "$d/.condarc" && ! grep -qE '^ *- *defaults' "$d/.condarc" && say conda_forge yes ;;
  esac ;;
esac
# Rules of git, each with the file that has it. A token may stand before the @ of a URL; of a proxy only whether there is one.
command -v git >/dev/null && limited git config --includes --show-origin --get-regexp '^(url\..*\.(push)?insteadof|http\.(.*\.)?proxy)$' 2>/dev/null |
  tr '\t' ' ' | sed -e 's/^[^ ]*\.config\/gpustrap\/git-network .*/ours/' -e 's/^command line: /command-line /' -e 's#://[^/@ ]*@#://***@#g' -e 's/^\([^ ]* [^ ]*proxy\) ..*/\1 set/' |
  grep -v '/\.config/gpustrap/' | while IFS= read -r v; do say git_rule "$v"; done
case $GIT_CONFIG_GLOBAL in /dev/*) ;; /*) file "$GIT_CONFIG_GLOBAL" && say git_global "$GIT_CONFIG_GLOBAL" ;; esac
for f in /etc/apt/apt.conf /etc/apt/apt.conf.d/* "$APT_CONFIG"; do
  case $f in *gpustrap*) ;; *) file "$f" && grep -qi proxy "$f" && say apt_proxy "$f" ;; esac
done
for f in "${HF_TOKEN_PATH:-${HF_HOME:-$HOME/.cache/huggingface}/token}" "$HOME/.huggingface/token"; do [ -s "$f" ] && say hf_token "$f"; done

# apt's sources as they were before us, each with its text
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
  "$kept"/original/etc/apt/sources.list "$kept"/original/etc/apt/sources.list.d/*; do
  case $f in "$kept"*) echo "${f#"$kept"/original}" ;; *) [ -s "$f" ] && echo "$f" ;; esac
done | sort -u | head -n 40 | while IFS= read -r f; do
  [ -e "$kept/absent$f" ] && continue
  o=$kept/original$f; file "$o" || o=$f
  file "$o" && [ -s "$o" ] && say apt_source "$(head -c 60000 "$o" | base64 | tr -d '\n') $f"
done
true
