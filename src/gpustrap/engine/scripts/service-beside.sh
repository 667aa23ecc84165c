# beside: `service` starts beside the one that answers, with the files that stand in its folder and under `identity`, as
# NAME+next on a port of its own; whoever waits for the services lets it take over. `folder`: the services' own folders ·
# `taken`: the ports of all services.
beside() (
  awake || exit
  next=$service+next run=$folder/$service+next/run
  stop "$next"
  rm -rf -- "${folder:?}/${next:?}"
  mkdir -p "$folder/$next"
  taken="$taken $(cat "$folder"/*+next/port 2>/dev/null | tr '\n' ' ')"
  # Below those that the kernel gives to outgoing connections.
  port=20000
  while [ -n "$(listening $port)" ] || case " $taken " in *" $port "*) ;; *) false ;; esac; do port=$((port + 1)); done
  echo "$port" >"$folder/$next/port"
  said=$(start "$next" /bin/sh "$folder/$service/run" "$port" 2>&1) || refuse "tmux did not start a session for $next${said:+: $(echo "$said" | head -n 1)}"
)
