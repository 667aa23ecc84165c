# shellcheck shell=sh
# shellcheck disable=SC2154 # the parameters: most (seconds for one probe), naming (seconds for a name before that), routes (the kernel's IPv6 routes), python (the probe for a box without curl), segments (segments.py)
# probe ID URL AGENT [-6]: asks as the client would, and prints one line of fields with tabs between. Exit codes are
# curl's words, whoever asks. A user and password in the URL stand in no argument list. Needs in_time (limited.sh), `npm_default` also `limited`.
set +eCfuvx
unset POSIXLY_CORRECT GREP_OPTIONS
IFS=$(printf ' \t\n_'); IFS=${IFS%_}
export LC_ALL=C
# A resolver that drops one of many questions is asked again in time.
export RES_OPTIONS="$RES_OPTIONS timeout:3 attempts:2"
trap '' XFSZ
# A full disk must not keep the box from saying so: memory first.
dir=''
for each in /dev/shm "${TMPDIR:-/tmp}" /var/tmp /run "$HOME"; do
  dir=$(mktemp -d "$each/gpustrap-probe.XXXXXX" 2>/dev/null) && echo x >"$dir/room" 2>/dev/null && [ -s "$dir/room" ] && break
  [ -n "$dir" ] && rm -rf "$dir"
  dir=''
done
[ -n "$dir" ] || { printf 'no_room\tyes\n'; exit 0; }
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT PIPE TERM

asker=none
for each in wget python3 curl; do command -v "$each" >/dev/null && asker=$each; done
form='%{remote_ip}\t%{time_namelookup}\t%{time_connect}\t%{time_appconnect}\t%{time_starttransfer}\t%{time_total}\t%{http_code}\t%{http_connect}\t%{size_download}\t%{speed_download}\t%{ssl_verify_result}\t%{url_effective}\n'

packed() { head -c "$1" "$2" 2>/dev/null | base64 | tr -d '\n'; }
# With its port; without user and password.
place_of() { printf '%s\n' "$1" | sed -E -e 's#^[a-z]+://##' -e 's#[/?].*##' -e 's#^.*@##'; }
host_of() { place_of "$1" | sed -E -e 's#:[0-9]*$##' -e 's#^\[(.*)\]$#\1#'; }

# What npm asks by its own default. Away from the home, whose .npmrc would count as a project's; npm 11 takes no file twice.
# It keeps a log of each run in its cache.
npm_default() {
  command -v npm >/dev/null || return
  (cd "$dir" && limited env -u npm_config_registry -u NPM_CONFIG_REGISTRY npm config get registry --userconfig="$dir/no.user" --globalconfig="$dir/no.global" --cache="$dir/npm" | sed 's#/*$##')
}

addresses=''
# proxied URL: its name is not looked up here: a proxy does that itself, and without getent it cannot be done beforehand.
proxied() {
  case $1 in http:*) by=$http_proxy ;; *) by=$https_proxy$HTTPS_PROXY ;; esac
  [ -n "$by$all_proxy$ALL_PROXY" ] || ! command -v getent >/dev/null
}
# curl before 7.59 takes one address for a name.
each_name=6
case $(curl --version 2>/dev/null) in 'curl 7.'[0-5][0-9].*) each_name=1 ;; esac
# A box without a way out by IPv6 asks for no such address: half as many questions.
outwards=ahostsv4
[ -r "$routes" ] && awk '$1 ~ /^0+$/ && $2 == "00" && $10 != "lo" { found = 1 } END { exit !found }' "$routes" && outwards=ahosts
# look HOST: its addresses, or `mute` where the resolver says nothing in time.
look() {
  { in_time "$naming" getent $outwards "$1" 2>/dev/null </dev/null; echo "ended $?"; } |
    awk '$1 == "ended" { if ($2 == 124 || $2 == 137) print "mute"; next } !seen[$1]++ && ++n <= 6 { printf "%s ", $1 }'
}
# known URL HOST ADDRESSES: a line of curl's, by which it looks nothing up.
known() {
  [ -n "$3" ] || return
  case $2 in *:*) return ;; esac
  port=$(place_of "$1" | sed -n 's#.*:\([0-9][0-9]*\)$#\1#p')
  case $port:$1 in :https:*) port=443 ;; :*) port=80 ;; esac
  printf 'resolve = "%s:%s:%s"\n' "$2" "$port" "$(printf '%s\n' "$3" | awk -v most=$each_name '{ for (i = 1; i <= NF && i <= most; i++) printf "%s%s", i == 1 ? "" : ",", $i }')"
}

ask_curl() {
  printf 'url = "%s"\n%s\n' "$2" "$resolve" | (
    # What a server sends without end fills nothing: past this size curl cannot write, and says 23.
    ulimit -f 256
    # shellcheck disable=SC2086 # -6 or nothing
    exec curl -q -g -sS -L --max-redirs 5 --proto '=http,https' --connect-timeout "$most" --max-time "$most" \
      -r "${range:-0-65535}" -A "$3" ${header:+-H "$header"} $4 -K - -o "$dir/$1.body" -w "$form" 2>"$dir/$1.error" >"$dir/$1.told"
  )
}

