# shellcheck shell=sh
# Prints KEY TAB VALUE lines. Reads only; needs nothing beyond a POSIX shell and coreutils. Few processes: each costs a
# millisecond, and this is asked at every run.
# shellcheck disable=SC2154 # the parameters: accelerators conda_prefixes tools files commands variables settings seconds needed owned wrote measured release workplaces
# shellcheck disable=SC2016 # the dollars in quotes are fields of awk's
# Behind unset.sh.
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
p=$(grep -m 1 "^$user:" /etc/passwd 2>/dev/null || limited getent passwd "$user" 2>/dev/null)
say shell "${p##*:}"
if [ "$(id -u)" = 0 ]; then say root yes
elif command -v sudo >/dev/null; then say sudo "$(limited sudo -n true 2>&1 </dev/null | head -n 1 | cut -c 1-200)"
else say sudo none; fi
# The services of gpustrap's that run, by the mark that each of their processes has.
[ -d /etc/gpustrap/services ] && grep -zhs '^GPUSTRAP_SERVICE=' /proc/[0-9]*/environ | tr '\0' '\n' | sort -u |
  awk -F= '$2 ~ /^[a-z0-9][a-z0-9-]*$/ && length($2) < 32 && ++n <= 100 { print "service\t" $2 }'
# The roles that have written files here, by the record of these.
[ -d "$wrote" ] && grep -rhoE ' [a-z][a-z0-9_]{0,40}$' "$wrote" 2>/dev/null |
  awk '!seen[$1]++ && ++n <= 50 { print "wrote\t" $1 }'
[ -f "$owned" ] && say owner "$(head -c 300 "$owned" 2>/dev/null)"
[ -f "$measured" ] && say measured "$(head -c 60000 "$measured" 2>/dev/null | tr -d '\n\t')"
p=$(getconf GNU_LIBC_VERSION 2>/dev/null)
say glibc "${p#* }"

# Pythons
c=$(command -v conda)
# shellcheck disable=SC2086 # a list of words
for d in "$CONDA_PREFIX" "${c%/*/*}" $conda_prefixes ""; do [ -n "$d" ] && [ -x "$d/bin/conda" ] && { say conda "$d"; break; }; done

# Container, virtual machine or metal; its share of processors, memory and disks
[ -d /run/systemd/system ] && say systemd yes
{ read -r p </proc/1/comm; } 2>/dev/null && say pid1 "$p"
for f in /.dockerenv /run/.containerenv; do [ -e $f ] && say container "$f exists"; done
first() { tr '\0' '\n' 2>/dev/null </proc/1/environ; }
c=$(first 2>/dev/null | sed -n 's/^container=//p'); [ -n "$c" ] && say container "PID 1 was started with container=$c"
grep -qE 'docker|kubepods|containerd|libpod' /proc/1/cgroup 2>/dev/null && say container "the cgroup of PID 1 is a container's"
grep -qE '^(overlay|fuse-overlayfs) / ' /proc/mounts 2>/dev/null && say container "/ is an overlay of image layers"
grep -q '^flags.* hypervisor' /proc/cpuinfo 2>/dev/null && say hypervisor yes
say nproc "$(unset OMP_NUM_THREADS OMP_THREAD_LIMIT; nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
{ read -r p </sys/fs/cgroup/cpu.max; } 2>/dev/null && say cpu_max "$p"
{ read -r p </sys/fs/cgroup/cpu/cpu.cfs_quota_us && read -r n </sys/fs/cgroup/cpu/cpu.cfs_period_us; } 2>/dev/null && say cpu_cfs "$p $n"
{ read -r p </sys/fs/cgroup/memory.max || read -r p </sys/fs/cgroup/memory/memory.limit_in_bytes; } 2>/dev/null && say memory_max "$p"
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
  case $rest in *" 0A "*) say listening "$((0x${local##*:}))" ;; esac
