# shellcheck shell=sh
# shellcheck disable=SC2154 # the parameters: candidates, patience (seconds for a client), whole (seconds for all), rate_seconds, rate_bytes, pip, conda_prefixes
# Each candidate: its small file as the client asks for it, then how fast a part of a large one comes. Needs probe.sh.
# candidates: "ID<TAB>HOST<TAB>BASE<TAB>SMALL<TAB>LARGE<TAB>AGENT" a line, HOST being BASE's; BASE `upstream` is the client's own default, read here;
# LARGE `page` is the last wheel that the small file, a page of an index, links to; `-` is none.
tell() { printf '%s\t%s\n' "$1" "$2"; }
limited() { in_time "$patience" "$@" </dev/null 2>/dev/null | head -c 10000; }
tell asker "$asker"
began=$(date +%s)
tell now "$began"
[ "$asker" = none ] && exit 0

upstream() {
  case $1 in
    pip.*) command -v python3 >/dev/null && limited python3 -c "$pip" | head -n 1 ;;
    npm.*) npm_default ;;
  esac
}
# left MOST: so many seconds, or fewer where the whole would take too long; always one.
left() {
  seconds=$((began + whole - $(date +%s)))
  [ "$seconds" -lt "$1" ] || seconds=$1
  [ "$seconds" -ge 1 ] || seconds=1
  echo "$seconds"
}
# large_of BASE SMALL LARGE ID: sets `url`, and `digest` where the page says it.
large_of() {
  url=$1$3 digest=''
  [ "$3" = page ] || return 0
  link=$(grep -o 'href="[^"#]*\.whl[^"]*' "$dir/$4.body" | tail -n 1 | cut -d'"' -f2)
  case $link in *'#sha256='*) digest=${link##*#sha256=} ;; esac
  link=${link%%#*}
  case $link in
    http://* | https://*) url=$link ;;
    /*) url=$(printf '%s' "$1" | cut -d/ -f1-3)$link ;;
    ?*) url=$1$2$link ;;
    *) url='' ;;
  esac
}
# rate ID BASE SMALL LARGE AGENT
rate() {
  large_of "$2" "$3" "$4" "$1"
  resolve=$(known "$2" "$(host_of "$2")" "$addresses")
  case $url in *[!][A-Za-z0-9:/._~%?=\&+@,\;\(\)\'-]* | '') return ;; esac
  # Without -f an error page would be the fastest of all. What was not whole in time tells a rate too.
  told=$({ { printf 'url = "%s"\n%s\n' "$url" "$resolve" | curl -q -g -f -s -L --max-redirs 5 --proto '=http,https' --max-time "$(left "$rate_seconds")" \
    -r "0-$rate_bytes" -A "$5" -K - -o - -w '%{stderr}%{http_code} %{size_download} %{speed_download}' 2>&3
    echo $? >"$dir/$1.ended"; } | sha256sum | cut -c 1-64 >"$dir/$1.sum"; } 3>&1)
  ended=$(cat "$dir/$1.ended")
  case $ended in 0 | 28) printf 'rate\t%s\t%s\n' "$1" "$told" ;; esac
  # A file that came whole has to be the one that the index speaks of.
  [ "$ended" = 0 ] && [ -n "$digest" ] && whole "$told" && [ "$digest" != "$(cat "$dir/$1.sum")" ] && printf 'digest\t%s\twrong\n' "$1"
}
whole() { case $1 in 20[06]\ ?*) rest=${1#* }; [ "${rest%% *}" -le "$rate_bytes" ] ;; *) false ;; esac; }
# based ID BASE: sets `base`.
based() {
  base=$2
  [ "$base" = upstream ] && base=$(upstream "$1")
  [ -n "$base" ]
}
# one ID BASE SMALL LARGE AGENT
one() {
  based "$1" "$2" || return
  header=''
  case $1 in github.*) header='Git-Protocol: version=2' ;; esac
  [ -n "$addresses" ] || proxied "$base" || addresses=$(look "$(host_of "$base")")
  most=$(left "$most")
  printf '%s\t%s\t%s\n' "$1" "$base$3" "$5" | each=$1 probes
  cat "$dir/$1.line"
  [ "$4" = - ] && return
  case $asker:$(cut -f 7 "$dir/$1.told"):$4 in curl:20[06]:?*) rate "$1" "$base" "$3" "$4" "$5" ;; esac
}
# of_host HOST: all that is there, when its name is known.
of_host() {
  [ "$1" = - ] || proxied "$(awk -v host="$1" '$2 == host { print $3; exit }' "$dir/candidates")" || addresses=$(look "$1")
  while IFS='	' read -r id host base small large agent; do
    [ "$host" = "$1" ] || continue
    one "$id" "$base" "$small" "$large" "$agent" >"$dir/$id.out" &
  done <"$dir/candidates"
  wait
}
# at_once: by one Python, for one each would be too much.
at_once() {
  while IFS='	' read -r id _ base small _ agent; do
    based "$id" "$base" && printf '%s\t%s\t%s\n' "$id" "$base$small" "$agent"
  done <"$dir/candidates" | probes
  cat "$dir"/*.line 2>/dev/null
}
# is_used CHANNEL: whether conda's settings on the box name it as one of their channels.
is_used() {
  case ,$CONDA_CHANNELS, in *,"$1",*) return 0 ;; esac
  item="^ *- *['\"]?$1['\"]? *(#.*)?\$" row="^(default_)?channels *: *\[(.*[ ,'\"])?$1[] ,'\"]"
  set -- "$HOME/.condarc" "$HOME/.conda/.condarc" "$HOME/.config/conda/.condarc" /etc/conda/.condarc "$CONDA_PREFIX/.condarc" "$CONDARC"
  for prefix in $conda_prefixes; do set -- "$@" "$prefix/.condarc"; done
  grep -Eqs "$item|$row" "$@" </dev/null
}
# `conda.CHANNEL.NUMBER` is asked where the channel is used.
printf '%s\n' "$candidates" | while IFS= read -r each; do
  channel=${each#conda.}
  case $each in
    conda.[a-z]*) is_used "${channel%%.*}" || continue ;;
  esac
  printf '%s\n' "$each"
done >"$dir/candidates"
[ "$asker" = python3 ] && { at_once; exit 0; }
awk '!seen[$2]++ { print $2 }' "$dir/candidates" >"$dir/hosts"
while IFS= read -r each; do of_host "$each" & done <"$dir/hosts"
wait
cat "$dir"/*.out 2>/dev/null
true