# One process has asked all of them before (`probes`): a Python for each would be too much for a small box.
ask_python3() { return "$(cat "$dir/$1.code" 2>/dev/null || echo 28)"; }

# wget says in words what curl says by a number.
ask_wget() {
  # shellcheck disable=SC2086 # -6 or nothing
  (ulimit -f 256; printf '%s\n' "$2" | in_time "$most" wget $4 -i - -S -T "$most" -t 1 --max-redirect=5 -U "$3" -O "$dir/$1.body" 2>"$dir/$1.error")
  code=$?
  status=$(sed -n 's#^  HTTP/[0-9.]* \([0-9][0-9][0-9]\).*#\1#p' "$dir/$1.error" | tail -n 1)
  printf '\t0\t0\t0\t0\t0\t%s\t0\t%s\t0\t0\t%s\n' "${status:-0}" "$(wc -c <"$dir/$1.body")" "$2" >"$dir/$1.told"
  said=$(cat "$dir/$1.error")
  case $code:$said in
    0:* | 8:*) return 0 ;;
    124:* | 137:* | *'timed out'*) return 28 ;;
    *'unable to resolve'*) return 6 ;;
    *refused*) return 7 ;;
    *certificate*) return 60 ;;
    5:* | *'Unable to establish SSL'*) return 35 ;;
    3:*) return 23 ;;
  esac
  return 56
}

probe() {
  case $2 in *[!][A-Za-z0-9:/._~%?=\&+@,\;\(\)\'-]* | '') return ;; http://* | https://*) ;; *) return ;; esac
  host=$(host_of "$2")
  for kind in told error body names; do : >>"$dir/$1.$kind"; done
  way=direct
  ! proxied "$2" || way=proxy
  case $asker:$way:$4 in
    python3:*) ;;
    # Before the clock of the probe starts: many names at once may take a resolver long.
    *:direct:) [ -n "$addresses" ] || addresses=$(look "$host") ;;
    *) look "$host" | sed 's/mute//' >"$dir/$1.names" & ;;
  esac
  if [ "$addresses" = mute ]; then
    code=28
  else
    [ -z "$addresses" ] || printf '%s' "$addresses" >"$dir/$1.names"
    resolve=$(known "$2" "$host" "$addresses")
    "ask_$asker" "$1" "$2" "$3" "$4"
    code=$?
  fi
  # Refused because of who asks? Asked once more as a browser would.
  browser=0
  case $(cut -f 7 "$dir/$1.told") in
    403) [ $asker = curl ] && browser=$(printf 'url = "%s"\n%s\n' "$2" "$resolve" | curl -q -g -sS -L --max-redirs 5 --max-time 1 -r 0-0 -A 'Mozilla/5.0' -K - -o /dev/null -w '%{http_code}' 2>/dev/null) ;;
  esac
  # Connected, and nothing more? Perhaps only large packets vanish.
  small=''
  case "$code:$(cut -f 7 "$dir/$1.told"):$(cut -f 1 "$dir/$1.told")" in
    28:0*:?*) [ -n "$http_proxy$https_proxy$HTTPS_PROXY$all_proxy$ALL_PROXY" ] || ! command -v python3 >/dev/null || small=$(printf '%s\n' "$2" | in_time 2 python3 -I -c "$segments" 2>/dev/null) ;;
  esac
  wait
  # Of the address where it ended the host alone: the rest of it may be a signature.
  end=$(host_of "$(cut -f 12 "$dir/$1.told")")
  printf 'probe\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$asker" "$code" "$(place_of "$2")" "$(printf '%s' "$2" | cut -d: -f1)" \
    "$(cut -f 1-11 "$dir/$1.told" | head -n 1 | tr '\t' ' ' | sed 's/^ /- /')" "$end $browser $small" "$(cat "$dir/$1.names")" "$(packed 300 "$dir/$1.error")" "$(packed 4096 "$dir/$1.body")"
}

# probes: "ID<TAB>URL<TAB>AGENT" a line on stdin, all at the same time.
probes() {
  sed '/^[A-Za-z0-9._-][A-Za-z0-9._-]*	[^	]*	[^	]*$/!d' >"$dir/$$.${each:-all}.list"
  [ $asker = python3 ] && in_time "$((naming + most + 2))" python3 -I -c "$python" "$most" "$dir" "$naming" <"$dir/$$.${each:-all}.list" 2>/dev/null
  while IFS='	' read -r id url agent; do
    probe "$id" "$url" "$agent" >"$dir/$id.line" &
  done <"$dir/$$.${each:-all}.list"
  wait
}
