# shellcheck shell=sh
# The survey's other half, behind survey.sh: who else sets what our roles set. Names only: values may be secrets.
# shellcheck disable=SC2154 # the parameters: accelerators variables settings workplaces; survey.sh's: seconds line_end user d
# shellcheck disable=SC2016 # the dollars in quotes are fields of awk's
# A file is read only where it is one: a pipe at ~/.npmrc would hold the reader for ever.
file() { [ -f "$1" ] && [ -r "$1" ]; }
# A provider's script is read, not run; what holds a password does not leave the box.
for f in $accelerators; do
  file "$f" && in_time "$seconds" grep -oE '\<(https?_proxy|no_proxy|SSL_CERT_FILE|REQUESTS_CA_BUNDLE)=[^[:space:];&]+' "$f" |
    awk '!/@/ { print "accelerator\t" $0; if (++n == 10) exit }'
done
kept=/var/lib/gpustrap/kept
config=${XDG_CONFIG_HOME:-$HOME/.config}
for f in .bashrc .bash_profile .bash_login .profile .zshenv .zprofile .zshrc .zlogin .kshrc .mkshrc .shrc .shinit .config/fish/config.fish; do
  [ -f "$HOME/$f" ] && say rc_file "$f"
done
# look_into kind=KIND FILE...: what such files say, a line each, read by one process for all KINDs.
# - shell: every variable that a file of a shell, of PAM, of sshd or of cron gives, outside our own blocks; and which files
#   it reads besides (`more`), for those may give some too.
# - client: the names of its settings, SECTION KEY FILE, "-" for no section.
# - curl, wget, uv: which proxy they name stays here (`proxy`), whether it is ours is told by the digest. Of several lines
#   of one meaning the last counts.
# - trusted: the hosts that pip trusts: on the key's line, and on those below it that are set in.
# - git: whether it reads some files in some folders only. apt: whether it speaks of a proxy, and whether it says that apt has
#   its sources elsewhere, as `Dir::Etc "/opt/apt";` or `SourceParts "/dev/null";` inside of braces.
look_into() {
  in_time "$seconds" awk -v names="^($settings)$" -v home="$HOME" '
  # What prints without end would fill the memory of the box.
  function told(line) { if ((bytes += length(line) + 1) <= 1000000) print line }
  # HF_HUB_OFFLINE=0 keeps nobody from the network.
  function is_no(name, value) { gsub(/["\047,;\r \t]/, "", value); return tolower(name) ~ /offline$/ && tolower(value) ~ /^(0|false|no|off|n|)$/ }
  function found(name) {
    if (name == "PATH" || name == "path") { if ($0 !~ /\$\{?(PATH|path)|\/usr\/local\/bin/) told("set\tPATH " FNR " " FILENAME); return }
    if (name == "BASH_ENV" && match($0, /BASH_ENV=["\047]?\/[^ ;"\047]+/)) reads(substr($0, RSTART + 9, RLENGTH - 9))
    if (name !~ names) return
    told("set\t" name " " FNR " " FILENAME)
    if (/(^|[ \t;&])(readonly|(declare|typeset)[ \t]+-[a-zA-Z]*r[a-zA-Z]*)[ \t]/) told("fixed\t" name " " FNR " " FILENAME)
  }
  function reads(name) {
    gsub(/["\047]/, "", name); sub(/^(~|\$HOME|\$\{HOME\})\//, home "/", name)
    if (name ~ /^\/[^$*?`]+$/) told("more\t" name)
  }
  # A shell that such an option ends runs no command of ours. What is set in is inside of something; fish means another thing.
  function option(letter, word) {
    sub(/ --( .*)?$/, "")
    if ($0 ~ "^set( .*)? -([a-zA-Z]*" letter "|o " word ")") set_at[letter] = FNR
    if ($0 ~ "^set( .*)? \\+([a-zA-Z]*" letter "|o " word ")") set_at[letter] = 0
  }
  function shell() {
    if (/^# gpustrap .* begin/) ours = 1
    if (/^# gpustrap .* end/) { ours = 0; return }
    if (ours || /^[ \t]*#/) return
    # `alias pip=…`, `pip() {…`: a person then runs something else by that name.
    if (match($0, /^[ \t]*(alias[ \t]+|function[ \t]+)?(pip3?|uv|conda|npm|git|curl|wget|apt|apt-get)[ \t]*(=|\(\)|\{)/) && (/^[ \t]*alias/ || /\(\)/ || /^[ \t]*function/)) {
      name = $0; sub(/^[ \t]*(alias|function)?[ \t]*/, "", name); sub(/[^a-z0-9-].*/, "", name)
      told("renamed\t" name " " FNR " " FILENAME)
    }
    if (/^set / && FILENAME !~ /fish/) { option("e", "errexit"); option("u", "nounset") }
    sub(/\r$/, ""); gsub(/\$\{HOME\}/, "$HOME"); n = split($0, words, /[ \t;&|(){}]+/)
    for (i = 1; i <= n; i++) {
      name = words[i]; gsub(/["\047]/, "", name)
      if (name ~ /^[A-Za-z_][A-Za-z0-9_]*\+?=/) { value = name; sub(/^[^=]*=/, "", value); sub(/\+?=.*/, "", name); if (!is_no(name, value)) found(name) }
      else if (name == "." || name == "source") reads(words[i + 1])
      else if (name == "readonly" && words[i + 1] !~ /=/) found(words[i + 1])
      else if (name == "SETUVAR" && /--export/) { for (j = i + 1; j <= n && words[j] ~ /^-/; j++) ; sub(/:.*/, "", words[j]); found(words[j]) }
      else if (name == "set" || name == "setenv") {
        for (j = i + 1; j <= n && words[j] ~ /^-/; j++) ;
        if ((name == "setenv" || words[i + 1] ~ /^-.*[xU]/ || (j > i + 2) || words[j] == "PATH") && !is_no(words[j], words[j + 1])) found(words[j])
      }
    }
  }
  function tell() {
    gsub(/[ \t"]/, "", key); value = $0; sub(/^[^=:]*[=:]/, "", value)
    if (is_no(key, value)) return
    if (key != "" && count++ < 200) told("key\t" (section == "" ? "-" : section) " " key " " FILENAME)
  }
  function twice(what) { if (FILENAME ~ /pip\.conf$/ && seen[section, what]++ == 1) told("key\t- gpustrap-twice:" what " " FILENAME) }
  function client() {
    if (/^[ \t]*[#;]/) return
    if (/^[ \t]*\[/) { section = $0; gsub(/[][ \t\r]/, "", section); twice("[" section "]"); return }
    if (/^[^ \t=:][^=]*=/) { key = $0; sub(/[ \t]*=.*/, "", key); twice(key) }
    if (/^[ \t]*[^ \t=:][^=]*=/) { key = $0; sub(/=.*/, "", key); tell(); return }
    if (/^[ \t]*"[a-z_]+"[ \t]*:/ || /^[{][ \t]*"?[a-z_]+"?[ \t]*:/) sub(/^[ \t{]*/, "")
    if (/^"?[a-z_]+"?[ \t]*:/) { key = $0; sub(/:.*/, "", key); tell() }
  }
  function bare(value) {
    if (value ~ /^["\047]/) { value = substr(value, 2); sub(/["\047].*/, "", value) } else sub(/[ \t].*/, "", value)
    return value
  }
  function curl() { # --proxy URL, proxy = URL, -xURL
    key = value = $0
    if (/^-x/) { key = "proxy"; value = substr($0, 3) }
    else { sub(/^-*/, "", key); sub(/[ \t=:].*/, "", key); sub(/^-*[^ \t=:]*/, "", value) }
    sub(/^[ \t]*[=:]?[ \t]*/, "", value)
    value = bare(value)
    if (key ~ /^(proxy|proxy1\.0|socks4a?|socks5|socks5-hostname)$/) {
      if (by != "") delete proxy[by]
      by = key; scheme = key == "socks5-hostname" ? "socks5h" : key
      proxy[by] = key ~ /^socks/ && value !~ /:\/\// ? scheme "://" value : value
    }
    if (key == "preproxy") { delete proxy[key]; if (value != "") proxy[key] = value }
    if (key == "noproxy") { delete proxy[key]; if (value == "*") proxy[key] = value }
  }
  function wget() { # the case of letters, - and _ do not count in its keys
    key = tolower(substr($0, 1, index($0, "=") - 1)); gsub(/[-_ \t]/, "", key)
    value = substr($0, index($0, "=") + 1); sub(/^[ \t]+/, "", value); value = bare(value)
    if (key == "httpproxy" || key == "httpsproxy") { sub(/proxy$/, "_proxy", key); proxy[key] = value }
    if (key == "useproxy") { delete proxy["use_proxy"]; if (tolower(value) ~ /^(off|no|0)$/) proxy["use_proxy"] = value }
  }
  function uv() {
    if (/^\[/) section = "other"
    if (section == "" && match($0, /^https?-proxy[ \t]*=[ \t]*/)) { key = $0; sub(/[ \t=].*/, "", key); proxy[key] = bare(substr($0, RLENGTH + 1)) }
  }
  function trusted() {
    if (/^trusted[-_]host[ \t]*[=:]/) { on = 1; sub(/^[^=:]*[=:]/, ""); told("trusted_host\t" $0); return }
    if (FNR == 1 || /^[^ \t]/) on = 0
    if (on) told("trusted_host\t" $0)
  }
  function finish() {
    for (letter in set_at) if (set_at[letter]) told("option\t" letter " " set_at[letter] " " file)
    for (i = 1; i <= proxies; i++) if (in_order[i] in proxy) told("proxy\t" in_order[i] " " file "\t" proxy[in_order[i]])
    split("", set_at); split("", proxy); split("", seen)
    ours = on = count = 0; by = section = ""
  }
  BEGIN {
    mark = sprintf("%c%c%c", 239, 187, 191)
    proxies = split("http-proxy http_proxy https-proxy https_proxy noproxy preproxy proxy proxy1.0 socks4 socks4a socks5 socks5-hostname use_proxy", in_order, " ")
  }
  FNR == 1 { finish(); file = FILENAME }
  kind == "apt" {
    $0 = tolower($0)
    if (!on && /proxy/) { on = 1; told("apt_proxy\t" FILENAME) }
    if (!count && !/^[ \t]*(#|\/\/)/ && (/(^|[^a-z])source(list|parts)[ \t]*"/ || /(^|[^a-z])etc[ \t]*"/)) { count = 1; told("apt_moved\t" FILENAME) }
    next
  }
  kind == "git" { if (tolower($0) ~ /^[ \t\r\f\v]*\[includeif/) told("git_if\tyes"); next }
  FNR > 5000 { next }
  kind == "trusted" { trusted(); next }
  FNR == 1 && index($0, mark) == 1 { $0 = substr($0, 4); if (kind == "client") { key = "gpustrap-bom"; tell() } }
  kind == "shell" { shell(); next }
  kind == "client" { client(); next }
  { sub(/\r$/, ""); sub(/^[ \t]+/, "") }
  /^#/ || /^$/ { next }
  kind == "curl" { curl(); next }
  kind == "wget" { wget(); next }
  { uv() }
  END { finish() }' "$@" </dev/null
}
# told_by kind=KIND FILE...: sets `told`. Where one holds the process for ever, each is read alone, until three have. Some
# shells say "Killed" then.
told_by() {
  told=$(look_into "$@" 2>/dev/null) && return
  told='' n=0
  for f; do
    case $f in kind=*) key=$f; continue ;; esac
    told=$told$line_end$(look_into "$key" "$f" 2>/dev/null)
    case $? in 124|137) n=$((n + 1)) ;; esac
    [ "$n" -lt 3 ] || return
  done
}

set -- kind=shell
for f in /etc/environment /etc/security/pam_env.conf /etc/profile /etc/profile.d/*.sh /etc/bash.bashrc \
  /etc/zsh/zshenv /etc/zsh/zprofile /etc/zsh/zshrc /etc/zsh/zlogin /etc/zshenv /etc/zshrc \
  /etc/rp_environment /etc/fish/config.fish /etc/fish/conf.d/*.fish "$HOME"/.config/fish/conf.d/*.fish "$HOME/.config/fish/config.fish" \
  "$HOME/.config/fish/fish_variables" "$HOME/.bashrc" "$HOME/.bash_aliases" "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.profile" \
  "$HOME/.zshenv" "$HOME/.zprofile" "$HOME/.zshrc" "$HOME/.zlogin" "$HOME/.kshrc" "$HOME/.mkshrc" "$HOME/.shrc" "$HOME/.shinit" "$ENV" "$BASH_ENV" \
  "$HOME/.pam_environment" "$HOME/.ssh/environment" /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf \
  /etc/crontab /etc/cron.d/* "/var/spool/cron/crontabs/$user"; do
  case $f in */gpustrap-*|*/zzzz-gpustrap-*) ;; /*) file "$f" && set -- "$@" "$f" ;; esac
done
seen=$line_end
for f; do seen=$seen$f$line_end; done
# The clients' files, whose settings are told by their names
set -- "$@" kind=client
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
# Those of curl, wget and uv that count before every variable. Of pip, the hosts that it trusts.
set -- "$@" kind=wget
for f in /etc/wgetrc "${WGETRC:-$HOME/.wgetrc}"; do file "$f" && set -- "$@" "$f"; done
set -- "$@" kind=curl
for f in "${CURL_HOME:-$HOME}/.curlrc" "$config/curlrc" "$HOME/.config/curlrc"; do file "$f" && set -- "$@" "$f"; done
set -- "$@" kind=uv
for f in /etc/uv/uv.toml "${UV_CONFIG_FILE:-$config/uv/uv.toml}"; do file "$f" && set -- "$@" "$f"; done
set -- "$@" kind=trusted
for f in /etc/pip.conf "$HOME/.pip/pip.conf" "$config/pip/pip.conf"; do file "$f" && set -- "$@" "$f"; done
set -- "$@" kind=git
for f in "${GIT_CONFIG_GLOBAL:-$HOME/.gitconfig}" "$config/git/config" /etc/gitconfig; do file "$f" && set -- "$@" "$f"; done
set -- "$@" kind=apt
for f in /etc/apt/apt.conf /etc/apt/apt.conf.d/* "$APT_CONFIG"; do
  case $f in *gpustrap*) ;; *) file "$f" && set -- "$@" "$f" ;; esac
done
told_by "$@"
git_if='' apt_proxy=''
for depth in 1 2 3; do
  # Those that are read by others, in turn. Those before are not read again: two files may read each other.
  set -- kind=shell
  by_line
  for v in $told; do
    f=${v#*	}
    case $v in
      more*)
        case $f in */gpustrap-*|*/zzzz-gpustrap-*) continue ;; esac
        case $seen in *"$line_end$f$line_end"*) continue ;; esac
        [ $# -lt 21 ] && file "$f" && set -- "$@" "$f" ;;
      proxy*)
        p=$(printf %s "${f#*	}" | sha256sum)
        say own_proxy "${p%% *} ${f%%	*}" ;;
      git_if*) git_if=yes ;;
      *)
        case $v in apt_proxy*) apt_proxy=yes ;; esac
        printf '%s\n' "$v" ;;
    esac
  done
  by_word
  [ $# -gt 1 ] && [ "$depth" -lt 3 ] || break
  for f; do seen=$seen$f$line_end; done
  told_by "$@"
done
case ":$PATH:" in *:/usr/local/bin:*) ;; *) say set "PATH 0 environment" ;; esac

# What the kernel, the environments of PID 1 and of ours, and /etc/passwd tell, read by one process. The variables that we
# set are no one else's, and what we once had to override stays so.
set -- "$user"
for f in /etc/profile.d/gpustrap-*.sh; do file "$f" && set -- "$@" "$f"; done
{ tr '\0' '\n' </proc/1/environ; } 2>/dev/null | awk -v variables="^($variables)$" -v names="^($settings)$" '
  # Into the list, in order, once
  function add(list, line, at, last) {
    for (at = 1; at <= list[0] && (list[at] "") < (line ""); at++) ;
    if (at <= list[0] && (list[at] "") == (line "")) return
    for (last = ++list[0]; last > at; last--) list[last] = list[last - 1]
    list[at] = line
  }
  function given(line, by, name) {
    if (index(line, "=") < 2) return
    name = substr(line, 1, index(line, "=") - 1)
    if (name ~ variables) add(env, line)
    if (name ~ names && !(name ~ /OFFLINE$|offline$/ && tolower(line) ~ /=(0|false|no|off|n|)$/)) add(by, name)
  }
  function decimal(hex, at, sum) {
    for (at = 1; at <= length(hex); at++) sum = sum * 16 + index("0123456789ABCDEF", toupper(substr(hex, at, 1))) - 1
    return sum
  }
  function ports(file) { while ((getline <file) > 0) if ($4 == "0A") { split($2, local, ":"); print "listening\t" decimal(local[2]) } }
  BEGIN {
    env[0] = first[0] = own[0] = 0
    for (i = 2; i < ARGC; i++) while ((getline line <ARGV[i]) > 0) if (match(line, /^export [A-Za-z_]+=/)) {
      name = substr(line, 8, RLENGTH - 8); ours[name] = 1; print "ours\t" name
    }
    for (name in ENVIRON) { split(ENVIRON[name], lines, "\n"); given(name "=" lines[1], own) }
    while (!known && (getline line <"/etc/passwd") > 0) if (index(line, ARGV[1] ":") == 1) { known = 1; sub(/.*:/, "", line); print "shell\t" line }
    while (!cgroup && (getline line <"/proc/1/cgroup") > 0) cgroup = line ~ /docker|kubepods|containerd|libpod/
    while (!overlay && (getline line <"/proc/mounts") > 0) overlay = line ~ /^(overlay|fuse-overlayfs) \/ /
    # Of as many processors as there may be, one tells enough.
    while ((getline line <"/proc/cpuinfo") > 0) if (line ~ /^flags/) { if (line ~ / hypervisor/) print "hypervisor\tyes"; break }
    while ((getline <"/proc/meminfo") > 0) if ($1 == "MemTotal:") { print "memory_total\t" $2; break }
    ports("/proc/net/tcp"); ports("/proc/net/tcp6")
    ARGC = 1
  }
  /^container=./ && container == "" { container = substr($0, 11) }
  { given($0, first) }
  END {
    if (container != "") print "container\tPID 1 was started with container=" container
    if (cgroup) print "container\tthe cgroup of PID 1 is a container\047s"
    if (overlay) print "container\t/ is an overlay of image layers"
    for (i = 1; i <= env[0]; i++) print "env\t" env[i]
    for (i = 1; i <= first[0]; i++) print "set\t" first[i] " 0 pid1"
    for (i = 1; i <= own[0]; i++) if (!(own[i] in ours)) print "set\t" own[i] " 0 environment"
    exit !known
  }' "$@" || { p=$(limited getent passwd "$user" 2>/dev/null); say shell "${p##*:}"; }
case $d in ?*)
  case $d in *forge*|*mamba*) say conda_forge yes ;; *)
    file "$d/.condarc" && grep -q conda-forge "$d/.condarc" && ! grep -qE '^ *- *defaults' "$d/.condarc" && say conda_forge yes ;;
  esac ;;
esac
# Rules of git, each with the file that has it. A token may stand before the @ of a URL; of a proxy only whether there is one.
command -v git >/dev/null && in_time "$seconds" git config --includes --show-origin --get-regexp '^(url\..*\.(push)?insteadof|http\.(.*\.)?proxy)$' 2>/dev/null | awk '
  NR > 5000 { exit }
  { gsub(/\t/, " "); sub(/^[^ ]*\.config\/gpustrap\/git-network .*/, "ours"); sub(/^command line: /, "command-line ") }
  { gsub(/:\/\/[^\/@ ]*@/, "://***@") }
  match($0, /^[^ ]* [^ ]*proxy ./) { $0 = substr($0, 1, RLENGTH - 1) "set" }
  !/\/\.config\/gpustrap\// { print "git_rule\t" $0 }'
# Files that git reads in some folders only, and that speak of a proxy or a mirror there: CONDITION FILE.
if [ -n "$git_if" ] && command -v git >/dev/null; then
  limited git config --includes --get-regexp '^includeif\..*\.path$' 2>/dev/null | while read -r key f; do
    case $f in [~]/*) f=$HOME/${f#?/} ;; /*) ;; *) f=$HOME/$f ;; esac
    key=${key#includeif.}
    file "$f" && [ -n "$(limited git config --file "$f" --name-only --get-regexp '^(http\.(.*\.)?proxy|url\..*\.insteadof)$' 2>/dev/null)" ] &&
      say git_there "${key%.path} $f"
  done
fi
case $GIT_CONFIG_GLOBAL in /dev/*) ;; /*) file "$GIT_CONFIG_GLOBAL" && say git_global "$GIT_CONFIG_GLOBAL" ;; esac
if [ -n "$apt_proxy" ]; then
  # Their ways to single hosts, which only such a file can have; those in ours are no one else's.
  command -v apt-config >/dev/null && limited apt-config dump 2>/dev/null | sed -n 's/^Acquire::https\{0,1\}::[Pp]roxy::\([A-Za-z0-9.-]*\) .*/\1/p' |
    sort -u | head -n 20 | while IFS= read -r h; do grep -qsF "::Proxy::$h " /etc/apt/apt.conf.d/*gpustrap* || say apt_host "$h"; done
fi
for f in "${HF_TOKEN_PATH:-${HF_HOME:-$HOME/.cache/huggingface}/token}" "$HOME/.huggingface/token"; do [ -s "$f" ] && say hf_token "$f"; done

# apt's sources as they were before us, each with its text; the names of those that we replaced and that are gone come in
# among the others.
set -- '' ''
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
  case $f in *.list|*.sources) [ -s "$f" ] && set -- "$1$f$line_end" '' ;; esac
done
for f in "$kept"/original/etc/apt/sources.list "$kept"/original/etc/apt/sources.list.d/*; do
  [ -e "$f" ] || continue
  f=${f#"$kept"/original}
  case $line_end$1 in *"$line_end$f$line_end"*) ;; *) set -- "$1$f$line_end" unsorted ;; esac
done
[ -n "$2" ] && set -- "$(printf %s "$1" | sort -u)"
n=0
by_line
for f in $1; do
  [ "$n" -lt 40 ] || break
  n=$((n + 1))
  [ -e "$kept/absent$f" ] && continue
  o=$kept/original$f; file "$o" || o=$f
  # The lines of base64 are joined: as words, which are printed with nothing between them.
  # shellcheck disable=SC2046
  file "$o" && [ -s "$o" ] && { printf 'apt_source\t'; printf %s $(head -c 60000 "$o" | base64); printf ' %s\n' "$f"; }
done
by_word
true
