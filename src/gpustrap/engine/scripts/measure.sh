# shellcheck shell=sh
# shellcheck disable=SC2154 # the parameters: candidates, patience (seconds for a client), rate_seconds, rate_bytes, pip
# Each candidate: its small file as the client asks for it, then how fast a part of a large one comes. Needs probe.sh.
# candidates: "ID<TAB>BASE<TAB>SMALL<TAB>LARGE<TAB>AGENT" a line; BASE `upstream` is the client's own default, read here;
# LARGE `page` is the last wheel that the small file, a page of an index, links to.
tell() { printf '%s\t%s\n' "$1" "$2"; }
limited() { in_time "$patience" "$@" </dev/null 2>/dev/null | head -c 10000; }
tell asker "$asker"
tell now "$(date +%s)"
[ "$asker" = none ] && exit 0

upstream() {
  case $1 in
    pip.*) command -v python3 >/dev/null && limited python3 -c "$pip" | head -n 1 ;;
    npm.*) command -v npm >/dev/null && limited env -u npm_config_registry -u NPM_CONFIG_REGISTRY npm config get registry --userconfig=/dev/null --globalconfig=/dev/null | sed 's#/*$##' ;;
  esac
}
large_of() {
  [ "$3" = page ] || { echo "$1$3"; return; }
  link=$(grep -o 'href="[^"#]*\.whl' "$dir/$4.body" | tail -n 1 | cut -d'"' -f2)
  case $link in
    http://* | https://*) echo "$link" ;;
    /*) echo "$(printf '%s' "$1" | cut -d/ -f1-3)$link" ;;
    ?*) echo "$1$2$link" ;;
  esac
}
rate() {
  url=$(large_of "$2" "$3" "$4" "$1")
  case $url in *[!][A-Za-z0-9:/._~%?=\&+@,\;\(\)\'-]* | '') return ;; esac
  # Without -f an error page would be the fastest of all. What was not whole in time tells a rate too.
  told=$(printf 'url = "%s"\n' "$url" | curl -q -g -f -sS -L --max-redirs 5 --proto '=http,https' --max-time "$rate_seconds" \
    -r "0-$rate_bytes" -A "$5" -K - -o /dev/null -w '%{http_code} %{size_download} %{speed_download}' 2>/dev/null)
  case $? in 0 | 28) printf 'rate\t%s\t%s\n' "$1" "$told" ;; esac
}
one() {
  base=$2
  [ "$base" = upstream ] && base=$(upstream "$1")
  [ -n "$base" ] || return
  header=''
  case $1 in github.*) header='Git-Protocol: version=2' ;; esac
  printf '%s\t%s\t%s\n' "$1" "$base$3" "$5" | each=$1 probes
  cat "$dir/$1.line"
  case $asker:$(cut -f 7 "$dir/$1.told"):$4 in curl:20[06]:?*) rate "$1" "$base" "$3" "$4" "$5" ;; esac
}
printf '%s\n' "$candidates" >"$dir/candidates"
while IFS='	' read -r id base small large agent; do
  one "$id" "$base" "$small" "$large" "$agent" >"$dir/$id.out" &
done <"$dir/candidates"
wait
cat "$dir"/*.out
true