done
for t in $tools; do command -v "$t" >/dev/null && { printf 'tool\t%s ' "$t"; command -v "$t"; }; done
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
    if (name == "BASH_ENV" && match($0, /BASH_ENV=["\047]?\/[^ ;"\047]+/)) reads(substr($0, RSTART + 9, RLENGTH - 9))
    if (name !~ names) return
    printf "set\t%s %d %s\n", name, FNR, FILENAME
    if (/(^|[ \t;&])(readonly|(declare|typeset)[ \t]+-[a-zA-Z]*r[a-zA-Z]*)[ \t]/) printf "fixed\t%s %d %s\n", name, FNR, FILENAME
  }
  function reads(file) {
    gsub(/["\047]/, "", file); sub(/^(~|\$HOME|\$\{HOME\})\//, home "/", file)
    if (file ~ /^\/[^$*?`]+$/) printf "more\t%s\n", file
  }
  # A shell that such an option ends runs no command of ours. What is set in is inside of something; fish means another thing.
  function option(letter, word) {
    sub(/ --( .*)?$/, "")
    if ($0 ~ "^set( .*)? -([a-zA-Z]*" letter "|o " word ")") on[letter] = FNR
    if ($0 ~ "^set( .*)? \\+([a-zA-Z]*" letter "|o " word ")") on[letter] = 0
  }
  function options() { for (letter in on) if (on[letter]) printf "option\t%s %d %s\n", letter, on[letter], file; split("", on) }
  FNR == 1 { options(); file = FILENAME }
  END { options() }
  FNR == 1 { ours = 0; mark = sprintf("%c%c%c", 239, 187, 191); if (index($0, mark) == 1) $0 = substr($0, 4) } FNR > 5000 { next }
  /^# gpustrap .* begin/ { ours = 1 } /^# gpustrap .* end/ { ours = 0; next }
  ours || /^[ \t]*#/ { next }
  # `alias pip=…`, `pip() {…`: a person then runs something else by that name.
  match($0, /^[ \t]*(alias[ \t]+|function[ \t]+)?(pip3?|uv|conda|npm|git|curl|wget|apt|apt-get)[ \t]*(=|\(\)|\{)/) && (/^[ \t]*alias/ || /\(\)/ || /^[ \t]*function/) {
    name = $0; sub(/^[ \t]*(alias|function)?[ \t]*/, "", name); sub(/[^a-z0-9-].*/, "", name)
    printf "renamed\t%s %d %s\n", name, FNR, FILENAME
  }
  /^set / && FILENAME !~ /fish/ { option("e", "errexit"); option("u", "nounset") }
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
  "$HOME/.zshenv" "$HOME/.zprofile" "$HOME/.zshrc" "$HOME/.zlogin" "$HOME/.kshrc" "$HOME/.mkshrc" "$HOME/.shrc" "$HOME/.shinit" "$ENV" "$BASH_ENV" \
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
ours=$(sed -n 's/^export \([A-Za-z_]*\)=.*/\1/p' /etc/profile.d/gpustrap-*.sh 2>/dev/null)
for n in $ours; do say ours "$n"; done
named() { grep -oE "^($settings)=" | tr -d = | sort -u | while read -r n; do say set "$n 0 $1"; done; }
first 2>/dev/null | named pid1
env | named environment | while IFS= read -r v; do
  n=${v#*	}
  case "
$ours
" in *"
${n%% *}
"*) ;; *) printf '%s\n' "$v" ;; esac
done

# The names of the settings in the clients' files: SECTION KEY FILE, "-" for no section.
set --
for f in /etc/pip.conf /etc/xdg/pip/pip.conf "$HOME/.pip/pip.conf" "$HOME/.config/pip/pip.conf" "$config/pip/pip.conf" "$PIP_CONFIG_FILE" "${XDG_CONFIG_DIRS:+${XDG_CONFIG_DIRS%%:*}/pip/pip.conf}" \
  "$VIRTUAL_ENV/pip.conf" "$CONDA_PREFIX/pip.conf" /usr/pip.conf /usr/local/pip.conf /opt/*venv*/pip.conf /venv/*/pip.conf "$d/pip.conf" \
  "$d"/envs/*/pip.conf /workspace/*/pip.conf "$HOME"/*venv*/pip.conf "$HOME"/.venv/pip.conf \
  /etc/npmrc /usr/etc/npmrc /usr/local/etc/npmrc "$HOME/.npmrc" "$NPM_CONFIG_USERCONFIG" \
  /etc/uv/uv.toml "$config/uv/uv.toml" "$HOME/.config/uv/uv.toml" "$UV_CONFIG_FILE" \
  /etc/conda/.condarc /etc/conda/condarc /etc/conda/condarc.d/*.y*ml "$d/.condarc" "$d/condarc" "$config/conda/.condarc" \
  "$HOME/.config/conda/.condarc" "$HOME/.conda/.condarc" "$HOME/.conda/condarc" "$HOME/.condarc" "$CONDA_PREFIX/.condarc" "$CONDARC" "$HOME/.mambarc" "$MAMBARC" \
  /etc/wgetrc "$HOME/.wgetrc" "$HOME/.curlrc" "$HOME/.config/curlrc"; do
  case $f in /*) file "$f" && set -- "$@" "$f" ;; esac
done
# Those of a person's projects, which their clients find before the home's.
for p in $workplaces; do
  case $p in "~"/*) p=$HOME${p#"~"} ;; esac
  [ "$p" = "$HOME" ] || for f in "$p/.npmrc" "$p/uv.toml" "$p/pyproject.toml"; do file "$f" && set -- "$@" "$f" && say project_file "$f"; done
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
# Files of curl, wget and uv count before every variable: which proxy they name stays here, whether it is ours is told by
# the digest. Of several lines of one meaning the last counts. own_proxies CLIENT FILE
own_proxies() {
  file "$2" || return 0
  limited awk -v client="$1" '
    function bare(value) {
      if (value ~ /^["\047]/) { value = substr(value, 2); sub(/["\047].*/, "", value) } else sub(/[ \t].*/, "", value)
      return value
    }
    FNR > 5000 { next }
    FNR == 1 { mark = sprintf("%c%c%c", 239, 187, 191); if (index($0, mark) == 1) $0 = substr($0, 4) }
    { sub(/\r$/, ""); sub(/^[ \t]+/, "") }
    /^#/ || /^$/ { next }
    client == "curl" { # --proxy URL, proxy = URL, -xURL
      key = value = $0
      if (/^-x/) { key = "proxy"; value = substr($0, 3) }
      else { sub(/^-*/, "", key); sub(/[ \t=:].*/, "", key); sub(/^-*[^ \t=:]*/, "", value) }
      sub(/^[ \t]*[=:]?[ \t]*/, "", value)
      value = bare(value)
      if (key ~ /^(proxy|proxy1\.0|socks4a?|socks5|socks5-hostname)$/) {
        by = key; through = value; scheme = key == "socks5-hostname" ? "socks5h" : key
        if (key ~ /^socks/ && value !~ /:\/\//) through = scheme "://" value
      }
      if (key == "preproxy") before = value
      if (key == "noproxy") none = value
      next
    }
    client == "wget" { # the case of letters, - and _ do not count in its keys
      key = tolower(substr($0, 1, index($0, "=") - 1)); gsub(/[-_ \t]/, "", key)
      value = substr($0, index($0, "=") + 1); sub(/^[ \t]+/, "", value); value = bare(value)
      if (key == "httpproxy" || key == "httpsproxy") { sub(/proxy$/, "_proxy", key); told[key] = value }
      if (key == "useproxy") { delete told["use_proxy"]; if (tolower(value) ~ /^(off|no|0)$/) told["use_proxy"] = value }
      next
    }
    /^\[/ { exit }
    match($0, /^https?-proxy[ \t]*=[ \t]*/) { key = $0; sub(/[ \t=].*/, "", key); told[key] = bare(substr($0, RLENGTH + 1)) }
    END {
      if (by != "") told[by] = through
      if (before != "") told["preproxy"] = before
      if (none == "*") told["noproxy"] = none
      for (key in told) print key, told[key]
    }' "$2" | sort | while IFS= read -r v; do say own_proxy "$(printf %s "${v#* }" | sha256sum | cut -c 1-64) ${v%% *} $2"; done
}
for f in /etc/wgetrc "${WGETRC:-$HOME/.wgetrc}"; do own_proxies wget "$f"; done
for f in "${CURL_HOME:-$HOME}/.curlrc" "$config/curlrc" "$HOME/.config/curlrc"; do own_proxies curl "$f"; done
for f in /etc/uv/uv.toml "${UV_CONFIG_FILE:-$config/uv/uv.toml}"; do own_proxies uv "$f"; done
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
# Files that git reads in some folders only, and that speak of a proxy or a mirror there: CONDITION FILE.
if command -v git >/dev/null && grep -qsiE '^[[:space:]]*\[includeif' "${GIT_CONFIG_GLOBAL:-$HOME/.gitconfig}" "$config/git/config" /etc/gitconfig; then
  limited git config --includes --get-regexp '^includeif\..*\.path$' 2>/dev/null | while read -r key f; do
    case $f in [~]/*) f=$HOME/${f#?/} ;; /*) ;; *) f=$HOME/$f ;; esac
    key=${key#includeif.}
    file "$f" && [ -n "$(limited git config --file "$f" --name-only --get-regexp '^(http\.(.*\.)?proxy|url\..*\.insteadof)$' 2>/dev/null)" ] &&
      say git_there "${key%.path} $f"
  done
fi
case $GIT_CONFIG_GLOBAL in /dev/*) ;; /*) file "$GIT_CONFIG_GLOBAL" && say git_global "$GIT_CONFIG_GLOBAL" ;; esac
set --
for f in /etc/apt/apt.conf /etc/apt/apt.conf.d/* "$APT_CONFIG"; do
  case $f in *gpustrap*) ;; *) file "$f" && set -- "$@" "$f" ;; esac
done
p=''
[ $# -gt 0 ] && p=$(grep -lsi proxy -- "$@")
if [ -n "$p" ]; then
  printf '%s\n' "$p" | while IFS= read -r f; do say apt_proxy "$f"; done
  # Their ways to single hosts, which only such a file can have; those in ours are no one else's.
  command -v apt-config >/dev/null && limited apt-config dump 2>/dev/null | sed -n 's/^Acquire::https\{0,1\}::[Pp]roxy::\([A-Za-z0-9.-]*\) .*/\1/p' |
    sort -u | head -n 20 | while IFS= read -r h; do grep -qsF "::Proxy::$h " /etc/apt/apt.conf.d/*gpustrap* || say apt_host "$h"; done
fi
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
