# led PORT TO: the gateway's nginx asks TO in the place of PORT, and all that it asked there has been answered, or has had
# its 30 s. Without TO it asks where `configuration` says. No connection is refused meanwhile. Prints why, where it fails.
# `configuration`: as `up` wrote it · `loaded`: the copy that nginx reads. The pid file tells that a copy is another one.
led() {
  named=$(sed -n "s,^pid $pids/\(.*\)\.pid;,\1,p" "$configuration")${2:++moved}
  (umask 077 && sed "s,^\(pid .*/\)[^/]*;,\1$named.pid;,;s,\(proxy_pass http://127\.0\.0\.1:\)$1\([/;]\),\1${2:-$1}\2," "$configuration" >"$loaded.new")
  told=$(nginx -t -q -c "$loaded.new" 2>&1) || { echo "nginx refuses where it is to lead: $(printf '%s\n' "$told" | head -n 1)"; return 1; }
  running=$(master) running=${running%% *}
  # shellcheck disable=SC2046 # a list of numbers
  set -- $(processes | awk -v master="$running" '$3 == master { print $1 }')
  mv -f -- "$loaded.new" "$loaded"
  kill -HUP "$running" 2>/dev/null || { echo "nginx does not run"; return 1; }
  n=0
  while [ $n -lt 300 ] && any "$@"; do n=$((n + 1)); sleep 0.1; done
  if ! [ -s "$pids/$named.pid" ] || ! leaving "$@"; then
    echo "nginx has not taken where it is to lead: gpustrap svc logs gateway"
    return 1
  fi
}
# leaving PID…: whether these take no new connection: they have ended, or only end what they began.
leaving() {
  for pid; do
    case $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") in 'nginx: worker process '?*'shutting down'* | '') ;; *) return 1 ;; esac
  done
}
